/// One venue's part of a frame, rounded as it is shown.
struct VenueValues: Equatable {
    var venue: Venue
    /// Tenths of a bps of its own book; nil while the book is not live or has an empty side.
    var spread: Int64?
    /// Thousandths of the depth of all usable venues.
    var share: Int64
    /// Whole milliseconds; nil before the first book event.
    var latency: Int64?
    /// Not usable.
    var isStale: Bool
}

/// One consolidated instrument in one window at one moment, rounded as it is shown.
struct FrameValues {
    /// Index of the table.
    var table: Int
    /// Window, bps.
    var windowBps: UInt32
    /// Mid in units of `10^(−midDecimals)`; nil when a side is missing.
    var mid: Int128?
    /// Digits after the point of `mid`.
    var midDecimals: Int
    /// Tenths of a bps; nil with mid.
    var spread: Int64?
    /// Ten-thousandths.
    var hhi: Int64
    /// Ten-thousandths.
    var imbalance: Int64
    /// Where its venues lie in the scratch list.
    var venues: Range<Int>
}

/// Tenths of a bps between two prices: 10⁴·(ask − bid)/mid.
enum Spread {
    @inline(__always) static func tenths(bid: Int128, ask: Int128) -> Int64? {
        guard let value = Rounding.halfEven(20_000 * (ask - bid), over: ask + bid, decimals: 1)
        else { return nil }
        return Int64(clamping: value)
    }
}

/// Whole milliseconds of a count of nanoseconds, rounded half to even.
enum Milliseconds {
    static func rounded(_ nanos: Int64) -> Int64 {
        Int64(Rounding.halfEven(Int128(nanos), over: 1_000_000, decimals: 0) ?? 0)
    }
}
