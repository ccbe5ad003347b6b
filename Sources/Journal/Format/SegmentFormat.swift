/// Byte positions and magic numbers of a segment: the only file that knows them.
/// `docs/journal-format.md` is the law; all integers are little-endian.
///
///     ┌────────────────┬──────────────┬────────────┬───┬───────┬────────┐
///     │ segment header │ block header │ zstd frame │ … │ index │ footer │
///     └────────────────┴──────────────┴────────────┴───┴───────┴────────┘
///       skippable        skippable                       skippable frames
enum SegmentFormat {
    /// The format version that is written; all lower ones are read.
    static let version: UInt16 = 1

    /// What a frame holds, told by its skippable-frame magic number.
    enum FrameKind: UInt32 {
        case segment = 0x184D_2A51
        case block = 0x184D_2A52
        case index = 0x184D_2A53
        case footer = 0x184D_2A54

        /// "TFSH", "TFBH", "TFIX", "TFFT".
        var magic: UInt32 {
            switch self {
            case .segment: 0x4853_4654
            case .block: 0x4842_4654
            case .index: 0x5849_4654
            case .footer: 0x5446_4654
            }
        }
    }

    /// Bytes before the skippable frame's content: its magic number and its size.
    static let skippableHeaderBytes = 8
    static let segmentHeaderBytes = 72
    static let blockHeaderBytes = 112
    static let indexHeaderBytes = 24
    static let indexEntryBytes = 40
    static let checksumBytes = 4
    static let footerBytes = 120

    /// Segment flag: the segment before was closed after a write error and is not sealed.
    static let flagPredecessorAbandoned: UInt16 = 1

    /// The length of an index frame with `count` entries.
    static func indexBytes(count: Int) -> Int {
        indexHeaderBytes + count * indexEntryBytes + checksumBytes
    }

    /// Writes the sixteen bytes every frame of ours begins with.
    static func storePrefix(
        _ kind: FrameKind, flags: UInt16, in memory: UnsafeMutableRawBufferPointer
    ) {
        memory.store32(kind.rawValue, 0)
        memory.store32(UInt32(memory.count - skippableHeaderBytes), 4)
        memory.store32(kind.magic, 8)
        memory.store16(version, 12)
        memory.store16(flags, 14)
    }

    /// Checks magic numbers, length and trailing CRC of a whole frame; returns version, flags.
    static func checkPrefix(_ kind: FrameKind, of bytes: UnsafeRawBufferPointer)
        throws(DefectError) -> (version: UInt16, flags: UInt16)
    {
        guard bytes.count >= 16 + checksumBytes else { throw DefectError(.short) }
        guard bytes.load32(0) == kind.rawValue,
            bytes.load32(4) == UInt32(bytes.count - skippableHeaderBytes),
            bytes.load32(8) == kind.magic
        else { throw DefectError(.magic) }
        guard bytes.hasTrailingChecksum else { throw DefectError(.headerChecksum) }
        return (bytes.load16(12), bytes.load16(14))
    }
}

/// A defect on its way to somebody who knows the segment and the offset.
struct DefectError: Error {
    var defect: Defect

    init(_ defect: Defect) { self.defect = defect }

    func at(_ offset: Int, of segment: String) -> JournalError {
        .corrupt(segment: segment, offset: offset, defect: defect)
    }
}

/// Throws `defect` unless `condition` holds.
func require(_ condition: Bool, _ defect: @autoclosure () -> Defect) throws(DefectError) {
    if !condition { throw DefectError(defect()) }
}
