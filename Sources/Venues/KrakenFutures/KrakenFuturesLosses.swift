public import Engine

/// Events, unreadable messages, connections that go away, and subscriptions: rules 3 and 4 of
/// `KrakenFuturesAdapter`.
extension KrakenFuturesAdapter {
    func receiveEvent(
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let event = fields.word(.event)
        if ByteText.equal(event, "subscribed") { return .unused(.subscriptionAnswer) }
        if ByteText.equal(event, "unsubscribed") {
            if ByteText.equal(fields.word(.feed), "book") { try endAll(receivedAt, &block) }
            return .unused(.subscriptionAnswer)
        }
        if ByteText.equal(event, "info") { return .unused(.notRecorded) }
        let refusals: [StaticString] = [
            "error", "alert", "subscribed_failed", "unsubscribed_failed",
        ]
        guard refusals.contains(where: { ByteText.equal(event, $0) }) else {
            throw .unknownMessage
        }
        return .unused(.errorAnswer)
    }

    /// The subscriptions of these books ended as they were asked to.
    private func endAll(_ receivedAt: Int64, _ block: inout EventBlock) throws(WireError) {
        guard fields.values.isArray(fields[.productIDs]) else { throw .missingField }
        var scanner = JSONScanner(fields.values.raw(fields[.productIDs]))
        let values = JSONFields(scanner.text)
        var isFirst = true
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            let product = try values.symbol(try scanner.skipValue())
            guard let book = streams.find(product), book.isLive else { continue }
            book.end()
            if let instrument = book.instrument.definedID {
                context.status(context.key(instrument), .empty, receivedAt, &block)
            }
        }
    }

    /// Rejects a message, and the books that it may have changed are invalid.
    func lose(
        _ error: WireError, _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        if error.isOfNoBook || isHarmless {
            return context.reject(error, message, receivedAt, &block)
        }
        return streams.lose(
            symbol: try? fields.product(), error, evidence: message, receivedAt, &block)
    }

    /// Whether the message cannot have changed a book: its kind was read and is another.
    private var isHarmless: Bool {
        if fields.has(.event) { return true }
        let feed = fields.word(.feed)
        return !feed.isEmpty && !ByteText.equal(feed, "book")
            && !ByteText.equal(feed, "book_snapshot")
    }

    /// A message for `symbol` was unreadable before it came here.
    public func lose(
        symbol: UnsafeBufferPointer<UInt8>?, _ error: WireError,
        evidence: UnsafeBufferPointer<UInt8>, receivedAt: Int64, into block: inout EventBlock
    ) -> Outcome {
        streams.lose(symbol: symbol, error, evidence: evidence, receivedAt, &block)
    }

    /// The fold found the book impossible: it is subscribed anew.
    public func resync(
        symbol: UnsafeBufferPointer<UInt8>, receivedAt: Int64, into block: inout EventBlock
    ) {
        streams.resync(symbol)
    }

    /// The connection changed its state. When it goes down, every book of it is thrown away.
    public func connectionChanged(
        _ state: ConnectionState, receivedAt: Int64, into block: inout EventBlock
    ) {
        streams.connectionChanged(state, receivedAt, &block)
    }

    /// One subscription a feed.
    public func subscriptions(symbols: [[UInt8]]) -> [[UInt8]] {
        let feeds: [StaticString] = ["book", "trade", "ticker"]
        return feeds.map { KrakenFuturesAdapter.request("subscribe", $0, symbols) }
    }

    /// Messages that end and begin the subscription of one book.
    static func resubscription(_ product: [UInt8]) -> [[UInt8]] {
        let words: [StaticString] = ["unsubscribe", "subscribe"]
        return words.map { request($0, "book", [product]) }
    }

    /// `{"event":"subscribe","feed":"book","product_ids":["PI_XBTUSD"]}`
    private static func request(
        _ event: StaticString, _ feed: StaticString, _ products: [[UInt8]]
    ) -> [UInt8] {
        var text = ByteText.array("{\"event\":\"") + ByteText.array(event)
        text += ByteText.array("\",\"feed\":\"") + ByteText.array(feed)
        text += ByteText.array("\",\"product_ids\":[")
        for (index, product) in products.enumerated() {
            if index > 0 { text.append(0x2c) }
            text += [0x22] + product + [0x22]
        }
        return text + [0x5d, 0x7d]
    }
}
