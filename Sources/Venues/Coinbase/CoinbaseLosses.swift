public import Engine

/// Unreadable messages, connections that go away, and subscriptions.
extension CoinbaseAdapter {
    /// A message was unreadable: the book of `symbol`, or every book where the product is not
    /// known, is invalid until its next snapshot.
    public func lose(
        symbol: UnsafeBufferPointer<UInt8>?, _ error: WireError,
        evidence: UnsafeBufferPointer<UInt8>, receivedAt: Int64, into block: inout EventBlock
    ) -> Outcome {
        let outcome = context.reject(error, evidence, receivedAt, &block)
        let validity = AdapterContext.invalidity(error)
        if let symbol {
            guard let book = books.find(symbol) else { return outcome }
            invalidate(book, validity, receivedAt, &block)
        } else {
            invalidateAll(validity, receivedAt, &block)
        }
        return outcome
    }

    /// Every live book of the connection is invalid from here on.
    func invalidateAll(
        _ validity: BookValidity, _ receivedAt: Int64, _ block: inout EventBlock
    ) {
        for book in books.all { invalidate(book, validity, receivedAt, &block) }
    }

    private func invalidate(
        _ book: CoinbaseBook, _ validity: BookValidity, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) {
        guard book.isLive, let instrument = book.instrument.definedID else { return }
        book.end()
        context.status(context.key(instrument), validity, receivedAt, &block)
        context.ask(.reconnect(afterNanos: 0))
    }

    /// The fold found the book impossible: its snapshot comes with a new connection only.
    public func resync(
        symbol: UnsafeBufferPointer<UInt8>, receivedAt: Int64, into block: inout EventBlock
    ) {
        guard let book = books.find(symbol), book.isLive else { return }
        book.end()
        context.ask(.reconnect(afterNanos: 0))
    }

    /// The connection changed its state. When it goes down, every book of it is thrown away.
    public func connectionChanged(
        _ state: ConnectionState, receivedAt: Int64, into block: inout EventBlock
    ) {
        context.status(state, receivedAt, &block)
        guard state == .down else { return }
        lastSequence = -1
        for book in books.all {
            book.end()
            book.tradeIDs.reset()
            if let instrument = book.instrument.definedID {
                context.status(context.key(instrument), .empty, receivedAt, &block)
            }
        }
    }

    /// Subscriptions for everything that is recorded of these products: one message on the
    /// Exchange feed, one a channel on Advanced Trade.
    public func subscriptions(symbols: [[UInt8]]) -> [[UInt8]] {
        var products: [UInt8] = []
        for symbol in symbols {
            if !products.isEmpty { products.append(0x2c) }
            products += [0x22] + symbol + [0x22]
        }
        let head = ByteText.array("{\"type\":\"subscribe\",\"product_ids\":[") + products
        if feed == .exchange {
            return [
                head
                    + ByteText.array(
                        "],\"channels\":[\"level2_batch\",\"matches\",\"ticker\",\"heartbeat\"]}")
            ]
        }
        let channels: [StaticString] = ["level2", "market_trades", "ticker", "heartbeats"]
        return channels.map {
            head + ByteText.array("],\"channel\":\"") + ByteText.array($0) + [0x22, 0x7d]
        }
    }
}
