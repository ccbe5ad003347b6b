public import Engine

/// Which of the two feeds a connection speaks.
public enum CoinbaseFeed: UInt8, Sendable {
    /// `ws-feed.exchange.coinbase.com`.
    case exchange = 1
    /// `advanced-trade-ws.coinbase.com`.
    case advanced = 2
}

/// Coinbase: Exchange feed and Advanced Trade feed of the same matching engine.
///
/// The venue's rules in our words (`docs/VENUES.md`):
///
/// 1. The first message of a product's book is a snapshot on the stream; the book is live with it.
///    Another snapshot replaces the book. Where deltas come for 10 s without one, it was lost: the
///    way out is to connect again, at most three times for a book that never gets one.
/// 2. Deltas carry absolute sizes; size 0 removes. Nothing is applied before a snapshot.
/// 3. Exchange `level2` has no sequence and no checksum: on a disconnect the book is thrown away,
///    and an unreadable message makes every book invalid that it may have changed.
/// 4. Advanced Trade counts all messages of a connection in `sequence_num`. A break makes every
///    book of the connection invalid on that very message; the way out is to connect again. So
///    does an unreadable event: what the message said before it stands in front of the status.
///    Only a product that can have no book (nobody can name it, no definition can hold it, or
///    there are as many as the limits allow) rejects its own event and nothing else.
/// 5. `side` of a trade (both feeds) is the maker's: the taker is the other one.
/// 6. A malformed level of a snapshot is left out and counted, the others are kept.
/// 7. `last_match` and the snapshot of `market_trades` tell trades from before the subscription.
///    They are recorded only behind a trade that is known already: after a reconnect.
/// 8. Venue time: `time`; Advanced Trade: the newest `event_time` of the event. A year before
///    1970 means "no time".
public final class CoinbaseAdapter: VenueAdapter {
    let context: AdapterContext
    let feed: CoinbaseFeed
    let books = BookList<CoinbaseBook>(venue: .coinbase)
    /// Last `sequence_num` of the connection; −1 before the first.
    var lastSequence: Int64 = -1
    /// The message, one of its events, and a part of that: each in use while those before it are.
    let fields = CoinbaseFields()
    let event = CoinbaseFields()
    let element = CoinbaseFields()
    /// Trades of one message, recorded by id once all of it, or all before an error, was read.
    var trades: [CoinbaseTrade] = []

    /// An adapter for one connection.
    public init(
        feed: CoinbaseFeed, connection: UInt16, name: [UInt8] = [], instruments: InstrumentTable
    ) {
        self.feed = feed
        context = AdapterContext(
            venue: .coinbase, connection: connection, name: name, instruments: instruments)
    }

    /// The venue.
    public var venue: Venue { .coinbase }
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

    /// Takes one message and appends what it says to `block`. The message is told from its shape:
    /// Advanced Trade has a `channel`, the Exchange feed a `type`.
    public func receive(
        _ message: UnsafeBufferPointer<UInt8>, origin: MessageOrigin, receivedAt: Int64,
        into block: inout EventBlock
    ) -> Outcome {
        context.touch = nil
        fields.begin(message)
        do throws(WireError) {
            guard message.count <= WireLimits.messageBytesMax else { throw .tooLarge }
            if case .rest = origin {
                try CoinbaseProductList.read(message, into: context.instruments)
                return .unused(.instrumentList)
            }
            var scanner = JSONScanner(message)
            try fields.read(&scanner, books, context)
            try scanner.finish()
            if fields.has(.channel) {
                return try receiveAdvanced(fields, message, receivedAt, &block)
            }
            return try receiveExchange(fields, message, receivedAt, &block)
        } catch {
            if isHarmless(fields) {
                return context.reject(error, message, receivedAt, &block)
            }
            // On Advanced Trade the products stand in the events: one beside them tells nothing.
            let isAdvanced = feed == .advanced || fields.has(.channel)
            return lose(
                symbol: isAdvanced ? nil : try? fields.values.symbol(fields[.productID]), error,
                evidence: message, receivedAt: receivedAt, into: &block)
        }
    }

    /// Whether an unreadable message cannot have changed a book: its kind was read and is another.
    /// On Advanced Trade its place in the sequence must have been read too.
    private func isHarmless(_ fields: CoinbaseFields) -> Bool {
        if fields.has(.channel) {
            let isCounted = (try? fields.values.integer(fields[.sequenceNum])) == lastSequence
            return isCounted && !ByteText.equal(fields.word(.channel), "l2_data")
        }
        let type = fields.word(.type)
        return !type.isEmpty && !ByteText.equal(type, "l2update")
            && !ByteText.equal(type, "snapshot")
    }

    /// The book of a message.
    func book(of fields: CoinbaseFields) throws(WireError) -> CoinbaseBook {
        if let book = fields.book { return book }
        return try book(try fields.values.symbol(fields[.productID]))
    }

    /// The book of a product, made when it is new.
    func book(_ product: Bytes) throws(WireError) -> CoinbaseBook {
        if let book = books.find(product) { return book }
        let book = CoinbaseBook(instrument: try context.instruments.known(.coinbase, product))
        try books.insert(book)
        return book
    }
}
