import Engine

/// A recorded book: whether it had a snapshot and no error since.
private final class RecordedBook: VenueBook {
    let instrument: Instrument
    var isLive = false

    init(instrument: Instrument) { self.instrument = instrument }
}

/// Books of one venue, and of one of its markets, that a recording gives as levels: a snapshot is
/// live at once, and nothing has a sequence of the venue.
final class RecordedBooks {
    let context: AdapterContext
    private(set) var isUp = false
    let market: VenueMarket
    private let books: BookList<RecordedBook>

    init(_ endpoint: VenueEndpoint, connection: UInt16, instruments: InstrumentTable) {
        context = AdapterContext(
            venue: endpoint.venue, connection: connection, name: [], instruments: instruments)
        market = endpoint.market
        books = BookList(venue: endpoint.venue, market: endpoint.market)
    }

    var venue: Venue { context.venue }

    func open(_ receivedAt: Int64, _ block: inout EventBlock) {
        if isUp { return }
        isUp = true
        context.status(.up, receivedAt, &block)
    }

    private func book(_ symbol: Bytes) throws(WireError) -> RecordedBook {
        if let book = books.find(symbol) { return book }
        let book = RecordedBook(
            instrument: try context.instruments.known(venue, symbol, market: market))
        try books.insert(book)
        return book
    }

    /// Takes the levels that `read` fills into the buffers at a scale.
    func receive(
        _ symbol: Bytes, isSnapshot: Bool, sourceTime: Int64, receivedAt: Int64,
        _ block: inout EventBlock, _ read: (LevelScale) throws(WireError) -> Void
    ) throws(WireError) -> Outcome {
        let book = try book(symbol)
        let scale = try context.settle(book.instrument, readAt: nil, read)
        guard isSnapshot || book.isLive else { return .unused(.waitingForSnapshot) }
        if isSnapshot {
            context.bids.dropEmptyLevels()
            context.asks.dropEmptyLevels()
        }
        try context.appendBook(
            isSnapshot ? .bookSnapshot : .bookDelta, book.instrument, scale,
            BookPlace(time: sourceTime),
            receivedAt, &block)
        if isSnapshot { book.isLive = true }
        return .used
    }

    /// Whether the venue's `symbol` is one of an instrument.
    func knows(_ symbol: Bytes) -> Bool {
        context.instruments.find(venue, symbol, market: market) != nil
    }

    /// Rejects rows; the book that they belong to is invalid until its next snapshot.
    func lose(
        _ symbol: Bytes, _ error: WireError, _ rows: Bytes, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) -> Outcome {
        let outcome = context.reject(error, rows, receivedAt, &block)
        if let book = books.find(symbol) {
            invalidate(book, error, receivedAt, &block)
        }
        return outcome
    }

    /// Rejects rows whose book is not known: every book is invalid until its next snapshot.
    func loseAll(
        _ error: WireError, _ rows: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) {
        _ = context.reject(error, rows, receivedAt, &block)
        for book in books.all { invalidate(book, error, receivedAt, &block) }
    }

    private func invalidate(
        _ book: RecordedBook, _ error: WireError, _ receivedAt: Int64, _ block: inout EventBlock
    ) {
        guard book.isLive, let instrument = book.instrument.definedID else { return }
        book.isLive = false
        context.status(
            context.key(instrument), AdapterContext.invalidity(error), receivedAt, &block)
    }
}
