import Engine

/// Fields of OKX messages, by the name on the wire. Nothing but names: what they mean stands with
/// the code that uses them.
enum OKXField: Int {
    case arg, channel, instID, instType, action, event, code, data, asks, bids, ts, checksum
    case seqID, prevSeqID, tradeID, px, sz, side, details, bkPx, fundingRate, fundingTime, oi
    case markPx, idxPx, askPx, askSz, bidPx, bidSz

    /// The field with this key, if it is one that is read.
    @inline(__always) init?(_ key: Bytes) {
        guard let field = OKXField.field(key) else { return nil }
        self = field
    }

    private static func field(_ key: Bytes) -> OKXField? {
        switch key.count {
        case 2: two(key)
        case 3: ByteText.equal(key, "arg") ? .arg : nil
        case 4: four(key)
        case 5: five(key)
        case 6: six(key)
        case 7: seven(key)
        case 8:
            ByteText.equal(key, "checksum")
                ? .checksum : ByteText.equal(key, "instType") ? .instType : nil
        case 9: ByteText.equal(key, "prevSeqId") ? .prevSeqID : nil
        case 11:
            ByteText.equal(key, "fundingRate")
                ? .fundingRate : ByteText.equal(key, "fundingTime") ? .fundingTime : nil
        default: nil
        }
    }

    private static func two(_ key: Bytes) -> OKXField? {
        if ByteText.equal(key, "ts") { return .ts }
        if ByteText.equal(key, "px") { return .px }
        if ByteText.equal(key, "sz") { return .sz }
        return ByteText.equal(key, "oi") ? .oi : nil
    }

    private static func four(_ key: Bytes) -> OKXField? {
        if ByteText.equal(key, "data") { return .data }
        if ByteText.equal(key, "asks") { return .asks }
        if ByteText.equal(key, "bids") { return .bids }
        if ByteText.equal(key, "side") { return .side }
        if ByteText.equal(key, "code") { return .code }
        return ByteText.equal(key, "bkPx") ? .bkPx : nil
    }

    private static func five(_ key: Bytes) -> OKXField? {
        if ByteText.equal(key, "seqId") { return .seqID }
        if ByteText.equal(key, "event") { return .event }
        if ByteText.equal(key, "askPx") { return .askPx }
        if ByteText.equal(key, "askSz") { return .askSz }
        if ByteText.equal(key, "bidPx") { return .bidPx }
        if ByteText.equal(key, "bidSz") { return .bidSz }
        return ByteText.equal(key, "idxPx") ? .idxPx : nil
    }

    private static func six(_ key: Bytes) -> OKXField? {
        if ByteText.equal(key, "instId") { return .instID }
        if ByteText.equal(key, "action") { return .action }
        return ByteText.equal(key, "markPx") ? .markPx : nil
    }

    private static func seven(_ key: Bytes) -> OKXField? {
        if ByteText.equal(key, "channel") { return .channel }
        if ByteText.equal(key, "tradeId") { return .tradeID }
        return ByteText.equal(key, "details") ? .details : nil
    }
}

/// One object, taken apart: where its fields stand. The object is used again for the next.
final class OKXFields {
    private let spans = SpanTable(count: 29)
    private(set) var values = JSONFields(ByteText.bytes(""))

    /// Forgets the object before; spans refer to `text` from now on.
    func begin(_ text: Bytes) {
        spans.clear()
        values = JSONFields(text)
    }

    subscript(_ field: OKXField) -> JSONSpan {
        @inline(__always) get { spans[field.rawValue] }
        @inline(__always) set { spans[field.rawValue] = newValue }
    }

    func has(_ field: OKXField) -> Bool { self[field].isPresent }
    func word(_ field: OKXField) -> Bytes { values.word(self[field]) }

    /// Whether a value stands there that is neither null nor an empty string.
    func hasValue(_ field: OKXField) -> Bool { values.mayBeNumber(self[field]) }

    /// The time in `field`, ms; `Timestamp.none` where it is absent or empty.
    func time(_ field: OKXField) throws(WireError) -> Int64 {
        guard hasValue(field) else { return Timestamp.none }
        return try EpochText.nanos(try values.integer(self[field]))
    }

    /// A whole number that is not negative; −1 where it is absent.
    func count(_ field: OKXField) throws(WireError) -> Int64 {
        guard has(field) else { return -1 }
        let value = try values.integer(self[field])
        guard value >= 0 else { throw .outOfRange }
        return value
    }

    /// Reads the object at the scanner's position.
    func read(_ scanner: inout JSONScanner) throws(WireError) {
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            let field = OKXField(key)
            let span = try scanner.skipValue()
            if let field { self[field] = span }
        }
    }
}
