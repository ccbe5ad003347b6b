public import Engine

/// Bybit v5: one public connection of one market (spot, linear, inverse or option).
///
/// The venue's rules in our words (`docs/VENUES.md`):
///
/// 1. The market is in the address, never in a message: `BTCUSDT` is a pair on spot and a perpetual
///    on linear, under the same topic. Without an address the market is taken for linear.
/// 2. `orderbook.<depth>.<symbol>`: a snapshot, whenever it comes, replaces the book; so does any
///    message with `u` 1, after the venue's service restarted. The book is live with it.
/// 3. A delta is applied when its `u` is the one before + 1; a `u` up to that was seen before.
///    `seq`, the engine's own count, must agree: it never falls where `u` rises, and what was seen
///    before is not newer. Anything else is a gap, invalid on that very message; the way out is to
///    subscribe anew.
/// 4. Sizes are absolute, size 0 removes. The venue cuts its book to the depth of the topic and
///    need not say what falls out: the event says it, behind the levels of the message. A side of
///    a snapshot with as many levels as the depth is cut.
/// 5. `orderbook.1` has snapshots only; one that repeats its `u` says that the book stands, and is
///    applied like every other, so that the book is not stale. Recordings before 2025 have deltas.
/// 6. Of several depths of one symbol, the deepest with a snapshot is the book while it is live.
/// 7. `publicTrade`: `S` is the taker's side. A block trade (`BT`) is no market trade; one against
///    retail price improvement (`RPI`) is. Ids are UUIDs on derivatives (id −1: repeats are not
///    seen) and decimal on spot: three digits of a prefix and sixteen that count, which tell what
///    was seen before. The trades of a symbol in one message count whole.
/// 8. `allLiquidation` and the older `liquidation`, an object: the side is that of the *position*,
///    `Buy` was a long one. The price is that of bankruptcy.
/// 9. `tickers` of derivatives: a snapshot, then deltas, where a missing key is unchanged and an
///    empty text is no value. What differs from the message before is recorded: mark with index,
///    funding (rate and next time; the interval has no place in the event), open interest. An
///    unreadable one is rejected and changes nothing: every key is absolute and comes again.
/// 10. Open interest is one-sided: `singleOpenInterest`, else half of `openInterest`, which counts
///    both sides. Half of a decimal is a decimal with at most one more digit, so it is exact; one
///    that needs more than 18 digits is rejected. Unit: base asset, on inverse USD.
/// 11. Venue time: `cts` (matching engine) of a book, else `ts`; `T` of trades and liquidations.
public final class BybitAdapter: VenueAdapter {
    let context: AdapterContext
    let market: VenueMarket
    let books: StreamBooks
    let reading: BybitReading
    /// What is known of a symbol beside its book.
    let states: BookList<BybitState>
    /// Trades of one symbol in one message, until all of them were read.
    var trades: [BybitTrade] = []
    /// Liquidations of one message, until all of them were read.
    var liquidations: [BybitLiquidation] = []

    /// An adapter for one connection to `market`; linear where the address said none.
    public init(
        market: VenueMarket, connection: UInt16, name: [UInt8] = [], instruments: InstrumentTable
    ) {
        self.market = VenueEndpoint(.bybit, market: market).settled.market
        context = AdapterContext(
            venue: .bybit, connection: connection, name: name, instruments: instruments)
        // The depth of a book is that of its topic; 0 until the first message of it.
        books = StreamBooks(
            context: context, market: self.market, depth: 0,
            resubscription: BybitSubscriptions.anew)
        states = BookList(venue: .bybit, market: self.market)
        reading = BybitReading(context: context, books: books)
    }

    /// The venue.
    public var venue: Venue { .bybit }
    /// Index of the connection in events.
    public var connection: UInt16 { context.connection }
    /// Best bid and ask of the last message, where it was a ticker that had them.
    public var touch: TouchObservation? { context.touch }

    /// Hands out the commands since the last call.
    public func drainCommands(_ take: (AdapterCommand) -> Void) { context.drainCommands(take) }

    /// Whether a message for the venue's `symbol` was received on this connection.
    public func hasSeen(symbol: UnsafeBufferPointer<UInt8>) -> Bool {
        books.find(symbol) != nil || states.find(symbol) != nil
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
            if case .rest(let url) = origin { return try receiveAnswer(message, url) }
            try reading.read(message)
            return try dispatch(fields, receivedAt, &block)
        } catch {
            if case .rest = origin { return context.reject(error, message, receivedAt, &block) }
            return lose(fields, error, message, receivedAt, &block)
        }
    }

    private func dispatch(
        _ fields: BybitFields, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        switch fields.topic {
        case .book(let depth, let symbol):
            return try receiveBook(fields, depth, symbol, receivedAt, &block)
        case .trades: return try receiveTrades(fields, receivedAt, &block)
        case .ticker(let symbol): return try receiveTicker(fields, symbol, receivedAt, &block)
        case .liquidations: return try receiveLiquidations(fields, receivedAt, &block)
        case .liquidation: return try receiveLiquidation(fields, receivedAt, &block)
        case .unused(let reason): return .unused(reason)
        case .unknownBook, .unknown: throw .unknownMessage
        case .none: return try receiveControl(fields)
        }
    }

    /// The answer to a subscription or a ping.
    private func receiveControl(_ fields: BybitFields) throws(WireError) -> Outcome {
        let isPong =
            ByteText.equal(fields.word(.op), "pong")
            || ByteText.equal(fields.word(.returnMessage), "pong")
        if isPong { return .unused(.heartbeat) }
        guard fields.has(.success) else { throw .unknownMessage }
        let isDone = try fields.values.bool(fields[.success])
        return .unused(isDone && !fields.hasFailedTopics ? .subscriptionAnswer : .errorAnswer)
    }

    private func receiveAnswer(_ message: Bytes, _ url: Bytes) throws(WireError) -> Outcome {
        if BybitInstrumentList.isRequested(url) {
            try BybitInstrumentList.read(message, into: context.instruments)
            return .unused(.instrumentList)
        }
        try JSONScanner.validate(message)
        return .unused(.notRecorded)
    }

    /// What is known of a symbol, made when it is new.
    func state(_ symbol: Bytes) throws(WireError) -> BybitState {
        if let state = states.find(symbol) { return state }
        let state = BybitState(
            instrument: try context.instruments.known(.bybit, symbol, market: market))
        try states.insert(state)
        return state
    }
}
