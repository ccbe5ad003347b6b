@testable import Venues

/// What the line between a simulated venue and an adapter may do, beside the plan of faults.
struct LineFaults {
    var perMille: [FaultPlan.Fault: Int] = [:]
    /// One byte is no ASCII any more: a flipped digit is invisible to every feed without checksum.
    var garbledPerMille = 0
    var disconnectsPerMille = 0
    var staleSnapshotsPerMille = 0
    /// A message arrives up to a second behind its place, others overtake it.
    var latePerMille = 0
    /// A second: nothing arrives for up to 5.5 s, then everything at once, in order.
    var stallsPerMille = 0
    /// A second: nothing arrives for up to 5.5 s, and the line is cut then. What the venue sent
    /// meanwhile is lost.
    var halfOpenPerMille = 0
    /// The venue states a wrong checksum: its last digit is another.
    var lieAboutChecksumPerMille = 0
    /// Levels a side that are compared. Where a checksum is all that shows a loss, a book is right
    /// as far as that reaches.
    var levelsCompared = 20

    /// Longest silence, in batches: beyond the 3 s after which a book is stale (V.1).
    static let silentBatchesMax = 22
}

extension LineFaults {
    /// `bytes` with another last digit of the first checksum in it, where there is one.
    static func withWrongChecksum(_ bytes: [UInt8]) -> [UInt8] {
        let end = bytes.withUnsafeBufferPointer { text -> Int? in
            let key: StaticString = "\"checksum\":"
            guard var at = ByteText.find(key, in: text) else { return nil }
            at += key.utf8CodeUnitCount
            while at < text.count, text[at] &- 0x30 <= 9 { at += 1 }
            return at
        }
        guard let end, bytes[end - 1] &- 0x30 <= 9 else { return bytes }
        var bytes = bytes
        bytes[end - 1] = 0x30 + (bytes[end - 1] - 0x30 + 1) % 10
        return bytes
    }
}

extension FaultyLine {
    /// What the checks of a run found.
    struct Result {
        var live = 0
        var flagged = 0
        /// Checks of live books while nothing arrived: as old as the silence, or stale.
        var old = 0
        var stale = 0
        /// How often each fault of the line happened.
        var late = 0
        var stalls = 0
        var halfOpen = 0
        var lies = 0
        var wrong: [String] = []

        static func += (sum: inout Result, one: Result) {
            sum.live += one.live
            sum.flagged += one.flagged
            sum.old += one.old
            sum.stale += one.stale
            sum.late += one.late
            sum.stalls += one.stalls
            sum.halfOpen += one.halfOpen
            sum.lies += one.lies
            sum.wrong += one.wrong
        }
    }
}
