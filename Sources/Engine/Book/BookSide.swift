/// A level of a book as it is kept: its size and the sequence at which its price appeared.
struct KeptLevel: BitwiseCopyable {
    var price: Int64
    var size: Int64
    var insertedAt: UInt64
}

/// One side of a book.
///
/// Near the touch a **ladder**: a window of ticks in which each price has a slot, found by
/// arithmetic, with a bitmap that finds the neighbours. Far from it an **overflow**: levels sorted
/// best first. All of the overflow lies outside the window, so a walk from the best price takes
/// the better overflow, then the ladder, then the worse overflow.
///
/// ```
/// price − base:  0 ........ 64 ........ 128 .......        window, in words of 64 ticks
/// bits           [0010…1]   [0000…0]    [1000…0]           which ticks have a level
/// slots          a page     none        a page             64 slots: size, inserted at
/// notional       the levels' sum, a word
/// summary        bit a word that is not empty
/// ```
///
/// Not copyable: it owns its memory.
struct BookSide: ~Copyable {
    struct Slot: BitwiseCopyable {
        var size: Int64
        var insertedAt: UInt64
    }

    static let wordsMin = 256
    static let wordsMax = 16_384
    /// So many far levels make the window grow.
    static let overflowBeforeGrowth = 16

    let isBid: Bool
    let salt: UInt64
    /// How a level's notional is reckoned, without the contract multiplier.
    let rule: NotionalRule
    /// Levels of this side.
    private(set) var count = 0
    /// Sum of the level hashes.
    private(set) var hashHigh: UInt64 = 0
    private(set) var hashLow: UInt64 = 0

    var ladder = Ladder()
    var overflow = Overflow()
    /// Far levels inserted since the window was laid: a rebuild has to be earned.
    private var farInserts = 0

    init(isBid: Bool, salt: UInt64, rule: NotionalRule = .linear) {
        self.isBid = isBid
        self.salt = salt
        self.rule = rule
    }

    /// Whether `a` is the better price on this side.
    @inline(__always) func isBetter(_ a: Int64, than b: Int64) -> Bool { isBid ? a > b : a < b }

    /// Sets the level at `price` to `size`; 0 removes it. A new price is inserted at `sequence`.
    @inline(__always)
    mutating func set(price: Int64, size: Int64, sequence: UInt64) {
        let tick = price &- ladder.base
        if UInt64(bitPattern: tick) < ladder.width {
            setNear(Int(truncatingIfNeeded: tick), price, size, sequence)
        } else {
            setFar(price, size, sequence)
        }
    }

    /// Whether `levels` lie within the bounds. Looks at all slots that they will change before the
    /// first change: the waits for memory overlap instead of following each other.
    @inline(__always)
    func admits(_ levels: UnsafeBufferPointer<PriceLevel>, _ bounds: LevelBounds) -> Bool {
        var prices: UInt64 = 0
        var sizes: UInt64 = 0
        var seen: Int64 = 0
        for level in levels {
            prices |= UInt64(bitPattern: level.price &- 1)
            sizes |= UInt64(bitPattern: level.size)
            let tick = level.price &- ladder.base
            if UInt64(bitPattern: tick) < ladder.width {
                seen |= ladder.peek(Int(truncatingIfNeeded: tick))
            }
        }
        precondition(seen >= 0, "a size is negative")
        return bounds.allow(levels, prices: prices, sizes: sizes)
    }

    @inline(__always)
    private mutating func setNear(
        _ tick: Int, _ price: Int64, _ size: Int64, _ sequence: UInt64
    ) {
        guard let slot = size == 0 ? ladder.existing(tick) : ladder.slot(tick) else { return }
        let old = slot.pointee
        if old.size != 0 {
            replace(slot, old, tick, price, size)
        } else if size != 0 {
            slot.pointee = Slot(size: size, insertedAt: sequence)
            addHash(price, size, sequence)
            ladder.addNotional(tick, rule.product(price, size))
            count &+= 1
            ladder.occupy(tick, isBid: isBid)
        }
    }

    @inline(__always)
    private mutating func replace(
        _ slot: UnsafeMutablePointer<Slot>, _ old: Slot, _ tick: Int, _ price: Int64, _ size: Int64
    ) {
        slot.pointee.size = size
        ladder.addNotional(tick, rule.product(price, size &- old.size))
        let former = Mixing.level(
            salt: salt, price: price, size: old.size, insertedAt: old.insertedAt)
        if size == 0 {
            hashHigh &-= former.high
            hashLow &-= former.low
            count &-= 1
            ladder.vacate(tick, isBid: isBid)
        } else {
            let hash = Mixing.level(
                salt: salt, price: price, size: size, insertedAt: old.insertedAt)
            hashHigh &+= hash.high &- former.high
            hashLow &+= hash.low &- former.low
        }
    }

    private mutating func setFar(_ price: Int64, _ size: Int64, _ sequence: UInt64) {
        if count == 0 && size != 0 {
            ladder.place(around: price, isBid: isBid)
            return set(price: price, size: size, sequence: sequence)
        }
        let index = overflow.index(of: price, isBid: isBid)
        let exists = index < overflow.count && overflow[index].price == price
        if exists {
            let old = overflow[index]
            removeHash(price, old.size, old.insertedAt)
            if size == 0 {
                overflow.remove(at: index)
                count &-= 1
            } else {
                overflow[index].size = size
                addHash(price, size, old.insertedAt)
            }
        } else if size != 0 {
            overflow.insert(
                KeptLevel(price: price, size: size, insertedAt: sequence), at: index)
            addHash(price, size, sequence)
            count &+= 1
            makeRoom()
        }
    }

