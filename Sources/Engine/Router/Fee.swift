/// Taker fees in basis points with four digits after the point (`semantics.md` 25).
public enum Fee {
    /// Fees from −100 to 1000 bps, in units of 10^−4 bps.
    public static var range: ClosedRange<Int64> { -1_000_000...10_000_000 }

    /// What one is in the unit of `multiplier(fee:isBuy:)`.
    public static var one: Int64 { 100_000_000 }

    /// `1 + fee` for a buyer and `1 − fee` for a seller, times 10^8.
    @inline(__always) static func multiplier(fee: Int64, isBuy: Bool) -> Int64 {
        isBuy ? one &+ fee : one &- fee
    }

    /// A fee in bps as a whole count of 10^−4 bps, or nil when it is finer or out of range.
    public static func units(bps: Decimal) -> Int64? {
        guard let units = bps.mantissa(at: 4), range.contains(units) else { return nil }
        return units
    }
}
