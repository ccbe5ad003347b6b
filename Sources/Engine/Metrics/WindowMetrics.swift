/// Reused memory of the metrics at a tick.
struct MetricScratch {
    var consolidation = Consolidation()
    var frames: [FrameValues] = []
    var venues: [VenueValues] = []
    /// Depth by member and window: `member · windows + window in configured order`.
    var depths: [WindowDepth] = []
    var bounds: [Int64] = []
    var sums: [Int128] = []
    /// Whether a member takes part: usable, and its depth within range.
    var takesPart: [Bool] = []

    mutating func clear() {
        frames.removeAll(keepingCapacity: true)
        venues.removeAll(keepingCapacity: true)
    }
}

extension Engine {
    /// Depths stay below 2^120 in the table's notional exponent, so that ratios can be divided.
    private static var depthLimit: Int128 { 1 << 120 }

    /// Computes the frames of table `index` at time `now` into `scratch`.
    func measure(table index: Int, now: Int64, _ scratch: inout MetricScratch) {
        let table = tables[index]
        consolidate(table, now: now, into: &scratch.consolidation)
        measureDepths(table, &scratch)
        for window in configuration.windowsBps.indices {
            appendFrame(index, table, window, now, &scratch)
        }
    }

    private func measureDepths(_ table: ConsolidatedTable, _ scratch: inout MetricScratch) {
        let windows = configuration.windowsBps.count
        scratch.depths.removeAll(keepingCapacity: true)
        scratch.takesPart.removeAll(keepingCapacity: true)
        let exponent = notionalExponent(table, scratch.consolidation)
        for member in table.members.indices {
            for _ in 0..<windows { scratch.depths.append(WindowDepth()) }
            let isUsable = scratch.consolidation.isUsable[member]
            scratch.takesPart.append(
                isUsable && measureMember(table, member, exponent, &scratch))
        }
    }

    /// The finest notional exponent of the usable books.
    func notionalExponent(_ table: ConsolidatedTable, _ now: Consolidation) -> Int {
        var exponent = 0
        for member in table.members.indices where now.isUsable[member] {
            let rule = NotionalRule(instruments[table.members[member].instrument].definition)
            exponent = max(exponent, rule.exponent)
        }
        return exponent
    }

    /// - Returns: false when the depth does not fit, so that the venue cannot take part.
    private func measureMember(
        _ table: ConsolidatedTable, _ member: Int, _ exponent: Int, _ scratch: inout MetricScratch
    ) -> Bool {
        guard let midTwice = scratch.consolidation.midTwice else { return true }
        let definition = instruments[table.members[member].instrument].definition
        let rule = NotionalRule(definition)
        guard let scale = PowersOfTen.int128(exponent - rule.exponent) else { return false }
        let factor = scale.multipliedReportingOverflow(by: Int128(rule.multiplier))
        guard !factor.overflow else { return false }
        let slot = scratch.consolidation.slots[member]
        let middle = scratch.consolidation.priceExponent
        var fits = true
        for side in [Side.bid, .ask] {
            scratch.bounds.removeAll(keepingCapacity: true)
            scratch.sums.removeAll(keepingCapacity: true)
            for window in windowOrder {
                guard
                    let bounds = WindowBounds(
                        midTwice: midTwice, midExponent: middle,
                        windowBps: configuration.windowsBps[window],
                        priceExponent: Int(definition.priceExponent))
                else { return false }
                scratch.bounds.append(side == .bid ? bounds.bidFloor : bounds.askCeiling)
                scratch.sums.append(0)
            }
            sum(side, slot, &scratch)
            for (position, window) in windowOrder.enumerated() {
                let (depth, overflow) = scratch.sums[position].multipliedReportingOverflow(
                    by: factor.partialValue)
                fits = fits && !overflow && depth < Engine.depthLimit
                let target = member * configuration.windowsBps.count + window
                if side == .bid {
                    scratch.depths[target].bids = depth
                } else {
                    scratch.depths[target].asks = depth
                }
            }
        }
        return fits
    }

    private func sum(_ side: Side, _ slot: Int, _ scratch: inout MetricScratch) {
        scratch.bounds.withUnsafeBufferPointer { bounds in
            scratch.sums.withUnsafeMutableBufferPointer { sums in
                if side == .bid {
                    books[slot].book.bids.depths(to: bounds, into: sums)
                } else {
                    books[slot].book.asks.depths(to: bounds, into: sums)
                }
            }
        }
    }

    private func appendFrame(
        _ index: Int, _ table: ConsolidatedTable, _ window: Int, _ now: Int64,
        _ scratch: inout MetricScratch
    ) {
        let windows = configuration.windowsBps.count
        var bids: Int128 = 0
        var asks: Int128 = 0
        for member in table.members.indices where scratch.takesPart[member] {
            bids += scratch.depths[member * windows + window].bids
            asks += scratch.depths[member * windows + window].asks
        }
        let first = scratch.venues.count
        var hhi: Int128 = 0
        for member in table.members.indices {
            let depth = scratch.depths[member * windows + window]
            let own = scratch.takesPart[member] ? depth.bids + depth.asks : 0
            let nano = Rounding.halfEven(own, over: bids + asks, decimals: 9) ?? 0
            hhi += nano * nano
            appendVenue(table, member, own, bids + asks, now, &scratch)
        }
        let imbalance = Rounding.halfEven(bids - asks, over: bids + asks, decimals: 4) ?? 0
        scratch.frames.append(
            FrameValues(
                table: index, windowBps: configuration.windowsBps[window],
                mid: shownMid(scratch.consolidation),
                midDecimals: scratch.consolidation.midDecimals,
                spread: shownSpread(scratch.consolidation),
                hhi: Int64(
                    Rounding.halfEven(hhi, over: 1_000_000_000_000_000_000, decimals: 4) ?? 0),
                imbalance: Int64(imbalance), venues: first..<scratch.venues.count))
    }

    private func appendVenue(
        _ table: ConsolidatedTable, _ member: Int, _ depth: Int128, _ total: Int128, _ now: Int64,
        _ scratch: inout MetricScratch
    ) {
        let slot = scratch.consolidation.slots[member]
        scratch.venues.append(
            VenueValues(
                venue: table.members[member].venue, spread: slot < 0 ? nil : ownSpread(slot),
                share: Int64(Rounding.halfEven(depth, over: total, decimals: 3) ?? 0),
                latency: slot < 0 ? nil : books[slot].latency(now: now).map(Milliseconds.rounded),
                isStale: !scratch.takesPart[member]))
    }

    /// Tenths of a bps of one book's own best prices, while it is live.
    func ownSpread(_ slot: Int) -> Int64? {
        guard books[slot].validity == .live, let bid = books[slot].book.bids.best,
            let ask = books[slot].book.asks.best
        else { return nil }
        return Spread.tenths(bid: Int128(bid.price), ask: Int128(ask.price))
    }

    /// Mid as it is shown.
    func shownMid(_ now: Consolidation) -> Int128? {
        guard let midTwice = now.midTwice, let scale = PowersOfTen.int128(now.priceExponent)
        else { return nil }
        return Rounding.halfEven(midTwice, over: 2 * scale, decimals: now.midDecimals)
    }

    private func shownSpread(_ now: Consolidation) -> Int64? {
        guard let midTwice = now.midTwice,
            let value = Rounding.halfEven(20_000 * now.spread, over: midTwice, decimals: 1)
        else { return nil }
        return Int64(clamping: value)
    }
}
