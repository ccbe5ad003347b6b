/// How old a venue's changes are when they arrive, and whether its clock can be right (V.15).
///
/// Venue time is data: it orders nothing, and what is suspect is not averaged.
struct TransportClock {
    /// Whether the last stamp lay too far ahead of our time, or behind it.
    private(set) var isSuspect = false
    private var shown: Int64?
    private var sum: Int64 = 0
    private var count: Int64 = 0
    private var minuteEnd: Int64 = .min

    static let aheadNanosMax: Int64 = 5_000_000_000
    static let behindNanosMax: Int64 = 60_000_000_000
    private static let minute: Int64 = 60_000_000_000

    /// Mean age of the stamps that can be right: of the last whole minute, or of the first one;
    /// nil before the first stamp.
    var meanNanos: Int64? { shown ?? (count > 0 ? sum / count : nil) }

    /// A change with the venue's time `source` was received at `now`, both ns since 1970.
    mutating func note(source: Int64, receivedAt now: Int64) {
        let (age, overflow) = now.subtractingReportingOverflow(source)
        isSuspect =
            overflow || age < -TransportClock.aheadNanosMax || age > TransportClock.behindNanosMax
        if now >= minuteEnd {
            if count > 0 { shown = sum / count }
            (sum, count) = (0, 0)
            minuteEnd = now + TransportClock.minute
        }
        if isSuspect { return }
        sum += age
        count += 1
    }
}
