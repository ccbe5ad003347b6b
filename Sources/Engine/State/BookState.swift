/// What a book was like at a clock tick; velocities compare with it.
struct TickSample: Equatable {
    /// Samples that are kept; at most 10 ticks a second need 12.
    static let countMax = 32

    /// Time of the tick, ns.
    var time: Int64
    /// Whether the book was live; when not, the other fields are 0.
    var isLive: Bool
    /// Best bid plus best ask; 0 where a side was empty.
    var midTwice: Int64
    /// Exponent of `midTwice`.
    var priceExponent: UInt8
    /// Summed sizes of the best levels, bids.
    var bidSize: Int128
    /// The same for asks.
    var askSize: Int128
}

/// One book with everything that decides whether and how it may be used.
struct BookState: ~Copyable {
    let key: BookKey
    var book: OrderBook
    var bounds: LevelBounds
    var validity = BookValidity.empty
    /// A snapshot was loaded since the book was last thrown away.
    var isLoaded = false
    /// Worst price that the last snapshot claims complete; 0 when the side was not cut.
    var bidHorizon: Int64 = 0
    var askHorizon: Int64 = 0
    /// Receive time of the last applied book event; `Timestamp.none` before the first.
    var lastReceived = Timestamp.none
    /// Last venue time of an applied book event; `Timestamp.none` when none had one.
    var lastSource = Timestamp.none
    /// The venue's last sequence; −1 when there is none.
    var lastVenueSequence: Int64 = -1
    /// When the book became crossed in itself; `Timestamp.none` while it is not.
    var crossedSince = Timestamp.none
    /// Own events in a row that left it crossed.
    var crossedEvents: UInt32 = 0
    var counters = BookCounters()
    /// Ticks of the last second and the newest one before it, oldest first.
    var samples: [TickSample] = []

    init(key: BookKey, definition: InstrumentDefinition) {
        self.key = key
        book = OrderBook(key: key, rule: NotionalRule(definition))
        bounds = LevelBounds(
            priceExponent: definition.priceExponent, sizeExponent: definition.sizeExponent)
    }

    /// Live, not stale, not crossed in itself (`docs/METRICS.md` 2.4).
    func isUsable(now: Int64, staleAfter: Int64) -> Bool {
        validity == .live && crossedSince == Timestamp.none
            && !isStale(now: now, staleAfter: staleAfter)
    }

    /// No book event for longer than `staleAfter`.
    func isStale(now: Int64, staleAfter: Int64) -> Bool {
        lastReceived == Timestamp.none || now &- lastReceived > staleAfter
    }

    /// Age of the newest information, ns; nil before the first applied event.
    func latency(now: Int64) -> Int64? {
        guard lastReceived != Timestamp.none else { return nil }
        return now &- (lastSource != Timestamp.none ? lastSource : lastReceived)
    }

    /// Throws the levels away.
    mutating func empty() {
        book.clear()
        validity = .empty
        isLoaded = false
        bidHorizon = 0
        askHorizon = 0
        lastVenueSequence = -1
        crossedSince = Timestamp.none
        crossedEvents = 0
    }

    /// Adds the sample of a tick and forgets those that no later tick can ask for.
    mutating func keep(_ sample: TickSample) {
        samples.append(sample)
        let limit = sample.time &- Timestamp.second
        while samples.count > 1, samples[1].time <= limit { samples.removeFirst() }
        if samples.count > TickSample.countMax { samples.removeFirst() }
    }
}

/// Counts of a book since the log began; they come from the journal alone.
public struct BookCounters: Equatable, Sendable {
    /// Deltas applied.
    public var updates: UInt64 = 0
    /// Levels in the applied deltas.
    public var levels: UInt64 = 0
    /// Snapshots applied.
    public var snapshots: UInt64 = 0
    /// Times that the venue's sequence broke.
    public var gaps: UInt64 = 0
    /// Venue checksums that were right.
    public var checksumsPassed: UInt64 = 0
    /// Venue checksums that were wrong.
    public var checksumsFailed: UInt64 = 0
    /// Deltas ignored because the book was not in sync, or because they were old.
    public var ignored: UInt64 = 0
}
