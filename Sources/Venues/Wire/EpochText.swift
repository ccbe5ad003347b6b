import Engine

/// Times as whole numbers of milliseconds or microseconds.
enum EpochText {
    /// Nanoseconds from a venue's time in s, ms, µs or ns, told apart by magnitude; 0 is no time.
    static func nanos(_ value: Int64) throws(WireError) -> Int64 {
        guard value >= 0 else { throw .badTime }
        if value == 0 { return Timestamp.none }
        // Milliseconds of 1973 to 2199, the unit of nearly all messages, without a division.
        if value >= 100_000_000_000, value < Timestamp.limit / 1_000_000 {
            return value &* 1_000_000
        }
        guard let nanos = Timestamp.nanos(fromAnyUnit: Decimal(mantissa: value, exponent: 0))
        else { throw .badTime }
        return nanos
    }
}
