/// The prices of one venue between which levels count in a window around mid, ends included.
struct WindowBounds {
    /// Lowest bid that counts.
    var bidFloor: Int64
    /// Highest ask that counts.
    var askCeiling: Int64

    /// Bids at or above mid·(1 − w), asks at or below mid·(1 + w), compared exactly.
    ///
    /// - Parameters:
    ///   - midTwice: best bid plus best ask at `midExponent`.
    ///   - priceExponent: the venue's exponent, at most `midExponent`.
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

/// What turns price and size mantissas into notional in quote currency.
struct NotionalRule: Equatable {
    /// Sizes are contracts of the quote currency: the price does not enter.
    let isInverse: Bool
    /// Mantissa of the contract multiplier.
    let multiplier: Int64
    /// Digits after the point of a notional mantissa.
    let exponent: Int

    init(_ definition: InstrumentDefinition) {
        isInverse = definition.isInverse
        multiplier = definition.contractMultiplier.mantissa
        let price = definition.isInverse ? 0 : Int(definition.priceExponent)
        exponent = price + Int(definition.sizeExponent)
            + Int(definition.contractMultiplier.exponent)
    }

    /// Price times size, or size alone, without the multiplier.
    @inline(__always) func product(_ price: Int64, _ size: Int64) -> Int128 {
        if isInverse { return Int128(size) }
        let wide = price.multipliedFullWidth(by: size)
        return Int128(wide.high) << 64 | Int128(wide.low)
    }
}

extension BookSide {
    /// Sums of price·size from the touch to each of `bounds`, which go away from the touch.
    func depths(
        to bounds: UnsafeBufferPointer<Int64>, rule: NotionalRule,
        into sums: UnsafeMutableBufferPointer<Int128>
    ) {
        var sum: Int128 = 0
        var next = 0
        visit { level in
            while next < bounds.count, isBetter(bounds[next], than: level.price) {
                sums[next] = sum
                next &+= 1
            }
            if next == bounds.count { return false }
            sum &+= rule.product(level.price, level.size)
            return true
        }
        while next < bounds.count {
            sums[next] = sum
            next &+= 1
        }
    }
}
