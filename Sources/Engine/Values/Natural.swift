/// A 256-bit natural number: wide enough for every product that a ratio of sums of notionals
/// needs, so that a quotient is rounded once, from the exact value.
public struct Natural: Equatable, Sendable {
    /// The upper 128 bits.
    public var high: UInt128
    /// The lower 128 bits.
    public var low: UInt128

    /// The number `high · 2^128 + low`.
    public init(high: UInt128 = 0, low: UInt128) {
        self.high = high
        self.low = low
    }

    /// Zero.
    public static var zero: Natural { Natural(low: 0) }

    /// The full product of two 128-bit numbers.
    public static func product(_ a: UInt128, _ b: UInt128) -> Natural {
        let mask = UInt128(UInt64.max)
        let aLow = a & mask, aHigh = a >> 64, bLow = b & mask, bHigh = b >> 64
        let lowLow = aLow &* bLow
        let lowHigh = aLow &* bHigh
        let highLow = aHigh &* bLow
        let middle = (lowLow >> 64) &+ (lowHigh & mask) &+ (highLow & mask)
        let low = (lowLow & mask) | (middle << 64)
        let high = aHigh &* bHigh &+ (lowHigh >> 64) &+ (highLow >> 64) &+ (middle >> 64)
        return Natural(high: high, low: low)
    }

    /// The product with a 128-bit number, or nil when it does not fit 256 bits.
    public func multiplied(by factor: UInt128) -> Natural? {
        let lower = Natural.product(low, factor)
        let upper = Natural.product(high, factor)
        guard upper.high == 0 else { return nil }
        let (sum, overflow) = lower.high.addingReportingOverflow(upper.low)
        return overflow ? nil : Natural(high: sum, low: lower.low)
    }

    /// The sum, or nil when it does not fit 256 bits.
    public func adding(_ other: Natural) -> Natural? {
        let (sumLow, carry) = low.addingReportingOverflow(other.low)
        let (sumHigh, overflow) = high.addingReportingOverflow(other.high)
        guard !overflow else { return nil }
        let (total, second) = sumHigh.addingReportingOverflow(carry ? 1 : 0)
        return second ? nil : Natural(high: total, low: sumLow)
    }

    /// The difference; `other` must not be larger.
    public func subtracting(_ other: Natural) -> Natural {
        precondition(!(self < other), "a natural number has no negative difference")
        let (differenceLow, borrow) = low.subtractingReportingOverflow(other.low)
        return Natural(high: high &- other.high &- (borrow ? 1 : 0), low: differenceLow)
    }

    /// Compares by value.
    public static func < (a: Natural, b: Natural) -> Bool {
        a.high == b.high ? a.low < b.low : a.high < b.high
    }

    /// The number with all bits moved up by one; the top bit must be zero.
    private var doubled: Natural {
        Natural(high: (high << 1) | (low >> 127), low: low << 1)
    }

    private func bit(_ index: Int) -> Bool {
        index < 128 ? (low >> UInt128(index)) & 1 == 1 : (high >> UInt128(index - 128)) & 1 == 1
    }

    /// Quotient and remainder by binary long division; `divisor` is above 0 and below 2^255.
    public func quotientAndRemainder(dividingBy divisor: Natural) -> (Natural, Natural) {
        precondition(divisor != .zero, "division by zero")
        precondition(divisor.high >> 127 == 0, "divisor too wide")
        if self < divisor { return (.zero, self) }
        var quotient = Natural.zero
        var remainder = Natural.zero
        let bits = high == 0 ? 128 - low.leadingZeroBitCount : 256 - high.leadingZeroBitCount
        var index = bits - 1
        while index >= 0 {
            remainder = remainder.doubled
            if bit(index) { remainder.low |= 1 }
            quotient = quotient.doubled
            if !(remainder < divisor) {
                remainder = remainder.subtracting(divisor)
                quotient.low |= 1
            }
            index -= 1
        }
        return (quotient, remainder)
    }

    /// A 128-bit number divided by ten, without a 128-bit division.
    static func dividedByTen(_ value: UInt128) -> (quotient: UInt128, remainder: UInt8) {
        let high = UInt64(truncatingIfNeeded: value >> 64)
        let low = UInt64(truncatingIfNeeded: value)
        if high == 0 { return (UInt128(low / 10), UInt8(truncatingIfNeeded: low % 10)) }
        let (first, second) = (low >> 32, low & 0xffff_ffff)
        let topQuotient = high / 10
        let middle = (high % 10) << 32 | first
        let last = (middle % 10) << 32 | second
        let quotient =
            UInt128(topQuotient) << 64 | UInt128(middle / 10) << 32 | UInt128(last / 10)
        return (quotient, UInt8(truncatingIfNeeded: last % 10))
    }
}
