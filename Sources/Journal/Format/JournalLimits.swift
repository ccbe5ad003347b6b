/// What a decoder accepts. A journal file is untrusted input: every size is checked against
/// these before anything is allocated or believed.
public enum JournalLimits {
    /// Largest decompressed block, in bytes.
    public static let rawBytesMax = 8 << 20
    /// Largest zstd frame of a block, in bytes.
    public static let compressedBytesMax = 8 << 20
    /// Largest number of events in one block.
    public static let eventsPerBlockMax = 65_536
    /// Largest zstd window of a block, as a power of two.
    public static let windowLogMax = 23
    /// Largest number of blocks in one segment; bounds the index.
    public static let blocksPerSegmentMax = 1 << 20
    /// Largest segment file, in bytes.
    public static let segmentBytesMax = 16 << 30
    /// Largest number of column boundaries in one block.
    public static let cutsPerBlockMax = 1_024
    /// Largest segment header of any format version, in bytes.
    static let segmentHeaderBytesMax = 4_096
    /// Consecutive EINTR or EAGAIN answers after which the write loop gives up.
    static let interruptionsMax = 1_000
}
