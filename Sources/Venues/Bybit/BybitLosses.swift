public import Engine

/// Unreadable messages, and connections that go away.
extension BybitAdapter {
    /// Rejects a message. The book that it may have changed is not right any more; a message cut
    /// before its topic may have been a delta of any, and so may one whose grammar is broken and
    /// whose topic names no book that is there.
    func lose(
        _ fields: BybitFields, _ error: WireError, _ message: Bytes, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) -> Outcome {
        let topic: Bytes
        switch fields.topic {
        case .book(_, let symbol), .unknownBook(let symbol): topic = symbol
        case .none:
            if fields.has(.op) || fields.has(.success) {
                return context.reject(error, message, receivedAt, &block)
            }
            return books.lose(symbol: nil, error, evidence: message, receivedAt, &block)
        default: return context.reject(error, message, receivedAt, &block)
        }
        let said = fields.word(.s)
        let isOne =
            (said.isEmpty || ByteText.equal(said, topic))
            && (error.reason != .malformed || books.find(topic) != nil)
        return books.lose(
            symbol: isOne ? topic : nil, error, evidence: message, receivedAt, &block)
    }

    /// A message for `symbol` (nil: for an unknown one) was unreadable before it came here.
    public func lose(
        symbol: UnsafeBufferPointer<UInt8>?, _ error: WireError,
        evidence: UnsafeBufferPointer<UInt8>, receivedAt: Int64, into block: inout EventBlock
    ) -> Outcome {
        books.lose(symbol: symbol, error, evidence: evidence, receivedAt, &block)
    }

    /// The fold found the book impossible: it is subscribed anew.
    public func resync(
        symbol: UnsafeBufferPointer<UInt8>, receivedAt: Int64, into block: inout EventBlock
    ) {
        books.resync(symbol)
    }

    /// The connection changed its state. When it goes down, every book of it is thrown away.
    public func connectionChanged(
        _ state: ConnectionState, receivedAt: Int64, into block: inout EventBlock
    ) {
        books.connectionChanged(state, receivedAt, &block)
        guard state == .down else { return }
        for state in states.all { state.end() }
    }
}
