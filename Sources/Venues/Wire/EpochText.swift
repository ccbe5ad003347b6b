import Engine

/// Times as whole numbers of milliseconds or microseconds.
enum EpochText {
    /// Nanoseconds from a venue's time in s, ms, µs or ns, told apart by magnitude; 0 is no time.
    static func nanos(_ value: Int64) throws(WireError) -> Int64 {
        guard value >= 0 else { throw .badTime }
        if value == 0 { return Timestamp.none }
        guard let nanos = Timestamp.nanos(fromAnyUnit: Decimal(mantissa: value, exponent: 0))
        else { throw .badTime }
        return nanos
    }
}
