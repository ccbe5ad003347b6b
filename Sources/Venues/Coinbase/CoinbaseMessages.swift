import Engine

/// Fields of Coinbase messages, by the name on the wire, of both feeds.
enum CoinbaseField: Int {
    case type, productID, time, changes, bids, asks, tradeID, side, size, price, bestBid, bestAsk
    case bestBidSize, bestAskSize, bestBidQuantity, bestAskQuantity, channel, sequenceNum, events
    case updates, trades, tickers, eventTime, priceLevel, newQuantity, products

    @inline(__always) init?(_ key: Bytes) {
        guard let field = CoinbaseField.field(key) else { return nil }
        self = field
    }

    private static func field(_ key: Bytes) -> CoinbaseField? {
        switch key.count {
        case 4: ByteText.equal(key, "type") ? .type : four(key)
        case 5: five(key)
        case 6: six(key)
        case 7: seven(key)
        case 8: eight(key)
        default: long(key)
        }
    }

    private static func four(_ key: Bytes) -> CoinbaseField? {
        if ByteText.equal(key, "time") { return .time }
        if ByteText.equal(key, "bids") { return .bids }
        if ByteText.equal(key, "asks") { return .asks }
        if ByteText.equal(key, "side") { return .side }
        return ByteText.equal(key, "size") ? .size : nil
    }

    private static func five(_ key: Bytes) -> CoinbaseField? {
        ByteText.equal(key, "price") ? .price : nil
    }

    private static func six(_ key: Bytes) -> CoinbaseField? {
        if ByteText.equal(key, "events") { return .events }
        return ByteText.equal(key, "trades") ? .trades : nil
    }

    private static func seven(_ key: Bytes) -> CoinbaseField? {
        if ByteText.equal(key, "changes") { return .changes }
        if ByteText.equal(key, "channel") { return .channel }
        if ByteText.equal(key, "updates") { return .updates }
        return ByteText.equal(key, "tickers") ? .tickers : nil
    }

    private static func eight(_ key: Bytes) -> CoinbaseField? {
        if ByteText.equal(key, "trade_id") { return .tradeID }
        if ByteText.equal(key, "best_bid") { return .bestBid }
        if ByteText.equal(key, "best_ask") { return .bestAsk }
        return ByteText.equal(key, "products") ? .products : nil
    }

    private static func long(_ key: Bytes) -> CoinbaseField? {
        if ByteText.equal(key, "event_time") { return .eventTime }
        if ByteText.equal(key, "product_id") { return .productID }
        if ByteText.equal(key, "price_level") { return .priceLevel }
        if ByteText.equal(key, "new_quantity") { return .newQuantity }
        if ByteText.equal(key, "sequence_num") { return .sequenceNum }
        if ByteText.equal(key, "best_bid_size") { return .bestBidSize }
        if ByteText.equal(key, "best_ask_size") { return .bestAskSize }
        if ByteText.equal(key, "best_bid_quantity") { return .bestBidQuantity }
        if ByteText.equal(key, "best_ask_quantity") { return .bestAskQuantity }
        return nil
    }
}

/// One object, taken apart: where its fields stand. The object is used again for the next.
final class CoinbaseFields {
    private let spans = SpanTable(count: 26)
    private(set) var values = JSONFields(ByteText.bytes(""))
    /// The scale at which `changes` were read into the buffers where they stood; nil when they
    /// were only skipped.
    private(set) var changesScale: LevelScale?
    /// The book of `changes` that were read.
    private(set) var book: CoinbaseBook?

    /// Forgets the object before; spans refer to `text` from now on.
    func begin(_ text: Bytes) {
        spans.clear()
        values = JSONFields(text)
        changesScale = nil
        book = nil
    }

    subscript(_ field: CoinbaseField) -> JSONSpan {
        @inline(__always) get { spans[field.rawValue] }
        @inline(__always) set { spans[field.rawValue] = newValue }
    }

    func has(_ field: CoinbaseField) -> Bool { self[field].isPresent }
    func word(_ field: CoinbaseField) -> Bytes { values.word(self[field]) }

    /// The time in `field`; `Timestamp.none` where it is absent or before 1970.
    func time(_ field: CoinbaseField) throws(WireError) -> Int64 {
        guard has(field) else { return Timestamp.none }
        guard let text = values.string(self[field]) else { throw .missingField }
        return try RFC3339.nanos(text)
    }

    /// Reads a whole message; levels of `changes` go into the buffers of `context` at once when
    /// their product came before them, which is the order of every real message.
    func read(
        _ scanner: inout JSONScanner, _ books: BookList<CoinbaseBook>, _ context: AdapterContext
    ) throws(WireError) {
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            let field = CoinbaseField(key)
            if field == .changes, scanner.peek() == 0x5b,
                let book = books.find(word(.productID))
            {
                let scale = book.instrument.scale
                let start = scanner.position
                context.bids.clear()
                context.asks.clear()
                try scanner.changes(context.bids, context.asks, scale)
                self[.changes] = JSONSpan(start: start, end: scanner.position)
                changesScale = scale
                self.book = book
                continue
            }
            let span = try scanner.skipValue()
            if let field { self[field] = span }
        }
    }

    /// Reads the object at the scanner's position.
    func read(_ scanner: inout JSONScanner) throws(WireError) {
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            let field = CoinbaseField(key)
            let span = try scanner.skipValue()
            if let field { self[field] = span }
        }
    }
}
