import Engine

/// What happens to a book in one step of the market:
///
/// 1. *follow*: resting interest beyond the fair price goes, taken or cancelled, and where the
///    touch lags behind, somebody improves it;
/// 2. *churn*: inserts, changes and deletes, most of them near the touch;
/// 3. *takers*: orders that take liquidity from the touch.
///
/// After 1 each bid is at most `fair − half spread` and each ask at least `fair + half spread`,
/// 2 inserts only behind the touch, 3 only removes: so a book never crosses or locks.
extension SimulatedBook {
    /// Runs the step that ends at `end`.
    mutating func step(to end: Int64, midMicros: Int64, shiftPpm: Int64, activityPercent: Int64) {
        clock = end - SimulatedMarket.stepNanos
        wander()
        let fairMicros = midMicros + midMicros / 1_000 * (wanderPpm + shiftPpm) / 1_000
        follow(.bid, limitKey: limitKey(.bid, fairMicros), end: end)
        follow(.ask, limitKey: limitKey(.ask, fairMicros), end: end)
        for _ in 0..<random.count(perSecond: profile.actionsPerSecond * activityPercent / 100) {
            tick(end)
            churn(random.chance(1, in: 2) ? .bid : .ask)
        }
        for _ in 0..<random.count(perSecond: profile.takersPerSecond * activityPercent / 100) {
            tick(end)
            take(random.chance(1, in: 2) ? .bid : .ask)
        }
        trim(.bid)
        trim(.ask)
    }

    /// The first levels of both sides around `fairMicros`.
    mutating func fill(fairMicros: Int64) {
        for side in [Side.bid, .ask] {
            set(limitKey(side, fairMicros), size: randomSize(rank: 0), on: side)
            while levels(side).count < profile.levelCount { append(to: side) }
        }
    }

    private func levels(_ side: Side) -> SimulatedBookSide { side == .bid ? bids : asks }

    /// The greatest key that `side` may have at this fair price.
    private func limitKey(_ side: Side, _ fairMicros: Int64) -> Int64 {
        let half = fairMicros / 1_000 * profile.halfSpreadPpm / 1_000
        let micros = side == .bid ? fairMicros - half : -(fairMicros + half)
        let (quotient, remainder) = micros.quotientAndRemainder(dividingBy: profile.tickMicros)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// Moves the engine's time on, but not beyond the end of the step.
    private mutating func tick(_ end: Int64) { clock = min(clock + 137_000, end) }

    private mutating func wander() {
        wanderPpm += random.below(3) - 1
        wanderPpm = max(-profile.wanderPpm, min(profile.wanderPpm, wanderPpm))
    }

    private mutating func follow(_ side: Side, limitKey: Int64, end: Int64) {
        let takerOrder = random.next()
        while let best = levels(side).bestKey, best > limitKey {
            tick(end)
            let size = levels(side).sizes[levels(side).count - 1]
            set(best, size: 0, on: side)
            if takerOrder & 3 == 0 {
                trade(side, key: best, size: size, takerOrder: takerOrder)
            }
        }
        let slackTicks = max(1, abs(limitKey) / 1_000 * profile.slackPpm / 1_000)
        if (levels(side).bestKey ?? .min) < limitKey - slackTicks {
            tick(end)
            let key = limitKey - random.below(slackTicks + 1)
            set(key, size: randomSize(rank: 0), on: side)
        }
        if levels(side).count < profile.levelCount * 9 / 10 { append(to: side) }
    }

    /// Drops the worst levels beyond the most that a side may have.
    private mutating func trim(_ side: Side) {
        while levels(side).count > SimulatedProfile.levelCountMax {
            set(levels(side).keys[0], size: 0, on: side)
        }
    }

    /// One insert, change or delete, mostly near the touch. Where levels lie thinner than the
    /// profile says, inserts are likelier, else deletes: so that the shape of the book
    /// outlives the moves of the price.
    private mutating func churn(_ side: Side) {
        let levels = levels(side)
        let uniform = random.below(1024)
        let rank = (Int64(profile.levelCount) * uniform * uniform * uniform) >> 30
        let meanGap = profile.gapTicks(rank: rank)
        let depth = profile.depthTicks(rank: rank) + random.below(meanGap)
        let index = levels.firstIndex(notBelow: (levels.bestKey ?? 0) - depth)
        guard index > 0, index < levels.count else { return }
        let gap = levels.keys[index] - levels.keys[index - 1]
        let wantsMore = random.chance(gap > meanGap + random.below(meanGap + 1) ? 4 : 1, in: 5)
        let size = randomSize(rank: levels.count - 1 - index)
        if random.chance(1, in: 2) || (wantsMore && gap == 1) {
            set(levels.keys[index], size: size, on: side)
        } else if wantsMore {
            set(levels.keys[index - 1] + 1 + random.below(gap - 1), size: size, on: side)
        } else if levels.count > profile.levelCount / 2 {
            set(levels.keys[index], size: 0, on: side)
        }
    }

    /// A taker order against `side`: at most four levels, then the rest is cancelled.
    private mutating func take(_ side: Side) {
        let takerOrder = random.next()
        var rest = randomSize(rank: 0)
        for _ in 0..<4 where rest > 0 && levels(side).count > profile.levelCount / 2 {
            let index = levels(side).count - 1
            let key = levels(side).keys[index]
            let held = levels(side).sizes[index]
            let taken = min(held, rest)
            rest -= taken
            set(key, size: held - taken, on: side)
            trade(side, key: key, size: taken, takerOrder: takerOrder)
        }
    }

    private mutating func trade(_ side: Side, key: Int64, size: Int64, takerOrder: UInt64) {
        record(
            price: levels(side).price(key), size: size, takerSide: side == .bid ? .sell : .buy,
            takerOrder: takerOrder)
    }

    /// Adds a level beyond the worst one.
    private mutating func append(to side: Side) {
        let rank = Int64(levels(side).count)
        let gap = 1 + random.below(2 * profile.gapTicks(rank: rank) - 1)
        let key = levels(side).keys[0] - gap
        guard levels(side).price(key) > 0 else { return }
        set(key, size: randomSize(rank: Int(rank)), on: side)
    }

    /// Mostly small, sometimes large, growing away from the touch; a third are round numbers.
    private mutating func randomSize(rank: Int) -> Int64 {
        let scale = (profile.baseSize / 8) << random.below(6)
        var size = scale * (64 + random.below(64)) / 64
        size += size * Int64(rank) / 128
        if random.chance(1, in: 3) { size = size / profile.roundSize * profile.roundSize }
        return max(size, 1)
    }
}

extension SimulatedProfile {
    /// Mean gap between the levels of `rank` and the next one.
    fileprivate func gapTicks(rank: Int64) -> Int64 { nearGapTicks + rank * gapGrowth / 1024 }

    /// Mean distance from the touch to the level of `rank`: the sum of the gaps.
    fileprivate func depthTicks(rank: Int64) -> Int64 {
        nearGapTicks * rank + gapGrowth * rank * rank / 2048
    }

    /// The greatest power of ten that is at most an eighth of `baseSize`.
    fileprivate var roundSize: Int64 {
        var power: Int64 = 1
        while power * 80 <= baseSize { power *= 10 }
        return power
    }
}
