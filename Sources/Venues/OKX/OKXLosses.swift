public import Engine

/// Unreadable messages, answers by REST, connections that go away, and subscriptions.
extension OKXAdapter {
    /// The text that keeps a connection open: the venue closes one on which it sent nothing for
    /// 30 s. The owner sends it as a text frame when nothing was received for 10 s (V.2).
    public static var keepalive: [UInt8] { ByteText.array("ping") }

    /// Rejects a message that was not read to its end or breaks a rule. Where its kind is known and
    /// none of a book, no book has changed; where it names its book, no other.
    func lose(
        _ error: WireError, _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        let isOfBook = reading.channel == .none || reading.channel.depth != nil
        guard isOfBook, !reading.top.has(.event) else {
            return context.reject(error, message, receivedAt, &block)
        }
        let symbol = try? reading.arg.values.symbol(reading.arg[.instID])
        return books.lose(symbol: symbol, error, evidence: message, receivedAt, &block)
    }

    /// A message for `symbol` (nil: for an unknown book) was lost before it came here.
    public func lose(
        symbol: UnsafeBufferPointer<UInt8>?, _ error: WireError,
        evidence: UnsafeBufferPointer<UInt8>, receivedAt: Int64, into block: inout EventBlock
    ) -> Outcome {
        books.lose(symbol: symbol, error, evidence: evidence, receivedAt, &block)
    }

    /// The fold found the book of `symbol` impossible and threw it away.
    public func resync(
        symbol: UnsafeBufferPointer<UInt8>, receivedAt: Int64, into block: inout EventBlock
    ) {
        guard let book = books.find(symbol), book.isLive else { return }
        books.endWithEvent(book)
    }

    /// The answer to a REST request: the instrument list, or what is not recorded. No book depends
    /// on it.
    func receiveAnswer(
        _ message: Bytes, _ url: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        do throws(WireError) {
            guard message.count <= WireLimits.messageBytesMax else { throw .tooLarge }
            let fields = reading.top
            fields.begin(message)
            var scanner = JSONScanner(message)
            try fields.read(&scanner)
            try scanner.finish()
            guard fields.values.isArray(fields[.data]) else { throw .missingField }
            guard ByteText.equal(fields.word(.code), "0") else { return .unused(.errorAnswer) }
            guard OKXInstrumentList.isAnswer(to: url) else { return .unused(.notRecorded) }
            try OKXInstrumentList.read(message, into: context.instruments)
            return .unused(.instrumentList)
        } catch {
            return context.reject(error, message, receivedAt, &block)
        }
    }

    /// The connection changed its state. When it goes down, every book of it is thrown away.
    public func connectionChanged(
        _ state: ConnectionState, receivedAt: Int64, into block: inout EventBlock
    ) {
        books.connectionChanged(state, receivedAt, &block)
    }

    /// Subscriptions for everything that is recorded of these symbols.
    public func subscriptions(symbols: [[UInt8]]) -> [[UInt8]] {
        var all = OKXSubscriptions()
        for symbol in symbols {
            let known = symbol.withUnsafeBufferPointer { symbol in
                context.instruments.find(.okx, symbol)?.name ?? OKXNames.name(symbol)
            }
            all.add(symbol, known?.kind ?? .spot)
        }
        return all.finish()
    }
}
