public import Engine

/// Kraken spot, in both of its protocols: v2 (objects, what is subscribed live) and v1 (arrays, in
/// older recordings). A message is told by its shape.
///
/// The venue's rules in our words (`docs/VENUES.md`):
///
/// 1. The first message of a pair's book is a snapshot on the stream; the book is live with it,
///    and another one replaces it. Deltas carry absolute sizes, size 0 removes; removing what is
///    not there is normal, and of a price that stands twice the last one counts.
/// 2. The book ends at the subscribed depth: after every message each side is cut to it, and the
///    venue does not say what fell out. What comes back into the depth is sent again; v1 marks it
///    with `"r"`, which means nothing more. The depth is that of the acknowledgement (v2) or of
///    the channel's name (v1), else the size of the snapshot, rounded up to one that exists.
/// 3. There is no sequence. v2 states with every message, v1 with nearly every delta, a CRC-32
///    over the ten best asks, then bids: the digits on the wire without point and without zeros in
///    front, zeros at the end included. A wrong one makes the book invalid on that very message.
/// 4. **v1:** one message may carry asks and bids in two objects; the checksum stands in the last
///    one and is that of the book behind both.
/// 5. The way out of an invalid book is to end its subscription and begin it anew. An acknowledged
///    end leaves the book empty until its next snapshot.
/// 6. An unreadable message makes the book invalid that it spoke of, and every book of the
///    connection where that, or whether there were others, cannot be told.
/// 7. `side` of a trade is the taker's. v2 numbers the trades of a pair; the snapshot of the
///    channel tells trades from before the subscription, which are recorded only behind a trade
///    that is known already: after a reconnect. v1 has neither number nor snapshot.
/// 8. Venue time: `timestamp` (v2), the newest time of a level or that of the trade (v1).
/// 9. `XBT` and `XDG` (v1) are BTC and DOGE in names; the symbol stays as it is on the wire.
public final class KrakenAdapter: VenueAdapter {
    let context: AdapterContext
    let streams: StreamBooks
    let books = BookList<KrakenBook>(venue: .kraken)
    let reading: KrakenReading
    /// Where the elements of a message of v1 stand.
    let elements = SpanTable(count: KrakenAdapter.elementsMax)
    /// Trades of one message, recorded once all of it was read.
    var trades: [KrakenTrade] = []
    /// The protocol of the last message that showed it.
    private let dialect: KrakenDialect

    /// An adapter for one connection.
    public init(connection: UInt16, name: [UInt8] = [], instruments: InstrumentTable) {
        context = AdapterContext(
            venue: .kraken, connection: connection, name: name, instruments: instruments)
        let dialect = KrakenDialect()
        let books = books
        streams = StreamBooks(context: context, depth: 0) { book in
            let symbol = book.instrument.symbol
            let depth = symbol.withUnsafeBufferPointer { books.find($0)?.subscribedDepth }
            return dialect.resubscription(symbol, depth ?? KrakenBook.liveDepth)
        }
        self.dialect = dialect
        reading = KrakenReading(context: context, books: books)
    }

    /// The venue.
    public var venue: Venue { .kraken }
    /// Index of the connection in events.
    public var connection: UInt16 { context.connection }
    /// Best bid and ask of the last message, where it was a ticker.
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
            if case .rest = origin {
                try KrakenPairList.readAnswer(message, into: context.instruments)
                return .unused(.instrumentList)
            }
            var scanner = JSONScanner(message)
            if scanner.peek() == 0x5b {
                dialect.isArrays = true
                return try receiveArray(message, receivedAt, &block)
            }
            try reading.read(message)
            if fields.has(.event) {
                dialect.isArrays = true
                return try receiveEvent(fields, receivedAt, &block)
            }
            dialect.isArrays = false
            return try dispatch(fields, message, receivedAt, &block)
        } catch {
            if case .rest = origin { return context.reject(error, message, receivedAt, &block) }
            return lose(error, message, receivedAt, &block)
        }
    }

    /// Takes a message of v2.
    private func dispatch(
        _ fields: KrakenFields, _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let channel = fields.word(.channel)
        if ByteText.equal(channel, "book") {
            return try receiveBooks(fields, message, receivedAt, &block)
        }
        if ByteText.equal(channel, "trade") {
            return try receiveTrades(fields, receivedAt, &block)
        }
        if ByteText.equal(channel, "heartbeat") { return .unused(.heartbeat) }
        if ByteText.equal(channel, "ticker") { return try receiveTickers(fields) }
        if ByteText.equal(channel, "instrument") {
            guard fields.values.isObject(fields[.data]) else { throw .missingField }
            try KrakenPairList.read(fields.values.raw(fields[.data]), into: context.instruments)
            return .unused(.instrumentList)
        }
        if ByteText.equal(channel, "ohlc") { return .unused(.candle) }
        if ByteText.equal(channel, "status") || ByteText.equal(channel, "level3") {
            return .unused(.notRecorded)
        }
        return try receiveAnswer(fields, receivedAt, &block)
    }

    /// The book of a pair, made when it is new.
    func book(_ symbol: Bytes) throws(WireError) -> KrakenBook {
        if let book = books.find(symbol) { return book }
        let book = KrakenBook(stream: try streams.book(symbol))
        try books.insert(book)
        return book
    }
}
