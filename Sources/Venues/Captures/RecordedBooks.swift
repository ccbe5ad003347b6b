import Engine

/// Books of one venue that a recording gives as levels: a snapshot is live at once, and nothing
/// has a sequence of the venue.
final class RecordedBooks {
    let context: AdapterContext
    private var isUp = false
    /// By slot: whether the book had a snapshot and no error since.
    private var live: [Bool] = []

    init(venue: Venue, connection: UInt16, instruments: InstrumentTable) {
        context = AdapterContext(
            venue: venue, connection: connection, name: [], instruments: instruments)
    }

    var venue: Venue { context.venue }

    func open(_ receivedAt: Int64, _ block: inout EventBlock) {
        if isUp { return }
        isUp = true
        context.status(.up, receivedAt, &block)
    }

    private func isLive(_ slot: Int) -> Bool { slot < live.count && live[slot] }

    private func setLive(_ slot: Int, _ isLive: Bool) {
        while live.count <= slot { live.append(false) }
        live[slot] = isLive
    }

    /// Takes the levels that `read` fills into the buffers at a scale.
    func receive(
        _ symbol: Bytes, isSnapshot: Bool, sourceTime: Int64, receivedAt: Int64,
        _ block: inout EventBlock, _ read: (LevelScale) throws(WireError) -> Void
    ) throws(WireError) -> Outcome {
        let slot = try context.instruments.slot(venue, symbol)
        let scale = try context.settle(slot, readAt: nil, read)
        guard isSnapshot || isLive(slot) else { return .unused(.waitingForSnapshot) }
        if isSnapshot {
            context.bids.dropEmptyLevels()
            context.asks.dropEmptyLevels()
        }
        try context.appendBook(
            isSnapshot ? .bookSnapshot : .bookDelta, slot, scale, BookPlace(time: sourceTime),
            receivedAt, &block)
        if isSnapshot { setLive(slot, true) }
        return .used
    }

    /// Whether the venue's `symbol` is one of an instrument.
    func knows(_ symbol: Bytes) -> Bool { context.instruments.find(venue, symbol) != nil }

    /// Rejects rows; the book that they belong to is invalid until its next snapshot.
    func lose(
        _ symbol: Bytes, _ error: WireError, _ rows: Bytes, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) -> Outcome {
        let outcome = context.reject(error, rows, receivedAt, &block)
        if let slot = context.instruments.find(venue, symbol) {
            invalidate(slot, error, receivedAt, &block)
        }
        return outcome
    }

    /// Rejects rows whose book is not known: every book is invalid until its next snapshot.
    func loseAll(
        _ error: WireError, _ rows: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) {
        _ = context.reject(error, rows, receivedAt, &block)
        for slot in live.indices { invalidate(slot, error, receivedAt, &block) }
    }

    private func invalidate(
        _ slot: Int, _ error: WireError, _ receivedAt: Int64, _ block: inout EventBlock
    ) {
        guard isLive(slot), let instrument = context.instruments.id(slot) else { return }
        setLive(slot, false)
        context.status(
            context.key(instrument), AdapterContext.invalidity(error), receivedAt, &block)
    }
}
