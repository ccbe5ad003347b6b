/// An exact decimal number: `mantissa · 10^(−exponent)`.
///
/// No binary floating point takes part in any value of the engine. `exponent` is the count of
/// digits after the point, 0…18.
public struct Decimal: Hashable, Sendable, BitwiseCopyable {
    /// The value in units of `10^(−exponent)`; at most 18 significant digits.
    public var mantissa: Int64
    /// Digits after the point, 0…18.
    public var exponent: UInt8

    /// The number `mantissa · 10^(−exponent)`.
    public init(mantissa: Int64, exponent: UInt8) {
        self.mantissa = mantissa
        self.exponent = exponent
    }

    /// Zero with no digit after the point.
    public static var zero: Decimal { Decimal(mantissa: 0, exponent: 0) }

    /// The same value without trailing zeros after the point.
    public var trimmed: Decimal {
        var value = self
        while value.exponent > 0, value.mantissa % 10 == 0 {
            value.mantissa /= 10
            value.exponent -= 1
        }
        return value
    }

    /// The mantissa of the same value at another exponent, or nil when that would drop a
    /// non-zero digit or does not fit 18 digits.
    public func mantissa(at exponent: UInt8) -> Int64? {
        if exponent >= self.exponent {
            guard exponent - self.exponent <= 18 else { return mantissa == 0 ? 0 : nil }
            let (result, overflow) = mantissa.multipliedReportingOverflow(
                by: PowersOfTen.int64(Int(exponent - self.exponent)))
            guard !overflow, result.magnitude < Decimal.mantissaLimit else { return nil }
            return result
        }
        let divisor = PowersOfTen.int64(Int(self.exponent - exponent))
        let (quotient, remainder) = mantissa.quotientAndRemainder(dividingBy: divisor)
        return remainder == 0 ? quotient : nil
    }

    /// Mantissas stay below 10^18, so that sums and differences of two never trap.
    public static var mantissaLimit: UInt64 { 1_000_000_000_000_000_000 }
}

/// Powers of ten as integers.
public enum PowersOfTen {
    /// `10^power` for 0…18; larger powers give 10^18.
    @inlinable public static func int64(_ power: Int) -> Int64 {
        var result: Int64 = 1
        var left = power > 18 ? 18 : power
        while left > 0 {
            result &*= 10
            left &-= 1
        }
        return result
    }

    /// `10^power` for 0…38; nil beyond what a signed 128-bit integer holds.
    public static func int128(_ power: Int) -> Int128? {
        guard power >= 0, power <= 38 else { return nil }
        var result: Int128 = 1
        var left = power
        while left > 0 {
            result &*= 10
            left &-= 1
        }
        return result
    }
}
