/// When written bytes are forced to the disk.
public enum SyncPolicy: Hashable, Sendable {
    /// `fdatasync` at most every `intervalNanos` while something is unsynced.
    case group(intervalNanos: UInt64)
    /// `fdatasync` before each `append` returns.
    case always
    /// Only when a segment is made or sealed, or when the owner asks: for imports.
    case os

    /// The default: every 50 ms.
    public static let groupDefault = SyncPolicy.group(intervalNanos: 50_000_000)
}

/// Every tunable of a writer, with its unit.
public struct JournalConfiguration: Hashable, Sendable {
    /// When bytes are forced to the disk.
    public var syncPolicy: SyncPolicy
    /// zstd level of appended blocks, 1...22.
    public var compressionLevel: Int
    /// A segment wants to be rolled from this many bytes on.
    public var segmentBytes: Int
    /// A segment wants to be rolled when its events span this much event time, in ns.
    public var segmentAgeNanos: Int64
    /// Zeroed space kept ahead of the write position, in bytes; 0 switches it off.
    public var preallocationBytes: Int

    /// The defaults of a live journal.
    public init(
        syncPolicy: SyncPolicy = .groupDefault, compressionLevel: Int = 3,
        segmentBytes: Int = 256 << 20, segmentAgeNanos: Int64 = 3_600_000_000_000,
        preallocationBytes: Int = 4 << 20
    ) {
        precondition((1...22).contains(compressionLevel), "zstd level is 1...22")
        precondition((1...JournalLimits.segmentBytesMax / 2).contains(segmentBytes))
        precondition(segmentAgeNanos > 0, "a segment's age is positive")
        precondition((0...(1 << 30)).contains(preallocationBytes))
        self.syncPolicy = syncPolicy
        self.compressionLevel = compressionLevel
        self.segmentBytes = segmentBytes
        self.segmentAgeNanos = segmentAgeNanos
        self.preallocationBytes = preallocationBytes
    }

    /// For imports: nothing depends on the wall clock, so equal input gives equal files.
    public static let batch = JournalConfiguration(syncPolicy: .os, preallocationBytes: 0)
}