    @inline(__always)
    private mutating func addHash(_ price: Int64, _ size: Int64, _ insertedAt: UInt64) {
        let hash = Mixing.level(salt: salt, price: price, size: size, insertedAt: insertedAt)
        hashHigh &+= hash.high
        hashLow &+= hash.low
    }

    @inline(__always)
    private mutating func removeHash(_ price: Int64, _ size: Int64, _ insertedAt: UInt64) {
        let hash = Mixing.level(salt: salt, price: price, size: size, insertedAt: insertedAt)
        hashHigh &-= hash.high
        hashLow &-= hash.low
    }

    /// Removes all levels.
    mutating func clear() {
        ladder.clear()
        overflow.removeAll()
        count = 0
        hashHigh = 0
        hashLow = 0
    }

    /// Lays the window of an empty side for the levels that follow, in whatever order they come.
    mutating func expect(_ levels: UnsafeBufferPointer<PriceLevel>) {
        precondition(count == 0, "only an empty side expects a snapshot")
        guard var best = levels.first?.price else { return }
        for level in levels where isBetter(level.price, than: best) { best = level.price }
        ladder.place(around: best, isBid: isBid)
        farInserts = 0
    }

    /// Moves the window when the best price left it, and widens it when much lies outside.
    /// Where levels lie is no part of the content: nothing that is shown depends on it.
    private mutating func makeRoom() {
        farInserts &+= 1
        let isBestFar = ladder.count == 0 || isBetter(overflow[0].price, than: ladderBest)
        let mayGrow =
            overflow.count > BookSide.overflowBeforeGrowth && ladder.words < BookSide.wordsMax
        guard isBestFar || mayGrow else { return }
        // A rebuild walks all levels, so it waits for its share of far ones.
        guard farInserts >= count / 8 else { return }
        farInserts = 0
        var kept: [KeptLevel] = []
        kept.reserveCapacity(count)
        visit { level in
            kept.append(level)
            return true
        }
        ladder.clear()
        overflow.removeAll()
        if mayGrow { ladder.widen(to: min(ladder.words * 8, BookSide.wordsMax)) }
        ladder.place(around: kept[0].price, isBid: isBid)
        for level in kept { restore(level) }
    }

    /// Puts a level back where it belongs, without touching count or hashes.
    private mutating func restore(_ level: KeptLevel) {
        let tick = level.price &- ladder.base
        if UInt64(bitPattern: tick) < ladder.width {
            ladder.slot(Int(tick)).pointee = Slot(size: level.size, insertedAt: level.insertedAt)
            ladder.addNotional(Int(tick), rule.product(level.price, level.size))
            ladder.occupy(Int(tick), isBid: isBid)
        } else {
            overflow.insert(level, at: overflow.index(of: level.price, isBid: isBid))
        }
    }

    /// Adds a level of a checkpoint with the sequence at which it was inserted.
    mutating func load(_ level: KeptLevel) {
        set(price: level.price, size: level.size, sequence: level.insertedAt)
    }

    private var ladderBest: Int64 { ladder.base &+ Int64(ladder.best) }

    /// The best level, or nil when the side is empty.
    @inline(__always) var best: KeptLevel? {
        if ladder.count > 0 {
            let price = ladderBest
            if overflow.count == 0 || isBetter(price, than: overflow[0].price) {
                let slot = ladder.at(ladder.best)
                return KeptLevel(price: price, size: slot.size, insertedAt: slot.insertedAt)
            }
        }
        return overflow.count > 0 ? overflow[0] : nil
    }

    /// Whether there is a level at `price`.
    func contains(price: Int64) -> Bool {
        let tick = price &- ladder.base
        if UInt64(bitPattern: tick) < ladder.width { return ladder.isOccupied(Int(tick)) }
        let index = overflow.index(of: price, isBid: isBid)
        return index < overflow.count && overflow[index].price == price
    }

    /// Whether the side stays within the cap of levels when `levels` are set: what goes makes room
    /// for what comes, and of a price that stands twice the last counts. Mutating, though nothing
    /// changes: a side that is only borrowed is handed over field by field.
    @inline(never) mutating func fits(_ levels: UnsafeBufferPointer<PriceLevel>) -> Bool {
        let order = levels.indices.sorted { a, b in
            (levels[a].price, a) < (levels[b].price, b)
        }
        var after = count
        for (place, index) in order.enumerated() {
            let price = levels[index].price
            let isLast = place + 1 == order.count || levels[order[place + 1]].price != price
            guard isLast else { continue }
            if levels[index].size == 0 {
                if contains(price: price) { after -= 1 }
            } else if !contains(price: price) {
                after += 1
            }
        }
        return after <= Limits.levelsPerSideMax
    }

    /// Calls `body` with each level, best first, until it returns false.
    @inline(__always) func visit(_ body: (KeptLevel) -> Bool) {
        var index = 0
        if ladder.count > 0 {
            while index < overflow.count, isBetter(overflow[index].price, than: ladderBest) {
                guard body(overflow[index]) else { return }
                index &+= 1
            }
            var tick = ladder.best
            while tick >= 0 {
                let slot = ladder.at(tick)
                let level = KeptLevel(
                    price: ladder.base &+ Int64(tick), size: slot.size,
                    insertedAt: slot.insertedAt)
                guard body(level) else { return }
                tick = ladder.next(after: tick, isBid: isBid)
            }
        }
        while index < overflow.count {
            guard body(overflow[index]) else { return }
            index &+= 1
        }
    }
}
