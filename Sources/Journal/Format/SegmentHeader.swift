/// The skippable frame a segment begins with.
///
///     0      4     8      12       14     16        24      56         64        68   72
///     ┌──────┬─────┬──────┬────────┬──────┬─────────┬───────┬──────────┬─────────┬────┐
///     │magic │size │"TFSH"│version │flags │first seq│chain  │last time │reserved │CRC │
///     └──────┴─────┴──────┴────────┴──────┴─────────┴───────┴──────────┴─────────┴────┘
struct SegmentHeader: Hashable {
    var firstSequence: UInt64
    /// The chain value the segment starts from.
    var chainStart: ChainValue
    /// Time of the last event before the segment; nil when there is none.
    var timeBefore: Int64?
    var predecessorAbandoned = false

    /// The 72 bytes.
    func encoded() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: SegmentFormat.segmentHeaderBytes)
        bytes.withUnsafeMutableBytes { memory in
            let flags = predecessorAbandoned ? SegmentFormat.flagPredecessorAbandoned : 0
            SegmentFormat.storePrefix(.segment, flags: flags, in: memory)
            memory.store64(firstSequence, 16)
            chainStart.store(in: memory, at: 24)
            memory.storeSigned64(timeBefore ?? .min, 56)
            memory.storeTrailingChecksum()
        }
        return bytes
    }

    /// The length a header claims; every version keeps its CRC in the last four bytes.
    static func length(_ start: UnsafeRawBufferPointer) throws(DefectError) -> Int {
        try require(start.count >= 12, .short)
        try require(start.load32(0) == SegmentFormat.FrameKind.segment.rawValue, .magic)
        try require(start.load32(8) == SegmentFormat.FrameKind.segment.magic, .magic)
        let length = Int(start.load32(4)) + SegmentFormat.skippableHeaderBytes
        let limits = SegmentFormat.segmentHeaderBytes...JournalLimits.segmentHeaderBytesMax
        try require(limits.contains(length), .magic)
        return length
    }

    /// What an intact header says: this version's fields, or a version of the future.
    enum Parsed {
        case header(SegmentHeader)
        case newerVersion(UInt16)
    }

    /// Reads a header from its bytes; more may follow them.
    static func parse(_ bytes: UnsafeRawBufferPointer) throws(DefectError) -> Parsed {
        let length = try length(bytes)
        try require(bytes.count >= length, .short)
        let frame = bytes.slice(0..<length)
        let (version, flags) = try SegmentFormat.checkPrefix(.segment, of: frame)
        if version > SegmentFormat.version { return .newerVersion(version) }
        try require(version == SegmentFormat.version, .field("version"))
        try require(length == SegmentFormat.segmentHeaderBytes, .field("size"))
        try require(flags & ~SegmentFormat.flagPredecessorAbandoned == 0, .field("flags"))
        try require(frame.load32(64) == 0, .field("reserved"))
        let first = frame.load64(16)
        try require(first >= 1, .field("first sequence"))
        let time = frame.loadSigned64(56)
        return .header(
            SegmentHeader(
                firstSequence: first, chainStart: ChainValue(frame.slice(24..<56)),
                timeBefore: time == .min ? nil : time, predecessorAbandoned: flags != 0))
    }
}
