import Engine

@testable import Venues

/// What the line between a simulated venue and an adapter may do, beside the plan of faults.
struct LineFaults {
    var perMille: [FaultPlan.Fault: Int] = [:]
    /// One byte is no ASCII any more: a flipped digit is invisible to every feed without checksum.
    var garbledPerMille = 0
    /// The last digit of a message's checksum is another one.
    var lieAboutChecksumPerMille = 0
    var disconnectsPerMille = 0
    var staleSnapshotsPerMille = 0
    /// A message arrives up to a second behind its place, others overtake it.
    var latePerMille = 0
    /// A second: nothing arrives for up to 5.5 s, then everything at once, in order.
    var stallsPerMille = 0
    /// A second: nothing arrives for up to 5.5 s, and the line is cut then. What the venue sent
    /// meanwhile is lost.
    var halfOpenPerMille = 0
    /// Levels a side that are compared. Where a checksum is all that shows a loss, a book is right
    /// as far as that reaches.
    var levelsCompared = 20

    /// Longest silence, in batches: beyond the 3 s after which a book is stale (V.1).
    static let silentBatchesMax = 22

    /// The message with another last digit of its checksum, where it has one.
    static func withWrongChecksum(_ bytes: [UInt8], _ random: UInt64 = 0) -> [UInt8] {
        let key = Array("\"checksum\":".utf8)
        guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: key) }) else {
            return bytes
        }
        var end = start + key.count
        while end < bytes.count, bytes[end] == 0x2d || bytes[end] &- 0x30 <= 9 { end += 1 }
        let digit = bytes[end - 1] &- 0x30
        guard digit <= 9 else { return bytes }
        var bytes = bytes
        bytes[end - 1] = 0x30 + (digit + 1 + UInt8(random % 9)) % 10
        return bytes
    }
}

extension FaultyLine {
    /// A number of text at an exponent.
    static func mantissa(_ text: [UInt8], _ exponent: UInt8) -> Int64 {
        (try? DecimalText.parse(text))?.mantissa(at: exponent) ?? -1
    }

    /// What the checks of a run found.
    struct Result {
        var live = 0
        var flagged = 0
        /// Checks of live books while nothing arrived: as old as the silence, or stale.
        var old = 0
        var stale = 0
        /// How often each fault of the line happened.
        var late = 0
        var checksumLies = 0
        var stalls = 0
        var halfOpen = 0
        var wrong: [String] = []

        static func += (sum: inout Result, one: Result) {
            sum.live += one.live
            sum.flagged += one.flagged
            sum.old += one.old
            sum.stale += one.stale
            sum.late += one.late
            sum.checksumLies += one.checksumLies
            sum.stalls += one.stalls
            sum.halfOpen += one.halfOpen
            sum.wrong += one.wrong
        }
    }
}
