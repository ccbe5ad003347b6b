import Engine

/// A book whose snapshot comes on the stream: nothing is known, or every message since the
/// snapshot was applied. A lost one is had again by subscribing anew.
final class StreamBook: VenueBook {
    let instrument: Instrument
    private(set) var isLive = false
    /// The venue's sequence of the last applied message; −1 where there is none.
    var lastID: Int64 = -1
    /// A second number that the venue gives each message, where it does; −1 where there is none.
    var crossSequence: Int64 = -1
    /// The largest sequence in the log since the snapshot, where the venue may count anew: the fold
    /// takes only numbers that grow.
    var loggedID: Int64 = -1
    /// The book as the venue keeps it; nil where it keeps all levels.
    let mirror: MirrorBook?
    var tradeIDs = TradeIDs()
    /// When the first delta came that found no snapshot.
    private var waitingSince = Timestamp.none
    /// The newest delta that found no snapshot: its sequence, and the depth of its subscription.
    private var missed: (id: Int64, depth: Int)?

    /// Longest wait for a snapshot (V.3).
    private static var waitNanosMax: Int64 { 10 * Timestamp.second }

    /// A book that the venue cuts to `depth` levels a side; nil: to none.
    init(instrument: Instrument, depth: Int? = nil) {
        self.instrument = instrument
        mirror = depth.map { MirrorBook(depth: $0) }
    }

    /// A snapshot was applied.
    func begin() {
        isLive = true
        waitingSince = Timestamp.none
        missed = nil
    }

    /// The book is not right any more.
    func end() {
        isLive = false
        lastID = -1
        crossSequence = -1
        loggedID = -1
        waitingSince = Timestamp.none
        missed = nil
        mirror?.clear()
    }

    /// A delta with this place in its subscription was dropped, since there was no snapshot.
    func miss(_ id: Int64, depth: Int) {
        if let missed, missed.depth == depth, missed.id >= id { return }
        missed = (id, depth)
    }

    /// Whether a snapshot is older than a delta that was dropped before it came: it would begin a
    /// book that is behind. Said once: a venue may count anew.
    func isOvertaken(_ id: Int64, depth: Int) -> Bool {
        guard !isLive, let missed, missed.depth == depth, missed.id > id else { return false }
        self.missed = nil
        return true
    }

    /// A delta found no snapshot. True when one has been waited for long enough to ask again.
    func waits(at receivedAt: Int64) -> Bool {
        guard waitingSince != Timestamp.none else {
            waitingSince = receivedAt
            return false
        }
        let (age, overflow) = receivedAt.subtractingReportingOverflow(waitingSince)
        guard age > StreamBook.waitNanosMax, !overflow else { return false }
        waitingSince = receivedAt
        return true
    }
}
