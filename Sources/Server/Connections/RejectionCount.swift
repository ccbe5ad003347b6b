/// Counts the messages of a line that could not be used (V.14): with the eleventh in a minute
/// nobody knows any more what the others were about, and the books of the line are not to be
/// trusted.
struct RejectionCount {
    private var times: [Int64] = []

    static let windowNanos: Int64 = 60_000_000_000
    static let rejectionsMax = 10

    /// A message was rejected at `now`, steady ns; whether that is one too many. Counting begins
    /// anew then.
    mutating func note(_ now: Int64) -> Bool {
        times.removeAll { $0 <= now - RejectionCount.windowNanos }
        times.append(now)
        guard times.count > RejectionCount.rejectionsMax else { return false }
        times.removeAll()
        return true
    }
}
