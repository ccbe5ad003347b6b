public import Engine

/// What happens when a message is unreadable, a connection goes away, or a snapshot is wanted.
extension BinanceAdapter {
    /// Rejects a message; inside a book's sequence the book is invalid from here on (V.14). Where
    /// the symbol itself is unreadable, the next delta of the book shows the gap. An answer to a
    /// request is no part of a sequence.
    func lose(
        _ fields: BinanceFields, _ origin: MessageOrigin, _ error: WireError, _ message: Bytes,
        _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        if case .rest(let url) = origin {
            loseAnswer(url, error)
            return context.reject(error, message, receivedAt, &block)
        }
        if fields.mayBeDepth, fields.values.isString(fields[.s]),
            let symbol = try? fields.values.symbol(fields[.s])
        {
            return lose(
                symbol: symbol, error, evidence: message, receivedAt: receivedAt, into: &block)
        }
        return context.reject(error, message, receivedAt, &block)
    }

    /// Asks again for a snapshot that was unreadable and that its book waits for: once for each
    /// such answer, so that there are never more requests on the way than there were. One of an
    /// instrument that cannot be defined would fail again.
    private func loseAnswer(_ url: Bytes, _ error: WireError) {
        guard error != .undefinable, ByteText.find("/depth?", in: url) != nil,
            let symbol = QueryText.value("symbol", in: url)
        else { return }
        let book = symbol.map(ByteText.upper).withUnsafeBufferPointer { books.find($0) }
        if let book, book.state == .buffering { askForSnapshot(book) }
    }

    /// A message for `symbol` was unreadable before it came here.
    public func lose(
        symbol: UnsafeBufferPointer<UInt8>?, _ error: WireError,
        evidence: UnsafeBufferPointer<UInt8>, receivedAt: Int64, into block: inout EventBlock
    ) -> Outcome {
        let outcome = context.reject(error, evidence, receivedAt, &block)
        guard let symbol, let book = books.find(symbol), book.state != .idle
        else { return outcome }
        // Defining fails only beyond the count of instruments, and then no book is known either.
        try? startAgain(book, AdapterContext.invalidity(error), receivedAt, &block)
        return outcome
    }

    /// The fold found the book impossible: another snapshot is asked for with the next delta.
    public func resync(
        symbol: UnsafeBufferPointer<UInt8>, receivedAt: Int64, into block: inout EventBlock
    ) {
        guard let book = books.find(symbol), book.state != .idle else { return }
        book.reset()
        guard let instrument = book.instrument.definedID else { return }
        context.status(context.key(instrument), .empty, receivedAt, &block)
    }

    /// The connection changed its state. When it goes down, every book of it is thrown away.
    public func connectionChanged(
        _ state: ConnectionState, receivedAt: Int64, into block: inout EventBlock
    ) {
        context.status(state, receivedAt, &block)
        guard state == .down else { return }
        for book in books.all {
            book.tradeIDs.reset()
            if book.state == .idle { continue }
            book.reset()
            if let instrument = book.instrument.definedID {
                context.status(context.key(instrument), .empty, receivedAt, &block)
            }
        }
    }

    /// Asks for a REST snapshot of the book.
    func askForSnapshot(_ book: BinanceBook) {
        var path: [UInt8] = []
        switch venue {
        case .binanceUSDM: path += ByteText.array("/fapi/v1/depth?limit=1000&symbol=")
        case .binanceCoinM: path += ByteText.array("/dapi/v1/depth?limit=1000&symbol=")
        case .binanceUS: path += ByteText.array("/api/v3/depth?limit=1000&symbol=")
        default: path += ByteText.array("/api/v3/depth?limit=5000&symbol=")
        }
        context.ask(.get(path: path + book.instrument.symbol, symbol: book.instrument.symbol))
    }

    /// What is subscribed of each symbol. USD-M splits its streams over two routes, and those of
    /// the other route stay silent on a connection (`binance-usdm.md` 1).
    private var streams: [StaticString] {
        if isMarketRoute { return ["@markPrice@1s", "@forceOrder"] }
        switch venue {
        case .binanceCoinM:
            return ["@depth@100ms", "@bookTicker", "@aggTrade", "@markPrice@1s", "@forceOrder"]
        default: return ["@depth@100ms", "@bookTicker", "@trade"]
        }
    }

    /// One SUBSCRIBE for everything that is recorded of these symbols on this route.
    public func subscriptions(symbols: [[UInt8]]) -> [[UInt8]] {
        var message = ByteText.array("{\"method\":\"SUBSCRIBE\",\"params\":[")
        var isFirst = true
        for symbol in symbols {
            let name = symbol.map(ByteText.lower)
            for stream in streams {
                if !isFirst { message.append(0x2c) }
                isFirst = false
                message += [0x22] + name + ByteText.array(stream) + [0x22]
            }
        }
        return [message + ByteText.array("],\"id\":1}")]
    }
}
