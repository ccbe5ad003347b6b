/// The product's one rounding: half to even, once, from an exact ratio.
public enum Rounding {
    /// `numerator / denominator` in units of `10^(−decimals)`, rounded half to even.
    ///
    /// - Returns: nil when the denominator is zero or the result does not fit; never a wrong digit.
    public static func halfEven(
        _ numerator: Int128, over denominator: Int128, decimals: Int
    ) -> Int128? {
        guard denominator != 0, decimals >= 0, decimals <= 38 else { return nil }
        let isNegative = (numerator < 0) != (denominator < 0)
        let magnitude = halfEven(
            Natural(low: numerator.magnitude), over: Natural(low: denominator.magnitude),
            decimals: decimals)
        guard let magnitude else { return nil }
        return isNegative ? -magnitude : magnitude
    }

    /// The same for natural numbers of 256 bits.
    public static func halfEven(
        _ numerator: Natural, over denominator: Natural, decimals: Int
    ) -> Int128? {
        guard denominator != .zero, denominator.high >> 123 == 0 else { return nil }
        if let small = smallHalfEven(numerator, over: denominator, decimals: decimals) {
            return small
        }
        var (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
        var left = decimals
        while left > 0 {
            guard let wider = quotient.multiplied(by: 10), let next = remainder.multiplied(by: 10)
            else { return nil }
            let (digit, rest) = next.quotientAndRemainder(dividingBy: denominator)
            guard let sum = wider.adding(digit) else { return nil }
            (quotient, remainder) = (sum, rest)
            left -= 1
        }
        guard let twice = remainder.multiplied(by: 2) else { return nil }
        let isUp = denominator < twice || (twice == denominator && quotient.low & 1 == 1)
        guard quotient.high == 0, quotient.low < UInt128(Int128.max) else { return nil }
        return Int128(quotient.low) + (isUp ? 1 : 0)
    }

    /// The fast path: everything fits 127 bits.
    private static func smallHalfEven(
        _ numerator: Natural, over denominator: Natural, decimals: Int
    ) -> Int128? {
        guard numerator.high == 0, denominator.high == 0, denominator.low >> 126 == 0,
            decimals <= 18
        else { return nil }
        let factor = UInt128(PowersOfTen.int64(decimals).magnitude)
        let (scaled, overflow) = numerator.low.multipliedReportingOverflow(by: factor)
        guard !overflow, scaled >> 126 == 0 else { return nil }
        let (quotient, remainder) = scaled.quotientAndRemainder(dividingBy: denominator.low)
        let twice = remainder &* 2
        let isUp =
            twice > denominator.low || (twice == denominator.low && quotient & 1 == 1)
        return Int128(quotient) + (isUp ? 1 : 0)
    }

    /// `value / divisor` rounded towards minus infinity; `divisor` is positive.
    static func floor(_ value: Int128, dividingBy divisor: Int128) -> Int128 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// `value / divisor` rounded towards plus infinity; `divisor` is positive.
    static func ceiling(_ value: Int128, dividingBy divisor: Int128) -> Int128 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder > 0 ? quotient + 1 : quotient
    }
}
