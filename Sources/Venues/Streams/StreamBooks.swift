import Engine

/// The books of one connection whose snapshots come on the stream (Kraken, OKX, Bybit), and what
/// happens to them all alike.
///
/// 1. A book that is not right any more is invalid on that very message, and the way out is to
///    subscribe anew; until the snapshot comes, its deltas are ignored.
/// 2. Where deltas come for 10 s without a snapshot, it was lost and is asked for again.
/// 3. The owner of the connection spaces what is asked for (`AdapterCommand.resubscribe`).
final class StreamBooks {
    let context: AdapterContext
    let market: VenueMarket
    private let list: BookList<StreamBook>
    /// Levels a side that the venue keeps of a book that is new; nil: all.
    var depth: Int?
    /// Messages that end and begin the subscription of a book.
    private let resubscription: (StreamBook) -> [[UInt8]]

    init(
        context: AdapterContext, market: VenueMarket = .only, depth: Int?,
        resubscription: @escaping (StreamBook) -> [[UInt8]]
    ) {
        self.context = context
        self.market = market
        self.depth = depth
        self.resubscription = resubscription
        list = BookList(venue: context.venue, market: market)
    }

    var all: [StreamBook] { list.all }

    @inline(__always) func find(_ symbol: Bytes) -> StreamBook? { list.find(symbol) }

    /// The book of a symbol, made when it is new.
    func book(_ symbol: Bytes) throws(WireError) -> StreamBook {
        if let book = list.find(symbol) { return book }
        let instrument = try context.instruments.known(context.venue, symbol, market: market)
        let book = StreamBook(instrument: instrument, depth: depth)
        try list.insert(book)
        return book
    }

    /// The book is not right any more and is subscribed anew.
    func invalidate(
        _ book: StreamBook, _ validity: BookValidity, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) {
        guard book.isLive else { return }
        book.end()
        // A book is live only behind an event of its own, which has defined the instrument.
        if let instrument = book.instrument.definedID {
            context.status(context.key(instrument), validity, receivedAt, &block)
        }
        subscribeAnew(book)
    }

    /// The fold threw the book away with the event just appended (a failed checksum).
    func endWithEvent(_ book: StreamBook) {
        book.end()
        subscribeAnew(book)
    }

    /// The fold found the book impossible and threw it away.
    func resync(_ symbol: Bytes) {
        guard let book = list.find(symbol), book.isLive else { return }
        endWithEvent(book)
    }

    /// A snapshot that a delta has overtaken; see `StreamBook.isOvertaken`.
    func ask(insteadOf snapshot: StreamBook) -> Outcome {
        subscribeAnew(snapshot)
        return .unused(.snapshotTooOld)
    }

    /// A delta that finds no snapshot.
    func wait(_ book: StreamBook, _ receivedAt: Int64) -> Outcome {
        if book.waits(at: receivedAt) { subscribeAnew(book) }
        return .unused(.waitingForSnapshot)
    }

    private func subscribeAnew(_ book: StreamBook) {
        context.ask(
            .resubscribe(symbol: book.instrument.symbol, messages: resubscription(book)))
    }

    /// A message was unreadable: the book of `symbol`, or every book where it is not known, is
    /// invalid until its next snapshot.
    func lose(
        symbol: Bytes?, _ error: WireError, evidence: Bytes, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) -> Outcome {
        let outcome = context.reject(error, evidence, receivedAt, &block)
        let validity = AdapterContext.invalidity(error)
        if let symbol {
            if let book = list.find(symbol) { invalidate(book, validity, receivedAt, &block) }
        } else {
            for book in list.all { invalidate(book, validity, receivedAt, &block) }
        }
        return outcome
    }

    /// The connection changed its state. When it goes down, every book of it is thrown away.
    func connectionChanged(
        _ state: ConnectionState, _ receivedAt: Int64, _ block: inout EventBlock
    ) {
        context.status(state, receivedAt, &block)
        guard state == .down else { return }
        for book in list.all {
            book.end()
            book.tradeIDs.reset()
            if let instrument = book.instrument.definedID {
                context.status(context.key(instrument), .empty, receivedAt, &block)
            }
        }
    }
}
