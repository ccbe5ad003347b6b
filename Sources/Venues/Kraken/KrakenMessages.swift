import Engine

/// Fields of Kraken's spot messages, by the name on the wire, of both protocols.
enum KrakenField: Int {
    // v2
    case channel, type, data, method, result, success, error, symbol, bids, asks, checksum
    case timestamp, side, price, qty, tradeID, bid, bidQty, ask, askQty, depth
    // v1
    case event, pair, status, channelName, a, b, c, allAsks, allBids

    @inline(__always) init?(_ key: Bytes) {
        guard let field = key.count < 6 ? KrakenField.short(key) : KrakenField.long(key) else {
            return nil
        }
        self = field
    }

    private static func short(_ key: Bytes) -> KrakenField? {
        if ByteText.equal(key, "bids") { return .bids }
        if ByteText.equal(key, "asks") { return .asks }
        if ByteText.equal(key, "type") { return .type }
        if ByteText.equal(key, "data") { return .data }
        if ByteText.equal(key, "a") { return .a }
        if ByteText.equal(key, "b") { return .b }
        if ByteText.equal(key, "c") { return .c }
        if ByteText.equal(key, "as") { return .allAsks }
        if ByteText.equal(key, "bs") { return .allBids }
        if ByteText.equal(key, "side") { return .side }
        if ByteText.equal(key, "price") { return .price }
        if ByteText.equal(key, "qty") { return .qty }
        if ByteText.equal(key, "bid") { return .bid }
        if ByteText.equal(key, "ask") { return .ask }
        if ByteText.equal(key, "depth") { return .depth }
        if ByteText.equal(key, "error") { return .error }
        if ByteText.equal(key, "event") { return .event }
        return ByteText.equal(key, "pair") ? .pair : nil
    }

    private static func long(_ key: Bytes) -> KrakenField? {
        if ByteText.equal(key, "symbol") { return .symbol }
        if ByteText.equal(key, "channel") { return .channel }
        if ByteText.equal(key, "checksum") { return .checksum }
        if ByteText.equal(key, "timestamp") { return .timestamp }
        if ByteText.equal(key, "trade_id") { return .tradeID }
        if ByteText.equal(key, "method") { return .method }
        if ByteText.equal(key, "result") { return .result }
        if ByteText.equal(key, "success") { return .success }
        if ByteText.equal(key, "bid_qty") { return .bidQty }
        if ByteText.equal(key, "ask_qty") { return .askQty }
        if ByteText.equal(key, "status") { return .status }
        return ByteText.equal(key, "channelName") ? .channelName : nil
    }
}

/// One object, taken apart: where its fields stand. The object is used again for the next.
final class KrakenFields {
    private let spans = SpanTable(count: 30)
    private(set) var values = JSONFields(ByteText.bytes(""))
    /// Elements of `data` where they were taken apart on the way; 0 where `data` was skipped.
    var entries = 0
    /// A side was come upon, so that `levelsScale` stays as it is.
    var hasLevels = false
    /// The scale at which both sides were read where they stand; nil where they were skipped.
    var levelsScale: LevelScale?
    /// The book when its symbol was known before the levels.
    var book: KrakenBook?

    /// Forgets the object before; spans refer to `text` from now on.
    func begin(_ text: Bytes) {
        spans.clear()
        values = JSONFields(text)
        entries = 0
        hasLevels = false
        levelsScale = nil
        book = nil
    }

    subscript(_ field: KrakenField) -> JSONSpan {
        @inline(__always) get { spans[field.rawValue] }
        @inline(__always) set { spans[field.rawValue] = newValue }
    }

    func has(_ field: KrakenField) -> Bool { self[field].isPresent }
    func word(_ field: KrakenField) -> Bytes { values.word(self[field]) }
    func symbol(_ field: KrakenField) throws(WireError) -> Bytes { try values.symbol(self[field]) }

    /// The time in `timestamp`; `Timestamp.none` where it is absent or before 1970.
    func time() throws(WireError) -> Int64 {
        guard has(.timestamp) else { return Timestamp.none }
        guard let text = values.string(self[.timestamp]) else { throw .missingField }
        return try RFC3339.nanos(text)
    }

    /// A checksum: a whole number of 32 bits, bare (v2) or in quotes (v1).
    func checksum(_ field: KrakenField) throws(WireError) -> UInt32 {
        guard let sum = UInt32(exactly: try values.integer(self[field])) else { throw .outOfRange }
        return sum
    }

    /// Reads the object at the scanner's position.
    func read(_ scanner: inout JSONScanner) throws(WireError) {
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            let field = KrakenField(key)
            let span = try scanner.skipValue()
            if let field { self[field] = span }
        }
    }
}
