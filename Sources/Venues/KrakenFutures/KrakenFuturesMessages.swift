import Engine

/// Fields of Kraken Futures' messages, by the name on the wire.
enum KrakenFuturesField: Int {
    case feed, event, productID, productIDs, side, seq, price, qty, timestamp, time, bids, asks
    case type, trades, bid, ask, bidSize, askSize, index, markPrice, openInterest
    case fundingRate, nextFundingTime

    @inline(__always) init?(_ key: Bytes) {
        guard
            let field = key.count < 6
                ? KrakenFuturesField.short(key) : KrakenFuturesField.long(key)
        else { return nil }
        self = field
    }

    private static func short(_ key: Bytes) -> KrakenFuturesField? {
        if ByteText.equal(key, "feed") { return .feed }
        if ByteText.equal(key, "side") { return .side }
        if ByteText.equal(key, "seq") { return .seq }
        if ByteText.equal(key, "price") { return .price }
        if ByteText.equal(key, "qty") { return .qty }
        if ByteText.equal(key, "time") { return .time }
        if ByteText.equal(key, "type") { return .type }
        if ByteText.equal(key, "bids") { return .bids }
        if ByteText.equal(key, "asks") { return .asks }
        if ByteText.equal(key, "bid") { return .bid }
        if ByteText.equal(key, "ask") { return .ask }
        if ByteText.equal(key, "index") { return .index }
        return ByteText.equal(key, "event") ? .event : nil
    }

    private static func long(_ key: Bytes) -> KrakenFuturesField? {
        if ByteText.equal(key, "product_id") { return .productID }
        if ByteText.equal(key, "timestamp") { return .timestamp }
        if ByteText.equal(key, "product_ids") { return .productIDs }
        if ByteText.equal(key, "trades") { return .trades }
        if ByteText.equal(key, "bid_size") { return .bidSize }
        if ByteText.equal(key, "ask_size") { return .askSize }
        if ByteText.equal(key, "markPrice") { return .markPrice }
        if ByteText.equal(key, "openInterest") { return .openInterest }
        if ByteText.equal(key, "relative_funding_rate") { return .fundingRate }
        return ByteText.equal(key, "next_funding_rate_time") ? .nextFundingTime : nil
    }
}

/// One object, taken apart: where its fields stand. The object is used again for the next.
final class KrakenFuturesFields {
    private let spans = SpanTable(count: 23)
    private(set) var values = JSONFields(ByteText.bytes(""))

    /// Forgets the object before; spans refer to `text` from now on.
    func begin(_ text: Bytes) {
        spans.clear()
        values = JSONFields(text)
    }

    subscript(_ field: KrakenFuturesField) -> JSONSpan {
        @inline(__always) get { spans[field.rawValue] }
        @inline(__always) set { spans[field.rawValue] = newValue }
    }

    func has(_ field: KrakenFuturesField) -> Bool { self[field].isPresent }
    func word(_ field: KrakenFuturesField) -> Bytes { values.word(self[field]) }
    func product() throws(WireError) -> Bytes { try values.symbol(self[.productID]) }

    func integer(_ field: KrakenFuturesField) throws(WireError) -> Int64 {
        try values.integer(self[field])
    }

    /// A number that may be missing or null.
    func decimal(ifThere field: KrakenFuturesField) throws(WireError) -> Decimal? {
        values.mayBeNumber(self[field]) ? try values.decimal(self[field]) : nil
    }

    /// The time in `field`, in ms; `Timestamp.none` where it is absent or 0.
    func time(_ field: KrakenFuturesField) throws(WireError) -> Int64 {
        values.mayBeNumber(self[field]) ? try EpochText.nanos(try integer(field)) : Timestamp.none
    }

    /// Reads the object at the scanner's position.
    func read(_ scanner: inout JSONScanner) throws(WireError) {
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            let field = KrakenFuturesField(key)
            let span = try scanner.skipValue()
            if let field { self[field] = span }
        }
    }
}
