public import Engine

/// Binance spot, Binance.US, USD-M and COIN-M futures.
///
/// The venue's rules in our words (`docs/VENUES.md`; spot and US, where futures differ: **F**):
///
/// 1. Deltas are buffered until the REST snapshot with `lastUpdateId` L is there. A snapshot older
///    than the first buffered delta, or unreadable, is asked for again, and the buffer is kept.
/// 2. Deltas with `u <= L` are older than the snapshot and dropped. **F:** `u < L`.
/// 3. The first delta applied has `U <= L+1` and `u > L`. **F:** `U <= L <= u`, or `pu == L`.
/// 4. Every later delta has `U <= u' + 1`, where u' is the `u` before it; normally `U == u' + 1`.
///    **F:** `pu == u'`. A delta with `u <= u'` was seen before. Anything else is a gap: the book
///    is invalid on that very message, and the procedure starts again with it.
/// 5. Sizes are absolute, size 0 removes; removing what is not there is normal.
/// 6. A snapshot of a book that is in sync is not needed and ignored.
/// 7. `trade` and `aggTrade` tell the same trades: the kind that comes first is recorded.
/// 8. `m` (buyer is maker) true: the taker sold. **F:** `X` other than `MARKET` is no market trade.
/// 9. `forceOrder` `S` is the side of the closing order: `SELL` closed a long position.
/// 10. Venue time: depth `T` where there is one, else `E`; trades `T`; ms or µs, by magnitude.
public final class BinanceAdapter: VenueAdapter {
    let context: AdapterContext
    let isFutures: Bool
    /// Subscribed are marks, funding and liquidations only.
    let isMarketRoute: Bool
    let reading: BinanceReading
    let books: BookList<BinanceBook>
    private let budget = BufferBudget()

    /// An adapter for one connection of a Binance venue.
    public init(
        venue: Venue, isMarketRoute: Bool = false, connection: UInt16, name: [UInt8] = [],
        instruments: InstrumentTable
    ) {
        self.isMarketRoute = isMarketRoute
        precondition(
            venue == .binance || venue == .binanceUS || venue == .binanceUSDM
                || venue == .binanceCoinM, "not a venue of Binance")
        context = AdapterContext(
            venue: venue, connection: connection, name: name, instruments: instruments)
        isFutures = venue == .binanceUSDM || venue == .binanceCoinM
        books = BookList(venue: venue)
        reading = BinanceReading(context: context, books: books)
    }

    /// The venue.
    public var venue: Venue { context.venue }
    /// Index of the connection in events.
    public var connection: UInt16 { context.connection }
    /// Best bid and ask of the last message, where it was a `bookTicker`.
    public var touch: TouchObservation? { context.touch }

    /// Hands out the commands since the last call.
    public func drainCommands(_ take: (AdapterCommand) -> Void) { context.drainCommands(take) }

    /// Whether a message for the venue's `symbol` was received on this connection.
    public func hasSeen(symbol: UnsafeBufferPointer<UInt8>) -> Bool {
        books.find(symbol) != nil
    }

    /// Takes one message and appends what it says to `block`.
    public func receive(
        _ message: UnsafeBufferPointer<UInt8>, origin: MessageOrigin, receivedAt: Int64,
        into block: inout EventBlock
    ) -> Outcome {
        context.touch = nil
        let fields = reading.message
        fields.begin(message)
        do throws(WireError) {
            guard message.count <= WireLimits.messageBytesMax else { throw .tooLarge }
            if JSONFields(message).isArray(JSONSpan(start: 0, end: message.count)) {
                return try receiveArray(message, message, receivedAt, &block)
            }
            try reading.read(message, fields)
            return try dispatch(fields, message, origin, receivedAt, &block)
        } catch {
            return lose(fields, origin, error, message, receivedAt, &block)
        }
    }

    private func dispatch(
        _ fields: BinanceFields, _ message: Bytes, _ origin: MessageOrigin, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        switch fields.kind {
        case .depth: return try receiveDepth(fields, message, receivedAt, &block)
        case .snapshot: return try receiveSnapshot(fields, origin, receivedAt, &block)
        case .trade: return try receiveTrade(fields, .single, receivedAt, &block)
        case .aggregateTrade: return try receiveTrade(fields, .aggregate, receivedAt, &block)
        case .bookTicker: return try receiveTouch(fields)
        case .markPrice: return try receiveMarkPrice(fields, receivedAt, &block)
        case .liquidation: return try receiveLiquidation(fields, receivedAt, &block)
        case .openInterest: return try receiveOpenInterest(fields, receivedAt, &block)
        case .instrumentList:
            try BinanceInstrumentList.read(message, venue, into: context.instruments)
            return .unused(.instrumentList)
        case .partialDepth: return .unused(.partialDepth)
        case .answer: return .unused(.subscriptionAnswer)
        case .refusal: return .unused(.errorAnswer)
        case .shutdown: return .unused(.serverShutdown)
        case .unused(let reason): return .unused(reason)
        case .unknown:
            if fields.values.isArray(fields[.data]) {
                let array = fields.values.raw(fields[.data])
                return try receiveArray(array, message, receivedAt, &block)
            }
            throw .unknownMessage
        }
    }

    /// Takes an array of payloads (`!markPrice@arr` and the like), each as if it had come alone.
    private func receiveArray(
        _ array: Bytes, _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        try JSONScanner.validate(array)
        var scanner = JSONScanner(array)
        var isFirst = true
        var outcome = Outcome.unused(.notRecorded)
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            guard scanner.peek() == 0x7b else { throw .unknownMessage }
            let fields = reading.element
            fields.begin(array)
            try reading.readElement(&scanner, fields)
            if case .depth = fields.kind { throw .unknownMessage }
            let one = try dispatch(fields, message, .socket, receivedAt, &block)
            if outcome != .used { outcome = one }
        }
        return outcome
    }

    /// The book of a message.
    func book(of fields: BinanceFields) throws(WireError) -> BinanceBook {
        if let book = fields.book { return book }
        return try book(try fields.values.symbol(fields[.s]))
    }

    /// The book of a symbol, made when it is new.
    func book(_ symbol: Bytes) throws(WireError) -> BinanceBook {
        if let book = books.find(symbol) { return book }
        let instrument = try context.instruments.known(venue, symbol)
        let book = BinanceBook(instrument: instrument, isFutures: isFutures, budget: budget)
        try books.insert(book)
        return book
    }
}
