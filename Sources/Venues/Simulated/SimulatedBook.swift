import Engine

/// A trade of the simulated market.
struct SimulatedTrade: Sendable {
    /// The venue's trade id, +1 each.
    let id: Int64
    /// Ticks, and the last digit of a size.
    let price: Int64
    let size: Int64
    let takerSide: TakerSide
    /// Matching engine's time, ns.
    let time: Int64
    /// The update id of the book change that the trade made.
    let updateID: Int64
    /// Trades of one taker order share this.
    let takerOrder: UInt64
}

/// What changed in a book between two flushes of a feed.
struct SimulatedWindow: Sendable {
    /// First and last update id inside, and the last one of the window before.
    let firstUpdateID: Int64
    let lastUpdateID: Int64
    let previousUpdateID: Int64
    /// Matching engine's time of the last change, ns.
    let changedAt: Int64
    /// Net changes, each price once, from the touch away; size 0 removes.
    let bids: [PriceLevel]
    let asks: [PriceLevel]
}

/// One instrument of one simulated venue: its two sides, its counters, its recent trades.
///
/// This file is what may happen to a book; `SimulatedBook+Flow.swift` is what does happen.
struct SimulatedBook: Sendable {
    let asset: SimulatedAsset
    let profile: SimulatedProfile
    var bids = SimulatedBookSide(side: .bid)
    var asks = SimulatedBookSide(side: .ask)
    var random: SimulatedRandom
    /// Matching engine's time, ns: moves on with each change, within its step.
    var clock: Int64
    /// How far this venue's fair price is off the common mid, in ppm.
    var wanderPpm: Int64 = 0

    private(set) var updateID: Int64
    private(set) var changedAt: Int64
    private(set) var recentTrades: [SimulatedTrade] = []
    private(set) var totals: SimulatedTotals
    private var windowFirstID: Int64?
    private var windowPreviousID: Int64
    private var pendingTrades: [SimulatedTrade] = []
    private let firstTradeID: Int64

    /// Trades kept for a feed that opens with the latest ones.
    private static var recentTradesMax: Int { 10 }

    /// The book of `asset` on `feed` at `start`, with one trade behind it.
    init(asset: SimulatedAsset, feed: SimulatedFeed, seed: UInt64, start: Int64) {
        let profile = SimulatedProfile.of(asset, on: feed)
        self.asset = asset
        self.profile = profile
        let stream = UInt64(100 + Int(feed.venue.rawValue) * 10 + asset.rawValue)
        random = SimulatedRandom(seed: seed, stream: stream)
        clock = start
        changedAt = start
        updateID = profile.firstUpdateID
        windowPreviousID = profile.firstUpdateID
        // A venue that starts again on a journal goes on with ids that the journal has not seen: a
        // thousand a second is far more than it has trades.
        let sinceMillis = (start - SimulatedSession.defaultStart) / 1_000_000
        firstTradeID = profile.firstTradeID + max(0, sinceMillis)
        totals = SimulatedTotals(priceTicks: asset.firstMidMicros / profile.tickMicros)
        fill(fairMicros: asset.firstMidMicros)
        let best = asks.level(rank: 0)
        record(price: best.price, size: profile.baseSize, takerSide: .buy, takerOrder: 1)
        pendingTrades = []
        _ = takeWindow()
    }

    /// Sets one level: one change of the book, one update id.
    mutating func set(_ key: Int64, size: Int64, on side: Side) {
        switch side {
        case .bid: bids.set(key, size: size)
        case .ask: asks.set(key, size: size)
        }
        updateID += 1
        if profile.updateIDStride > 1 { updateID += random.below(profile.updateIDStride) }
        if windowFirstID == nil { windowFirstID = updateID }
        changedAt = clock
    }

    /// Records a trade that the last change made.
    mutating func record(price: Int64, size: Int64, takerSide: TakerSide, takerOrder: UInt64) {
        let id = (recentTrades.last?.id ?? firstTradeID) + 1
        let trade = SimulatedTrade(
            id: id, price: price, size: size, takerSide: takerSide, time: clock,
            updateID: updateID, takerOrder: takerOrder)
        pendingTrades.append(trade)
        if recentTrades.count == Self.recentTradesMax { recentTrades.removeFirst() }
        recentTrades.append(trade)
        totals.add(trade)
    }

    /// The trades since the last call.
    mutating func takeTrades() -> [SimulatedTrade] {
        defer { pendingTrades.removeAll(keepingCapacity: true) }
        return pendingTrades
    }

    /// The changes since the last call, or nil when nothing changed.
    mutating func takeWindow() -> SimulatedWindow? {
        guard let firstID = windowFirstID else { return nil }
        let window = SimulatedWindow(
            firstUpdateID: firstID, lastUpdateID: updateID, previousUpdateID: windowPreviousID,
            changedAt: changedAt, bids: bids.takeChanges(), asks: asks.takeChanges())
        windowPreviousID = updateID
        windowFirstID = nil
        return window
    }

    /// Stops when the book is crossed, locked, too deep, or has a level out of place.
    func checkInvariants() {
        let bid = bids.level(rank: 0).price
        let ask = asks.level(rank: 0).price
        precondition(0 < bid && bid < ask, "bid \(bid), ask \(ask)")
        for side in [bids, asks] {
            precondition(side.count <= SimulatedProfile.levelCountMax, "\(side.count) levels")
            precondition(side.sizes.allSatisfy { $0 > 0 }, "size not above 0")
            precondition(zip(side.keys, side.keys.dropFirst()).allSatisfy(<), "out of order")
            precondition(side.price(side.keys[0]) > 0, "price not above 0")
        }
    }
}

/// What a ticker says about a day, from the first trade on.
struct SimulatedTotals: Sendable {
    let openTicks: Int64
    private(set) var lowTicks: Int64
    private(set) var highTicks: Int64
    /// Traded size, in the last digit of a size.
    private(set) var volume: Int64 = 0

    init(priceTicks: Int64) {
        openTicks = priceTicks
        lowTicks = priceTicks
        highTicks = priceTicks
    }

    mutating func add(_ trade: SimulatedTrade) {
        lowTicks = min(lowTicks, trade.price)
        highTicks = max(highTicks, trade.price)
        // Far from overflow even with the volumes that a ticker adds, it stands still.
        if volume < .max / 4 { volume += trade.size }
    }
}
