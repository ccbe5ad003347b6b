/// The prices of one venue between which levels count in a window around mid, ends included.
struct WindowBounds {
    /// Lowest bid that counts.
    var bidFloor: Int64
    /// Highest ask that counts.
    var askCeiling: Int64

    /// Bids at or above mid·(1 − w), asks at or below mid·(1 + w), compared exactly.
    ///
    /// `midTwice` is best bid plus best ask at `midExponent`; the venue's `priceExponent` is at
    /// most that.
    init?(midTwice: Int128, midExponent: Int, windowBps: UInt32, priceExponent: Int) {
        guard let scale = PowersOfTen.int128(midExponent - priceExponent) else { return nil }
        let divisor = 20_000 * scale
        let low = midTwice * Int128(10_000 - Int64(windowBps))
        let high = midTwice * Int128(10_000 + Int64(windowBps))
        bidFloor = Int64(clamping: Rounding.ceiling(low, dividingBy: divisor))
        askCeiling = Int64(clamping: Rounding.floor(high, dividingBy: divisor))
    }
}

/// Notional of one venue inside one window, per side, in units of its own notional exponent.
struct WindowDepth {
    var bids: Int128 = 0
    var asks: Int128 = 0
}

extension BookSide {
    /// Notional from the touch to each of `bounds`, which go away from the touch.
    func depths(
        to bounds: UnsafeBufferPointer<Int64>, into sums: UnsafeMutableBufferPointer<Int128>
    ) {
        var sum: Int128 = 0
        // Ticks beyond this one, seen from the touch, are not summed yet.
        var edge = isBid ? Int(clamping: ladder.width) - 1 : 0
        var far = 0
        for index in bounds.indices {
            let bound = bounds[index]
            while far < overflow.count, !isBetter(bound, than: overflow[far].price) {
                sum &+= rule.product(overflow[far].price, overflow[far].size)
                far &+= 1
            }
            let (offset, overflowed) = bound.subtractingReportingOverflow(ladder.base)
            let tick = overflowed ? (bound < 0 ? -1 : Int.max / 2) : Int(clamping: offset)
            if isBid {
                let low = max(0, tick)
                sum &+= ladder.notional(from: low, to: edge, rule)
                edge = min(edge, low - 1)
            } else {
                let high = min(tick, Int(clamping: ladder.width) - 1)
                sum &+= ladder.notional(from: edge, to: high, rule)
                edge = max(edge, high + 1)
            }
            sums[index] = sum
        }
    }
}
