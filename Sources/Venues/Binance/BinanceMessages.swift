import Engine

/// Fields of Binance messages, by the name on the wire. Nothing but names: what they mean stands
/// with the code that uses them.
enum BinanceField: Int {
    case e, upperE, upperT, s, upperU, u, pu, t, a, upperA, b, upperB, p, q, m, upperX, i, r, o, k
    case upperS, ap, z, x, upperM
    case stream, data, lastUpdateId, bids, asks, symbol, result, id, error, code, symbols
    case openInterest, time, generated

    /// The field with this key, if it is one that is read.
    @inline(__always) init?(_ key: Bytes) {
        if key.count == 1 {
            guard let field = BinanceField.short(key[0]) else { return nil }
            self = field
        } else {
            guard let field = BinanceField.long(key) else { return nil }
            self = field
        }
    }

    @inline(__always) private static func short(_ key: UInt8) -> BinanceField? {
        switch key {
        case 0x65: .e
        case 0x45: .upperE
        case 0x54: .upperT
        case 0x73: .s
        case 0x55: .upperU
        case 0x75: .u
        case 0x74: .t
        case 0x61: .a
        case 0x41: .upperA
        case 0x62: .b
        case 0x42: .upperB
        case 0x70: .p
        case 0x71: .q
        case 0x6d: .m
        case 0x58: .upperX
        case 0x69: .i
        case 0x72: .r
        case 0x6f: .o
        case 0x6b: .k
        case 0x53: .upperS
        case 0x7a: .z
        case 0x78: .x
        case 0x4d: .upperM
        default: nil
        }
    }

    private static func long(_ key: Bytes) -> BinanceField? {
        if ByteText.equal(key, "pu") { return .pu }
        if ByteText.equal(key, "stream") { return .stream }
        if ByteText.equal(key, "data") { return .data }
        if ByteText.equal(key, "ap") { return .ap }
        if ByteText.equal(key, "lastUpdateId") { return .lastUpdateId }
        if ByteText.equal(key, "bids") { return .bids }
        if ByteText.equal(key, "asks") { return .asks }
        if ByteText.equal(key, "symbol") { return .symbol }
        if ByteText.equal(key, "result") { return .result }
        if ByteText.equal(key, "id") { return .id }
        if ByteText.equal(key, "error") { return .error }
        if ByteText.equal(key, "code") { return .code }
        if ByteText.equal(key, "symbols") { return .symbols }
        if ByteText.equal(key, "openInterest") { return .openInterest }
        if ByteText.equal(key, "time") { return .time }
        if ByteText.equal(key, "generated") { return .generated }
        return nil
    }

    /// Whether the key belongs to the envelope of a combined stream.
    var isEnvelope: Bool { self == .stream || self == .data || self == .generated }
}

/// One message, taken apart: where its fields stand, and its levels, which were read on the way.
/// The object is used again for the next message.
final class BinanceFields {
    private let spans = SpanTable(count: 40)
    /// The book when its symbol was known before the levels.
    var book: BinanceBook?
    /// The scale at which levels were read, the same for both sides.
    var scale = LevelScale.coarsest
    /// A side was read, so that `scale` stays as it is.
    var hasLevels = false
    /// The payload lies in an envelope.
    var isCombined = false
    /// A field of the payload lies beside the envelope.
    var hasLooseField = false
    /// The text that the spans refer to.
    private(set) var values = JSONFields(ByteText.bytes(""))

    /// Forgets the message before; spans refer to `text` from now on.
    func begin(_ text: Bytes) {
        spans.clear()
        book = nil
        scale = .coarsest
        hasLevels = false
        isCombined = false
        hasLooseField = false
        values = JSONFields(text)
    }

    subscript(_ field: BinanceField) -> JSONSpan {
        @inline(__always) get { spans[field.rawValue] }
        @inline(__always) set { spans[field.rawValue] = newValue }
    }

    func has(_ field: BinanceField) -> Bool { self[field].isPresent }

    func integer(_ field: BinanceField) throws(WireError) -> Int64 {
        try values.integer(self[field])
    }

    func word(_ field: BinanceField) -> Bytes { values.word(self[field]) }

    /// The venue's time in `field`; `Timestamp.none` where it is absent or 0.
    func time(_ field: BinanceField) throws(WireError) -> Int64 {
        has(field) ? try EpochText.nanos(try integer(field)) : Timestamp.none
    }
}

/// Kinds of payload, by `e` or by shape.
enum BinanceKind {
    case depth, snapshot, partialDepth, trade, aggregateTrade, bookTicker, markPrice, liquidation
    case openInterest, instrumentList, answer, refusal, shutdown
    case unused(UnusedReason)
    case unknown
}
