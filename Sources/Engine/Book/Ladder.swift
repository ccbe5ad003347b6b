/// The part of a book's side near the touch: a slot for every tick of a window.
struct Ladder: ~Copyable {
    /// Price of tick 0; a multiple of 64.
    private(set) var base: Int64 = 0
    /// Ticks of the window; 0 until it was placed.
    private(set) var width: UInt64 = 0
    /// Words of 64 ticks.
    private(set) var words = 0
    /// Best occupied tick, −1 when empty.
    private(set) var best = -1
    /// Occupied ticks.
    private(set) var count = 0

    /// 64 ticks: what an update needs besides its slot lies in one place.
    private struct Word: BitwiseCopyable {
        /// Notional of the levels.
        var notional: Int128 = 0
        /// Which ticks have a level.
        var bits: UInt64 = 0
        /// The slots of the ticks; nil where there is no level.
        var slots: UnsafeMutablePointer<BookSide.Slot>?
    }

    private var table: UnsafeMutablePointer<Word>
    /// Bit a word that is not empty.
    private var summary: UnsafeMutablePointer<UInt64>
    private var pages = PagePool()

    init() {
        table = .allocate(capacity: 1)
        summary = .allocate(capacity: 1)
    }

    deinit {
        table.deallocate()
        summary.deallocate()
    }

    /// Gives an empty ladder a window of `count` words.
    mutating func widen(to count: Int) {
        precondition(self.count == 0, "only an empty ladder changes its window")
        table.deallocate()
        summary.deallocate()
        words = count
        table = .allocate(capacity: count)
        table.initialize(repeating: Word(), count: count)
        summary = .allocate(capacity: count / 64)
        summary.initialize(repeating: 0, count: count / 64)
    }

    /// Lays the window of an empty ladder so that most of it is behind `price`.
    mutating func place(around price: Int64, isBid: Bool) {
        precondition(count == 0, "only an empty ladder is moved")
        if words == 0 { widen(to: BookSide.wordsMin) }
        let ahead = Int64(words) * (isBid ? 48 : 16)
        base = (price &- ahead) & ~63
        width = UInt64(words) * 64
    }

    /// The slot of `tick`, with memory behind it.
    @inline(__always) mutating func slot(_ tick: Int) -> UnsafeMutablePointer<BookSide.Slot> {
        let word = table + tick >> 6
        if let slots = word.pointee.slots { return slots + tick & 63 }
        let slots = pages.take()
        word.pointee.slots = slots
        return slots + tick & 63
    }

    /// Adds to the notional of the word of `tick`.
    @inline(__always) func addNotional(_ tick: Int, _ change: Int128) {
        (table + tick >> 6).pointee.notional &+= change
    }

    /// The slot of `tick` when its word has memory.
    @inline(__always) func existing(_ tick: Int) -> UnsafeMutablePointer<BookSide.Slot>? {
        guard let slots = table[tick >> 6].slots else { return nil }
        return slots + tick & 63
    }

    /// The size at `tick`, 0 where there is none: asked for a whole message first, so that the
    /// waits for memory overlap.
    @inline(__always) func peek(_ tick: Int) -> Int64 { existing(tick)?.pointee.size ?? 0 }

    /// The content of a tick; empty where it has no memory.
    @inline(__always) func at(_ tick: Int) -> BookSide.Slot {
        existing(tick)?.pointee ?? BookSide.Slot(size: 0, insertedAt: 0)
    }

    /// Whether `tick` has a level.
    func isOccupied(_ tick: Int) -> Bool { bits(of: tick >> 6) >> UInt64(tick & 63) & 1 == 1 }

    /// Notes that `tick` now has a level.
    @inline(__always) mutating func occupy(_ tick: Int, isBid: Bool) {
        let word = tick >> 6
        if table[word].bits == 0 { summary[word >> 6] |= 1 << UInt64(word & 63) }
        table[word].bits |= 1 << UInt64(tick & 63)
        if count == 0 || (isBid ? tick > best : tick < best) { best = tick }
        count &+= 1
    }

