public import Engine

/// Unreadable messages and connections that go away: rule 6 of `KrakenAdapter`.
extension KrakenAdapter {
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
        guard state == .down else { return }
        for book in books.all { book.forgetDepth() }
    }

    /// Rejects a message, and the books that it may have changed are invalid.
    func lose(
        _ error: WireError, _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        if error.isOfNoBook || isHarmless(message) {
            return context.reject(error, message, receivedAt, &block)
        }
        return streams.lose(
            symbol: onlySymbol(message), error, evidence: message, receivedAt, &block)
    }

    /// Whether the message cannot have changed a book: its kind was read and is another.
    private func isHarmless(_ message: Bytes) -> Bool {
        if message.first == 0x5b {
            guard let count = try? readElements(message), count >= 4 else { return false }
            let channel = JSONFields(message).word(elements[count - 2])
            return !channel.isEmpty && KrakenAdapter.bookDepth(channel) == nil
        }
        let fields = reading.message
        if fields.has(.event) || fields.has(.method) { return true }
        let channel = fields.word(.channel)
        return !channel.isEmpty && !ByteText.equal(channel, "book")
    }

    /// The symbol of the one book that the message speaks of; nil where its grammar is broken, so
    /// that nobody knows whether it spoke of more.
    private func onlySymbol(_ message: Bytes) -> Bytes? {
        let values = JSONFields(message)
        if message.first == 0x5b {
            guard let count = try? readElements(message), count >= 4 else { return nil }
            return try? values.symbol(elements[count - 1])
        }
        do throws(WireError) {
            try JSONScanner.validate(message)
            let fields = KrakenFields()
            var scanner = JSONScanner(message)
            fields.begin(message)
            try fields.read(&scanner)
            guard values.isArray(fields[.data]) else { return nil }
            let data = values.raw(fields[.data])
            scanner = JSONScanner(data)
            try scanner.array()
            fields.begin(data)
            try fields.read(&scanner)
            return scanner.take(0x5d) ? try fields.symbol(.symbol) : nil
        } catch {
            return nil
        }
    }
}
