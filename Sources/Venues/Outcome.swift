public import Engine

/// What became of one message.
public enum Outcome: Equatable, Sendable {
    /// Its content stands in the block.
    case used
    /// Its content stands in the block except for this many malformed levels of a snapshot; a
    /// `rejectedMessage` stands there too.
    case usedWithout(levels: Int)
    /// It says nothing that belongs in the journal.
    case unused(UnusedReason)
    /// It could not be read or breaks the venue's rules; a `rejectedMessage` stands in the block.
    case rejected(RejectReason)
}

/// Why a message that was understood adds nothing to the journal.
public enum UnusedReason: UInt8, CaseIterable, Sendable {
    /// A best bid and ask, which is only checked.
    case bestBidAsk = 1
    /// A delta that the snapshot holds already.
    case olderThanSnapshot
    /// A delta before the snapshot of its book.
    case waitingForSnapshot
    /// A snapshot that the buffered deltas do not continue.
    case snapshotTooOld
    /// A delta that found the buffer full or too old.
    case bufferRestarted
    /// A delta behind a hole in the sequence.
    case gap
    /// A snapshot of a book that is live.
    case alreadyInSync
    /// A delta, snapshot or trade that came before.
    case duplicate
    /// The answer to a subscription.
    case subscriptionAnswer
    /// A request that the venue refused.
    case errorAnswer
    /// A heartbeat.
    case heartbeat
    /// A candle.
    case candle
    /// Statistics of a day or an hour.
    case statistics
    /// The top of a book, as a whole.
    case partialDepth
    /// A trade outside the book.
    case notMarketTrade
    /// A trade that another stream tells as well.
    case otherTradeKind
    /// A trade from before the subscription.
    case latestTradeRepeated
    /// The venue's list of instruments.
    case instrumentList
    /// The index of a pair.
    case indexOnly
    /// A liquidation order that nobody filled yet.
    case liquidationWithoutFill
    /// The venue is going to close the connection.
    case serverShutdown
    /// A known channel that is not recorded.
    case notRecorded
    /// A line of the recorder itself.
    case recorderLine
    /// A message of a venue without an adapter.
    case noAdapter
    /// A figure that the venue left empty.
    case valueMissing

    /// The reason in one plain sentence.
    public var sentence: StaticString {
        switch self {
        case .bestBidAsk: "best bid and ask: they follow from the book and are only checked"
        case .olderThanSnapshot: "older than the snapshot"
        case .waitingForSnapshot: "waiting for a snapshot: kept where the venue's rules say so"
        case .snapshotTooOld: "the snapshot is older than what was buffered: another is asked for"
        case .bufferRestarted: "the buffer was full or too old: it was dropped and started again"
        case .gap: "the venue's sequence has a hole: the book is invalid until the next snapshot"
        case .alreadyInSync: "the book is in sync already: a further snapshot is not needed"
        case .duplicate: "seen before"
        case .subscriptionAnswer: "answer to a subscription"
        case .errorAnswer: "the venue refused a request"
        case .heartbeat: "heartbeat"
        case .candle: "candle: not recorded"
        case .statistics: "statistics ticker: not recorded"
        case .partialDepth: "a cut of the book: it follows from the deltas"
        case .notMarketTrade: "not a market trade (insurance fund, auto-deleveraging, block)"
        case .otherTradeKind: "the same trades come in another form, which was first"
        case .latestTradeRepeated: "trades from before the subscription, repeated by the venue"
        case .instrumentList: "instrument list: it defines instruments when they appear"
        case .indexOnly: "index of a pair: it comes with the mark price"
        case .liquidationWithoutFill: "liquidation order without a fill yet"
        case .serverShutdown: "the venue is about to close the connection"
        case .notRecorded: "a channel that is known and not recorded"
        case .recorderLine: "line of the recorder, not of the venue"
        case .noAdapter: "there is no adapter for this venue"
        case .valueMissing: "the venue left the value empty"
        }
    }
}
