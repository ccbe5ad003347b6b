public import Engine

/// OKX v5, public channels: spot, margin, swaps, dated futures, options.
///
/// The venue's rules in our words (`docs/VENUES.md`):
///
/// 1. `books`: the first message is a snapshot on the stream, and the book is live with it. Another
///    one replaces the book. Sizes are absolute, size 0 removes; nothing is applied before a
///    snapshot. The way out of every error is to end the subscription and begin it anew.
/// 2. A delta continues the message before it when its `prevSeqId` is that one's `seqId`; anything
///    else is a gap on that very message. Three forms are legal: `seqId` above `prevSeqId`; equal
///    to it, without levels, a sign of life each 60 s; below it, after maintenance, when the venue
///    counts anew. Recordings before 2023 have neither number: there only 3 tells what is wrong.
/// 3. `checksum`, where it is there and not 0, is that of the 25 best levels a side after the
///    message (`OKXChecksum`). It is 0 in all live data since 2026-06-23.
/// 4. The venue keeps 400 levels a side (`books50-l2-tbt`: 50) and does not say what falls out: we
///    do, as removals behind the levels of the message. While a book is live, a channel of another
///    depth beside it is a cut of the same book.
/// 5. In the log, `first` is `prevSeqId` and `last` is `seqId`. The fold takes only numbers that
///    grow: a sign of life, and what follows counting anew up to the old height, has none.
/// 6. `side` of a trade is the taker's. Trade ids grow; one that is not above the last is a repeat,
///    and holes are normal (`count` fills make one row). After subscribing the venue repeats the
///    latest trade. `trades-all` tells the same trades fill by fill: the kind that comes first is
///    recorded.
/// 7. `side` of a liquidation is the closing order's: `sell` closed a long position, whatever
///    `posSide` says. Price is `bkPx`. One that came before is a repeat: instrument, time, side,
///    size and price are all that tells.
/// 8. Sizes are wire units: base asset on spot, contracts of derivatives; so is open interest
///    (`oi`, one-sided). What a contract is stands in the definition: `ctVal · ctMult`.
/// 9. `fundingRate` is for the settlement at `fundingTime`. `index-tickers` names a pair: it is
///    recorded with the perpetual of that pair, where one is known, beside no mark price.
/// 10. Figures (7 to 9) come with more digits than any number here holds; 18 significant ones are
///     kept, half-even. Prices and sizes of books and trades are never rounded.
/// 11. `ping` and `pong` are bare text. Venue time: `ts`, ms.
public final class OKXAdapter: VenueAdapter {
    let context: AdapterContext
    let books: StreamBooks
    let reading: OKXReading
    let checksum = OKXChecksum()
    /// Rows of one message, recorded once all of it was read.
    var trades: [OKXTrade] = []
    var figures: [OKXFigure] = []
    var liquidations = OKXLiquidations()
    /// The symbol of a perpetual, made of its pair.
    var perpetual: [UInt8] = []

    /// An adapter for one connection.
    public init(connection: UInt16, name: [UInt8] = [], instruments: InstrumentTable) {
        context = AdapterContext(
            venue: .okx, connection: connection, name: name, instruments: instruments)
        books = StreamBooks(context: context, depth: OKXChannel.books.depth) { book in
            OKXSubscriptions.anew(book.instrument.symbol)
        }
        reading = OKXReading(context, books)
    }

    /// The venue.
    public var venue: Venue { .okx }
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
        if case .rest(let url) = origin {
            return receiveAnswer(message, url, receivedAt, &block)
        }
        if ByteText.equal(message, "pong") { return .unused(.heartbeat) }
        reading.begin(message)
        do throws(WireError) {
            guard message.count <= WireLimits.messageBytesMax else { throw .tooLarge }
            try reading.read(message)
            if reading.top.has(.event) { return try receiveEvent() }
            return try receiveData(message, receivedAt, &block)
        } catch {
            return lose(error, message, receivedAt, &block)
        }
    }

    private func receiveData(
        _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let channel = reading.channel
        if let depth = channel.depth { return try receiveBook(depth, receivedAt, &block) }
        switch channel {
        case .trades: return try receiveTrades(.aggregate, receivedAt, &block)
        case .allTrades: return try receiveTrades(.single, receivedAt, &block)
        case .tickers: return try receiveTouch()
        case .markPrice: return try receiveMarkPrice(receivedAt, &block)
        case .index: return try receiveIndex(receivedAt, &block)
        case .funding: return try receiveFunding(receivedAt, &block)
        case .openInterest: return try receiveOpenInterest(receivedAt, &block)
        case .liquidations: return try receiveLiquidations(receivedAt, &block)
        case .instruments:
            try OKXInstrumentList.read(message, into: context.instruments)
            return .unused(.instrumentList)
        case .partialDepth: return .unused(.partialDepth)
        case .candle: return .unused(.candle)
        case .notRecorded: return .unused(.notRecorded)
        case .books, .shortBooks, .none, .unknown: throw .unknownMessage
        }
    }

    /// Answers to requests, refusals, and notices.
    private func receiveEvent() throws(WireError) -> Outcome {
        let event = reading.top.word(.event)
        if ByteText.equal(event, "subscribe") || ByteText.equal(event, "unsubscribe")
            || ByteText.equal(event, "login") || ByteText.equal(event, "channel-conn-count")
        {
            return .unused(.subscriptionAnswer)
        }
        if ByteText.equal(event, "error") || ByteText.equal(event, "channel-conn-count-error") {
            return .unused(.errorAnswer)
        }
        guard ByteText.equal(event, "notice") else { throw .unknownMessage }
        guard ByteText.equal(reading.top.word(.code), "64008") else {
            return .unused(.notRecorded)
        }
        return .unused(.serverShutdown)
    }
}
