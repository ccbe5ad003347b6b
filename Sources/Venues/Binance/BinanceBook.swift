import Engine

/// Place of a delta in the venue's sequence.
struct UpdateRange: Equatable {
    /// `U`.
    let first: Int64
    /// `u`.
    let last: Int64
    /// `pu`, on futures.
    let previous: Int64?
}

/// Where the book of one symbol stands, by the rules of `BinanceAdapter`.
///
/// ```
/// idle ── delta ──► buffering ── snapshot that the buffer continues ──► live
///   │                   ▲  │                                             │
///   │                   │  └─ snapshot newer than all ─► bridging ───────┤
///   └── snapshot ───────┼──────────────────────────────►                 │
///                       └──────────────── gap, parse, overflow ──────────┘
/// ```
final class BinanceBook: VenueBook {
    enum State: Equatable {
        /// Nothing was received.
        case idle
        /// Deltas are kept until a snapshot comes.
        case buffering
        /// A snapshot is out; the next delta must continue it.
        case bridging
        /// Every delta so far continued the one before.
        case live
    }

    /// What to do with a delta.
    enum Verdict: Equatable {
        case apply, older, duplicate, gap
    }

    let instrument: Instrument
    private let isFutures: Bool
    var state = State.idle
    /// `u` of the last delta, or `lastUpdateId` of the snapshot.
    var lastID: Int64 = -1
    /// `u` of the last buffered delta.
    var bufferedID: Int64 = -1
    var buffer: MessageBuffer
    var tradeIDs = TradeIDs()

    init(instrument: Instrument, isFutures: Bool, budget: BufferBudget) {
        buffer = MessageBuffer(budget: budget)
        self.instrument = instrument
        self.isFutures = isFutures
    }

    /// Throws away what is known; the connection is gone.
    func reset() {
        state = .idle
        lastID = -1
        bufferedID = -1
        buffer.clear()
    }

    /// Whether a delta is older than a snapshot with `id` (rules 2 of spot and futures).
    func isOlder(_ range: UpdateRange, than id: Int64) -> Bool {
        isFutures ? range.last < id : range.last <= id
    }

    /// Whether a delta continues a snapshot with `id` (rules 3).
    func bridges(_ range: UpdateRange, _ id: Int64) -> Bool {
        // A symbol listed a moment ago answers −1 and no levels: any delta is its first.
        if id < 0 { return true }
        if isFutures {
            return (range.first <= id && id <= range.last) || range.previous == id
        }
        return range.first <= id + 1 && id < range.last
    }

    /// Whether a delta continues the delta that ended with `id` (rules 4).
    func continues(_ range: UpdateRange, _ id: Int64) -> Verdict {
        if range.last <= id { return .duplicate }
        if isFutures { return range.previous == id ? .apply : .gap }
        return range.first <= id + 1 ? .apply : .gap
    }

    /// What to do with a delta when a snapshot is known.
    func judge(_ range: UpdateRange) -> Verdict {
        if state == .live { return continues(range, lastID) }
        if isOlder(range, than: lastID) { return .older }
        return bridges(range, lastID) ? .apply : .gap
    }
}
