extension Ladder {
    /// Notional of the levels with ticks from `low` to `high`, ends included: whole words by
    /// their sums, the two words at the ends level by level.
    func notional(from low: Int, to high: Int, _ rule: NotionalRule) -> Int128 {
        guard count > 0, low <= high else { return 0 }
        let first = max(low, 0) >> 6
        let last = min(high, words << 6 - 1) >> 6
        guard first <= last else { return 0 }
        if first == last { return partial(first, mask(from: low, to: high, in: first), rule) }
        var sum = partial(first, mask(from: low, to: high, in: first), rule)
        sum &+= partial(last, mask(from: low, to: high, in: last), rule)
        var word = nextWord(after: first)
        while word < last {
            sum &+= wordSum(word)
            word = nextWord(after: word)
        }
        return sum
    }

    /// Bits of `word` whose ticks lie between `low` and `high`.
    private func mask(from low: Int, to high: Int, in word: Int) -> UInt64 {
        let start = max(0, low - word << 6)
        let end = min(63, high - word << 6)
        guard start <= end else { return 0 }
        let upTo = end == 63 ? UInt64.max : (1 << UInt64(end + 1)) &- 1
        return upTo & (UInt64.max << UInt64(start))
    }

    private func partial(_ word: Int, _ mask: UInt64, _ rule: NotionalRule) -> Int128 {
        let occupied = bits(of: word)
        if occupied == 0 { return 0 }
        if occupied & ~mask == 0 { return wordSum(word) }
        var rest = occupied & mask
        var sum: Int128 = 0
        while rest != 0 {
            let tick = word << 6 | rest.trailingZeroBitCount
            sum &+= rule.product(base &+ Int64(tick), at(tick).size)
            rest &= rest &- 1
        }
        return sum
    }
}