    /// Notes that `tick` has no level any more.
    @inline(__always) mutating func vacate(_ tick: Int, isBid: Bool) {
        let word = tick >> 6
        table[word].bits &= ~(1 << UInt64(tick & 63))
        if table[word].bits == 0 { release(word) }
        count &-= 1
        if tick == best { best = next(after: tick, isBid: isBid) }
    }

    private mutating func release(_ word: Int) {
        summary[word >> 6] &= ~(1 << UInt64(word & 63))
        if let slots = table[word].slots { pages.give(slots) }
        table[word].slots = nil
    }

    /// The next occupied tick behind `tick`, away from the touch; −1 when there is none.
    @inline(__always) func next(after tick: Int, isBid: Bool) -> Int {
        let word = tick >> 6
        if isBid {
            let rest = table[word].bits & ((1 << UInt64(tick & 63)) &- 1)
            if rest != 0 { return word << 6 | (63 &- rest.leadingZeroBitCount) }
            return Ladder.lastTick(below: word, table, summary)
        }
        let rest = table[word].bits & (~1 << UInt64(tick & 63))
        if rest != 0 { return word << 6 | rest.trailingZeroBitCount }
        return Ladder.firstTick(above: word, table, summary, groups: words >> 6)
    }

    // The two walks take the pointers and not the ladder: it would be copied for each call.

    private static func firstTick(
        above word: Int, _ table: UnsafeMutablePointer<Word>,
        _ summary: UnsafeMutablePointer<UInt64>, groups: Int
    ) -> Int {
        var group = word >> 6
        var rest = summary[group] & (word & 63 == 63 ? 0 : ~0 << UInt64(word & 63 &+ 1))
        while rest == 0 {
            group &+= 1
            if group >= groups { return -1 }
            rest = summary[group]
        }
        let found = group << 6 | rest.trailingZeroBitCount
        return found << 6 | table[found].bits.trailingZeroBitCount
    }

    private static func lastTick(
        below word: Int, _ table: UnsafeMutablePointer<Word>,
        _ summary: UnsafeMutablePointer<UInt64>
    ) -> Int {
        var group = word >> 6
        var rest = summary[group] & ((1 << UInt64(word & 63)) &- 1)
        while rest == 0 {
            group &-= 1
            if group < 0 { return -1 }
            rest = summary[group]
        }
        let found = group << 6 | (63 &- rest.leadingZeroBitCount)
        return found << 6 | (63 &- table[found].bits.leadingZeroBitCount)
    }

    /// Occupied ticks of `word` as bits.
    @inline(__always) func bits(of word: Int) -> UInt64 { table[word].bits }

    /// Notional of the levels of a word.
    @inline(__always) func wordSum(_ word: Int) -> Int128 { table[word].notional }

    /// The next word behind `word` that is not empty; the count of words when there is none.
    @inline(__always) func nextWord(after word: Int) -> Int {
        var group = word >> 6
        var rest = summary[group] & (word & 63 == 63 ? 0 : ~0 << UInt64(word & 63 &+ 1))
        while rest == 0 {
            group &+= 1
            if group >= words >> 6 { return words }
            rest = summary[group]
        }
        return group << 6 | rest.trailingZeroBitCount
    }

    /// Removes all levels and keeps the window's memory.
    mutating func clear() {
        var tick = best
        if count > 0 { tick = summaryFirst() }
        while tick >= 0 {
            let word = tick >> 6
            if let slots = table[word].slots {
                slots.update(repeating: BookSide.Slot(size: 0, insertedAt: 0), count: 64)
            }
            release(word)
            table[word] = Word()
            tick = Ladder.firstTick(above: word, table, summary, groups: words >> 6)
        }
        count = 0
        best = -1
        // The next first level places the window anew.
        width = 0
    }

    private func summaryFirst() -> Int {
        table[0].bits != 0
            ? table[0].bits.trailingZeroBitCount
            : Ladder.firstTick(above: 0, table, summary, groups: words >> 6)
    }
}
