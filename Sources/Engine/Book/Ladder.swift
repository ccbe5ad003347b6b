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

    private var bits: UnsafeMutablePointer<UInt64>
    private var summary: UnsafeMutablePointer<UInt64>
    /// Page of a word, plus one; 0 where it has none.
    private var directory: UnsafeMutablePointer<UInt32>
    private var pages: UnsafeMutablePointer<BookSide.Slot>
    private var pageCapacity = 0
    private var freePages: UnsafeMutablePointer<UInt32>
    private var freeCount = 0

    init() {
        bits = .allocate(capacity: 1)
        summary = .allocate(capacity: 1)
        directory = .allocate(capacity: 1)
        pages = .allocate(capacity: 1)
        freePages = .allocate(capacity: 1)
    }

    deinit {
        bits.deallocate()
        summary.deallocate()
        directory.deallocate()
        pages.deallocate()
        freePages.deallocate()
    }

    /// Gives an empty ladder a window of `count` words.
    mutating func widen(to count: Int) {
        precondition(self.count == 0, "only an empty ladder changes its window")
        bits.deallocate()
        summary.deallocate()
        directory.deallocate()
        words = count
        bits = .allocate(capacity: count)
        bits.initialize(repeating: 0, count: count)
        summary = .allocate(capacity: count / 64)
        summary.initialize(repeating: 0, count: count / 64)
        directory = .allocate(capacity: count)
        directory.initialize(repeating: 0, count: count)
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
        let word = tick >> 6
        var page = directory[word]
        if page == 0 {
            page = takePage()
            directory[word] = page
        }
        return pages + (Int(page &- 1) << 6 | tick & 63)
    }

    /// The slot of `tick` when its word has memory.
    @inline(__always) func existing(_ tick: Int) -> UnsafeMutablePointer<BookSide.Slot>? {
        let page = directory[tick >> 6]
        return page == 0 ? nil : pages + (Int(page &- 1) << 6 | tick & 63)
    }

    /// The content of an occupied tick.
    @inline(__always) func at(_ tick: Int) -> BookSide.Slot {
        pages[Int(directory[tick >> 6] &- 1) << 6 | tick & 63]
    }

    /// Whether `tick` has a level.
    func isOccupied(_ tick: Int) -> Bool { bits[tick >> 6] >> UInt64(tick & 63) & 1 == 1 }

    /// Notes that `tick` now has a level.
    @inline(__always) mutating func occupy(_ tick: Int, isBid: Bool) {
        let word = tick >> 6
        if bits[word] == 0 { summary[word >> 6] |= 1 << UInt64(word & 63) }
        bits[word] |= 1 << UInt64(tick & 63)
        if count == 0 || (isBid ? tick > best : tick < best) { best = tick }
        count &+= 1
    }

    /// Notes that `tick` has no level any more.
    @inline(__always) mutating func vacate(_ tick: Int, isBid: Bool) {
        let word = tick >> 6
        bits[word] &= ~(1 << UInt64(tick & 63))
        if bits[word] == 0 {
            summary[word >> 6] &= ~(1 << UInt64(word & 63))
            freePages[freeCount] = directory[word]
            freeCount &+= 1
            directory[word] = 0
        }
        count &-= 1
        if tick == best { best = next(after: tick, isBid: isBid) }
    }

    /// The next occupied tick behind `tick`, away from the touch; −1 when there is none.
    @inline(__always) func next(after tick: Int, isBid: Bool) -> Int {
        isBid ? nextDown(tick) : nextUp(tick)
    }

    @inline(__always) private func nextUp(_ tick: Int) -> Int {
        let word = tick >> 6
        let rest = bits[word] & (~1 << UInt64(tick & 63))
        if rest != 0 { return word << 6 | rest.trailingZeroBitCount }
        return firstOfWords(above: word)
    }

    private func firstOfWords(above word: Int) -> Int {
        var group = word >> 6
        var rest = summary[group] & (word & 63 == 63 ? 0 : ~0 << UInt64(word & 63 &+ 1))
        while rest == 0 {
            group &+= 1
            if group >= words >> 6 { return -1 }
            rest = summary[group]
        }
        let found = group << 6 | rest.trailingZeroBitCount
        return found << 6 | bits[found].trailingZeroBitCount
    }

    @inline(__always) private func nextDown(_ tick: Int) -> Int {
        let word = tick >> 6
        let rest = bits[word] & ((1 << UInt64(tick & 63)) &- 1)
        if rest != 0 { return word << 6 | (63 &- rest.leadingZeroBitCount) }
        return lastOfWords(below: word)
    }

    private func lastOfWords(below word: Int) -> Int {
        var group = word >> 6
        var rest = summary[group] & ((1 << UInt64(word & 63)) &- 1)
        while rest == 0 {
            group &-= 1
            if group < 0 { return -1 }
            rest = summary[group]
        }
        let found = group << 6 | (63 &- rest.leadingZeroBitCount)
        return found << 6 | (63 &- bits[found].leadingZeroBitCount)
    }

    /// Removes all levels and keeps the window's memory.
    mutating func clear() {
        var tick = best
        if count > 0 { tick = summaryFirst() }
        while tick >= 0 {
            let word = tick >> 6
            bits[word] = 0
            summary[word >> 6] &= ~(1 << UInt64(word & 63))
            let page = directory[word]
            (pages + Int(page &- 1) << 6).update(
                repeating: BookSide.Slot(size: 0, insertedAt: 0), count: 64)
            freePages[freeCount] = page
            freeCount &+= 1
            directory[word] = 0
            tick = firstOfWords(above: word)
        }
        count = 0
        best = -1
        // The next first level places the window anew.
        width = 0
    }

    private func summaryFirst() -> Int {
        bits[0] != 0 ? bits[0].trailingZeroBitCount : firstOfWords(above: 0)
    }

    private mutating func takePage() -> UInt32 {
        if freeCount == 0 { growPages() }
        freeCount &-= 1
        return freePages[freeCount]
    }

    private mutating func growPages() {
        let capacity = pageCapacity == 0 ? 32 : pageCapacity * 2
        let empty = BookSide.Slot(size: 0, insertedAt: 0)
        let grown = UnsafeMutablePointer<BookSide.Slot>.allocate(capacity: capacity << 6)
        grown.update(from: pages, count: pageCapacity << 6)
        (grown + pageCapacity << 6).initialize(
            repeating: empty, count: (capacity - pageCapacity) << 6)
        pages.deallocate()
        pages = grown
        freePages.deallocate()
        freePages = .allocate(capacity: capacity)
        for index in 0..<(capacity - pageCapacity) {
            // Low pages are handed out first, which keeps the used ones together.
            freePages[index] = UInt32(capacity - index)
        }
        freeCount = capacity - pageCapacity
        pageCapacity = capacity
    }
}
