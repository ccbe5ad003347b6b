public import Engine

/// Kraken Futures, protocol v1.
///
/// The venue's rules in our words (`docs/VENUES.md`):
///
/// 1. `book_snapshot` is the whole book of a product, and the book is live with it. It has no
///    limit of depth and no checksum.
/// 2. `book` sets one level: the absolute size of one price, 0 removes. `seq` grows by one with
///    each message of a product's book, the snapshot's included. One that is up to 1,000 below the
///    last was seen before; anything else is a gap: the book is invalid on that very message, and
///    its subscription is ended and begun anew.
/// 3. An acknowledged end of a subscription leaves the book empty until its next snapshot.
/// 4. An unreadable message makes its product's book invalid, and every book of the connection
///    where the product, or that it is no message of a book, cannot be told.
/// 5. `side` of a trade is the taker's. `seq` numbers the trades of a product on a count of its
///    own. `trade_snapshot` tells trades from before the subscription: they are recorded only
///    behind a trade that is known already, after a reconnect.
/// 6. `type` of a trade: `fill` is a trade; `liquidation` is a trade in the book whose taker was
///    closed by force, and is recorded as a trade *and* as a liquidation. A sold one closed a long
///    position. `assignment`, `termination` and `block` happen outside the book and are left out.
/// 7. `ticker` states mark price and index, `openInterest` (one-sided, in units of a size: USD for
///    inverse contracts, base units for linear ones) and, of a perpetual, the funding rate of the
///    running period. The rate that is a fraction is `relative_funding_rate`; `funding_rate` is an
///    amount for each contract. `ticker_lite` has best bid and ask alone.
/// 8. Contracts: `PI_` and `FI_` are inverse, 1 USD each; `PF_` and `FF_` linear, 1 base unit. The
///    list of instruments writes some symbols in small letters; messages write capitals.
/// 9. Venue time: `timestamp` of books, `time` of trades and tickers, in ms.
public final class KrakenFuturesAdapter: VenueAdapter {
    let context: AdapterContext
    let streams: StreamBooks
    /// The message, and an element of it, in use while the message is.
    let fields = KrakenFuturesFields()
    let element = KrakenFuturesFields()
    /// Trades of one message, recorded once all of it was read.
    var trades: [KrakenTrade] = []

    /// An adapter for one connection.
    public init(connection: UInt16, name: [UInt8] = [], instruments: InstrumentTable) {
        context = AdapterContext(
            venue: .krakenFutures, connection: connection, name: name, instruments: instruments)
        streams = StreamBooks(context: context, depth: nil) { book in
            KrakenFuturesAdapter.resubscription(book.instrument.symbol)
        }
    }

    /// The venue.
    public var venue: Venue { .krakenFutures }
    /// Index of the connection in events.
    public var connection: UInt16 { context.connection }
    /// Best bid and ask of the last message, where it was a ticker.
    public var touch: TouchObservation? { context.touch }

    /// Hands out the commands since the last call.
    public func drainCommands(_ take: (AdapterCommand) -> Void) { context.drainCommands(take) }

    /// Whether a message for the venue's `symbol` was received on this connection.
    public func hasSeen(symbol: UnsafeBufferPointer<UInt8>) -> Bool {
        streams.find(symbol) != nil
    }

    /// Takes one message and appends what it says to `block`.
    public func receive(
        _ message: UnsafeBufferPointer<UInt8>, origin: MessageOrigin, receivedAt: Int64,
        into block: inout EventBlock
    ) -> Outcome {
        context.touch = nil
        fields.begin(message)
        do throws(WireError) {
            guard message.count <= WireLimits.messageBytesMax else { throw .tooLarge }
            if case .rest = origin {
                try KrakenFuturesList.read(message, into: context.instruments)
                return .unused(.instrumentList)
            }
            var scanner = JSONScanner(message)
            try fields.read(&scanner)
            try scanner.finish()
            return try dispatch(receivedAt, &block)
        } catch {
            if case .rest = origin { return context.reject(error, message, receivedAt, &block) }
            return lose(error, message, receivedAt, &block)
        }
    }

    private func dispatch(
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        if fields.has(.event) { return try receiveEvent(receivedAt, &block) }
        let feed = fields.word(.feed)
        if ByteText.equal(feed, "book") { return try receiveDelta(receivedAt, &block) }
        if ByteText.equal(feed, "ticker") { return try receiveTicker(receivedAt, &block) }
        if ByteText.equal(feed, "ticker_lite") {
            try observe()
            return .unused(.bestBidAsk)
        }
        if ByteText.equal(feed, "trade") { return try receiveTrade(receivedAt, &block) }
        if ByteText.equal(feed, "book_snapshot") { return try receiveSnapshot(receivedAt, &block) }
        if ByteText.equal(feed, "trade_snapshot") {
            return try receiveTradeSnapshot(receivedAt, &block)
        }
        if ByteText.equal(feed, "heartbeat") { return .unused(.heartbeat) }
        throw .unknownMessage
    }
}
