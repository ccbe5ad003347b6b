/// Which levels may enter a book: price above 0 and below 10^12, size not negative and below
/// 10^15 (`reliability.md` section 3), mantissas below 10^18, and their product below 2^100, so
/// that no sum of notionals can overflow.
struct LevelBounds: Equatable {
    private let priceLimit: Int64
    private let sizeLimit: Int64
    private let priceShift: UInt64
    private let sizeShift: UInt64

    /// The bounds at the exponents of an instrument.
    init(priceExponent: UInt8, sizeExponent: UInt8) {
        priceLimit = PowersOfTen.int64(min(18, Int(priceExponent) + 12))
        sizeLimit = PowersOfTen.int64(min(18, Int(sizeExponent) + 15))
        priceShift = UInt64(min(50, 63 - priceLimit.leadingZeroBitCount))
        sizeShift = UInt64(min(50, 63 - sizeLimit.leadingZeroBitCount))
    }

    /// Whether every one of `levels` lies within the bounds.
    @inline(__always) func allow(_ levels: UnsafeBufferPointer<PriceLevel>) -> Bool {
        var prices: UInt64 = 0
        var sizes: UInt64 = 0
        for level in levels {
            prices |= UInt64(bitPattern: level.price &- 1)
            sizes |= UInt64(bitPattern: level.size)
        }
        return allow(levels, prices: prices, sizes: sizes)
    }

    /// The same, when all prices less 1 were joined to `prices` and all sizes to `sizes`: small
    /// numbers need no further look.
    @inline(__always)
    func allow(
        _ levels: UnsafeBufferPointer<PriceLevel>, prices: UInt64, sizes: UInt64
    ) -> Bool {
        if prices >> priceShift == 0, sizes >> sizeShift == 0 { return true }
        return allowSlowly(levels)
    }

    private func allowSlowly(_ levels: UnsafeBufferPointer<PriceLevel>) -> Bool {
        for level in levels where !allow(price: level.price, size: level.size) { return false }
        return true
    }

    /// Whether one level lies within the bounds.
    func allow(price: Int64, size: Int64) -> Bool {
        guard price > 0, price < priceLimit, size >= 0, size < sizeLimit else { return false }
        let product = price.magnitude.multipliedFullWidth(by: size.magnitude)
        return product.high >> UInt64(Limits.notionalBits - 64) == 0
    }
}
