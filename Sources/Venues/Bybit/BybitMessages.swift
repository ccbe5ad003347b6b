import Engine

/// Fields of Bybit messages, by the name on the wire. Nothing but names: what they mean stands
/// with the code that uses them.
enum BybitField: Int {
    // The envelope.
    case topic, type, ts, cts, data, op, success, returnMessage
    // Books, trades and liquidations.
    case s, b, a, u, seq, upperT, upperS, v, p, i, blockTrade
    // Tickers, and liquidations of the older topic.
    case symbol, side, size, price, updatedTime, markPrice, indexPrice, fundingRate
    case nextFundingTime, openInterest, singleOpenInterest, bid1Price, bid1Size, ask1Price
    case ask1Size, failTopics

    static var count: Int { BybitField.failTopics.rawValue + 1 }

    /// The field of the envelope with this key, if it is one that is read.
    init?(envelope key: Bytes) {
        switch key.count {
        case 2 where ByteText.equal(key, "ts"): self = .ts
        case 2 where ByteText.equal(key, "op"): self = .op
        case 3 where ByteText.equal(key, "cts"): self = .cts
        case 4 where ByteText.equal(key, "data"): self = .data
        case 4 where ByteText.equal(key, "type"): self = .type
        case 5 where ByteText.equal(key, "topic"): self = .topic
        case 7 where ByteText.equal(key, "success"): self = .success
        case 7 where ByteText.equal(key, "ret_msg"): self = .returnMessage
        default: return nil
        }
    }

    /// The field of `data`, or of an element of it, with this key.
    @inline(__always) init?(data key: Bytes) {
        guard let field = key.count == 1 ? BybitField.short(key[0]) : BybitField.long(key) else {
            return nil
        }
        self = field
    }

    @inline(__always) private static func short(_ key: UInt8) -> BybitField? {
        switch key {
        case 0x73: .s
        case 0x62: .b
        case 0x61: .a
        case 0x75: .u
        case 0x54: .upperT
        case 0x53: .upperS
        case 0x76: .v
        case 0x70: .p
        case 0x69: .i
        default: nil
        }
    }

    private static func long(_ key: Bytes) -> BybitField? {
        switch key.count {
        case 2: ByteText.equal(key, "BT") ? .blockTrade : nil
        case 3: ByteText.equal(key, "seq") ? .seq : nil
        case 4: four(key)
        case 5: ByteText.equal(key, "price") ? .price : nil
        case 6: ByteText.equal(key, "symbol") ? .symbol : nil
        case 8: eight(key)
        case 9: nine(key)
        default: longer(key)
        }
    }

    private static func four(_ key: Bytes) -> BybitField? {
        if ByteText.equal(key, "side") { return .side }
        return ByteText.equal(key, "size") ? .size : nil
    }

    private static func eight(_ key: Bytes) -> BybitField? {
        if ByteText.equal(key, "bid1Size") { return .bid1Size }
        return ByteText.equal(key, "ask1Size") ? .ask1Size : nil
    }

    private static func nine(_ key: Bytes) -> BybitField? {
        if ByteText.equal(key, "bid1Price") { return .bid1Price }
        if ByteText.equal(key, "ask1Price") { return .ask1Price }
        return ByteText.equal(key, "markPrice") ? .markPrice : nil
    }

    private static func longer(_ key: Bytes) -> BybitField? {
        if ByteText.equal(key, "indexPrice") { return .indexPrice }
        if ByteText.equal(key, "openInterest") { return .openInterest }
        if ByteText.equal(key, "singleOpenInterest") { return .singleOpenInterest }
        if ByteText.equal(key, "fundingRate") { return .fundingRate }
        if ByteText.equal(key, "nextFundingTime") { return .nextFundingTime }
        if ByteText.equal(key, "updatedTime") { return .updatedTime }
        return ByteText.equal(key, "failTopics") ? .failTopics : nil
    }
}

/// One message or one element of it, taken apart: where its fields stand. The object is used again
/// for the next.
final class BybitFields {
    private let spans = SpanTable(count: BybitField.count)
    private(set) var values = JSONFields(ByteText.bytes(""))
    /// What the message is about.
    var topic = BybitTopic.none
    /// The book of the topic, where it was known before the levels.
    var book: StreamBook?
    /// The scale at which levels were read, the same for both sides.
    var scale = LevelScale.coarsest

    /// Forgets the message before; spans refer to `text` from now on.
    func begin(_ text: Bytes) {
        spans.clear()
        topic = .none
        book = nil
        scale = .coarsest
        values = JSONFields(text)
    }

    subscript(_ field: BybitField) -> JSONSpan {
        @inline(__always) get { spans[field.rawValue] }
        @inline(__always) set { spans[field.rawValue] = newValue }
    }

    func has(_ field: BybitField) -> Bool { self[field].isPresent }
    func word(_ field: BybitField) -> Bytes { values.word(self[field]) }
    func integer(_ field: BybitField) throws(WireError) -> Int64 {
        try values.integer(self[field])
    }

    /// The venue's time in `field`, in ms; `Timestamp.none` where it is absent, empty or 0.
    func time(_ field: BybitField) throws(WireError) -> Int64 {
        values.mayBeNumber(self[field])
            ? try EpochText.nanos(try integer(field)) : Timestamp.none
    }

    /// A decimal that is not negative; nil where it is absent or empty.
    func amount(_ field: BybitField) throws(WireError) -> Decimal? {
        guard values.mayBeNumber(self[field]) else { return nil }
        let value = try values.decimal(self[field])
        guard value.mantissa >= 0 else { throw .outOfRange }
        return value
    }

    /// Whether a subscription to options names topics that it refuses.
    var hasFailedTopics: Bool {
        guard values.isArray(self[.failTopics]) else { return false }
        return values.raw(self[.failTopics]).dropFirst().first { $0 > 0x20 } != 0x5d
    }
}
