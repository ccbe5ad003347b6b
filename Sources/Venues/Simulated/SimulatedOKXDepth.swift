import Engine

/// What changed in the levels that `books` shows.
struct SimulatedOKXChange: Sendable {
    let previousID: Int64
    let id: Int64
    /// From the touch away; size 0 removes. What fell out of the depth is not said.
    var bids: [PriceLevel] = []
    var asks: [PriceLevel] = []
}

/// The best 400 levels a side of one book, as of the last flush, and their number.
struct SimulatedOKXDepth: Sendable {
    private(set) var bids: [PriceLevel]
    private(set) var asks: [PriceLevel]
    private(set) var id: Int64
    /// When this state was made, ns.
    private(set) var changedAt: Int64
    /// When the last message about it was due: a change, or the sign of life.
    private(set) var saidAt: Int64
    /// What is taken from the market's ids: the venue counted anew.
    private var idOffset: Int64 = 0
    /// The next change is numbered from the beginning.
    var isCountedAnew = false

    /// Levels a side.
    static var levelsMax: Int { 400 }
    /// A book that does not change says so this often.
    static var silenceNanosMax: Int64 { 60 * Timestamp.second }
    /// Where the venue begins to count after maintenance.
    static var firstID: Int64 { 1_000 }

    init(_ book: SimulatedBook, at time: Int64) {
        bids = book.bids.levels(limit: SimulatedOKXDepth.levelsMax)
        asks = book.asks.levels(limit: SimulatedOKXDepth.levelsMax)
        id = book.updateID
        changedAt = time
        saidAt = time
    }

    /// Takes over the state of `book`; nil when none of its best levels changed.
    mutating func flush(_ book: SimulatedBook, at time: Int64) -> SimulatedOKXChange? {
        let offset = isCountedAnew ? book.updateID - SimulatedOKXDepth.firstID : idOffset
        let newBids = book.bids.levels(limit: SimulatedOKXDepth.levelsMax)
        let newAsks = book.asks.levels(limit: SimulatedOKXDepth.levelsMax)
        var change = SimulatedOKXChange(previousID: id, id: book.updateID - offset)
        change.bids = SimulatedOKXDepth.changes(from: bids, to: newBids, isBid: true)
        change.asks = SimulatedOKXDepth.changes(from: asks, to: newAsks, isBid: false)
        guard !change.bids.isEmpty || !change.asks.isEmpty else { return nil }
        (bids, asks, id) = (newBids, newAsks, change.id)
        (idOffset, isCountedAnew) = (offset, false)
        (changedAt, saidAt) = (time, time)
        return change
    }

    /// Whether the book was silent for so long that it says so; then the silence begins anew.
    mutating func isSilent(at time: Int64) -> Bool {
        guard time - saidAt >= SimulatedOKXDepth.silenceNanosMax else { return false }
        saidAt = time
        return true
    }

    /// What a client with the levels `old` must be told to have `new`, when it keeps only the best.
    private static func changes(
        from old: [PriceLevel], to new: [PriceLevel], isBid: Bool
    ) -> [PriceLevel] {
        var changes: [PriceLevel] = []
        var at = 0
        for level in new {
            while at < old.count, isBetter(old[at].price, level.price, isBid) {
                changes.append(PriceLevel(price: old[at].price, size: 0))
                at += 1
            }
            let isThere = at < old.count && old[at].price == level.price
            if !isThere || old[at].size != level.size { changes.append(level) }
            if isThere { at += 1 }
        }
        // Behind a full side these fell out by themselves.
        guard new.count < levelsMax else { return changes }
        return changes + old[at...].map { PriceLevel(price: $0.price, size: 0) }
    }

    private static func isBetter(_ price: Int64, _ other: Int64, _ isBid: Bool) -> Bool {
        isBid ? price > other : price < other
    }
}
