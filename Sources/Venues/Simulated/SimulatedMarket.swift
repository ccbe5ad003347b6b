import Engine

/// The books of one simulated venue, moved on in steps of 10 ms.
///
/// ```
///            seed ──► SimulatedMidPath ──► mid of BTC, ETH, SOL (the same for every venue)
///                                            │ + the venue's wander, + a dislocation
///                                            ▼
///                     SimulatedBook+Flow ──► SimulatedBook: follow, churn, takers
///                                            │ windows of changes, trades
///                                            ▼
///            BinanceSimulator, CoinbaseSimulator ──► the venue's real messages
/// ```
///
/// A function of seed, start and time: whether anybody is connected changes nothing. So two
/// connections to one venue, each with a simulator of its own, see the same books.
/// There is no clock and no floating point in it.
struct SimulatedMarket: Sendable {
    /// Length of a step. Feeds flush at multiples of it.
    static var stepNanos: Int64 { 10_000_000 }

    /// Ends of steps lie on the UTC grid of 10 ms.
    private(set) var time: Int64
    var books: [SimulatedBook]
    private let start: Int64
    private let dislocations: [SimulatedDislocation]
    private var path: SimulatedMidPath

    /// The market of `feed` at `start` (rounded down to the grid), in ns.
    init(
        seed: UInt64, start: Int64, feed: SimulatedFeed, assets: [SimulatedAsset],
        dislocations: [SimulatedDislocation]
    ) {
        let gridStart = start - start % Self.stepNanos
        self.start = gridStart
        time = gridStart
        path = SimulatedMidPath(seed: seed)
        self.dislocations = dislocations.filter { $0.venue == feed.venue }
        books = assets.map {
            SimulatedBook(asset: $0, feed: feed, seed: seed, start: gridStart)
        }
    }

    /// Moves every book on by one step.
    mutating func step() {
        time += Self.stepNanos
        path.step()
        let shiftPpm = dislocations.reduce(0) { $0 + $1.shiftPpm(at: time - start) }
        for index in books.indices {
            books[index].step(
                to: time, midMicros: path.midsMicros[books[index].asset.rawValue],
                shiftPpm: shiftPpm, activityPercent: path.activityPercent)
        }
    }

    /// Whether the step that just ended is the last one of a period of `nanos`.
    func isAtMultiple(of nanos: Int64) -> Bool { time % nanos == 0 }

    /// The index of the book with this venue symbol.
    func index(ofSymbol symbol: String) -> Int? {
        books.firstIndex { $0.profile.venueSymbol == symbol }
    }
}
