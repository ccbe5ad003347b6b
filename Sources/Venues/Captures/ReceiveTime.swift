import Engine

/// Receive times of recordings, in s, ms, µs or ns, with digits behind the point or not.
enum ReceiveTime {
    static func nanos(_ text: Bytes) throws(WireError) -> Int64 {
        guard let nanos = Timestamp.nanos(fromAnyUnit: try NumberText.decimal(text)), nanos > 0
        else { throw .badTime }
        return nanos
    }
}
