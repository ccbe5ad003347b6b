/// What is wrong with bytes of a segment.
public enum Defect: Hashable, Sendable {
    /// Fewer bytes than the structure needs.
    case short
    /// Not the magic number or the length that belongs here.
    case magic
    /// A header, index or footer does not match its own CRC-32C.
    case headerChecksum
    /// A field holds a value that no writer writes; its name.
    case field(String)
    /// A size beyond `JournalLimits`; what, how much, how much is allowed.
    case limit(String, UInt64, UInt64)
    /// The compressed bytes do not match their CRC-32C.
    case payloadChecksum
    /// The zstd frame is refused; why.
    case zstd(String)
    /// Sequences are not dense: this one was expected, that one found.
    case sequence(expected: UInt64, found: UInt64)
    /// Times go back.
    case time
    /// The chain value does not follow from the events, or from the segment before.
    case chain(expected: ChainValue, found: ChainValue)
    /// The caller could not derive canonical bytes from an intact payload; why.
    case undecodable(String)
    /// A block header says something else than the events behind it; which field, and what.
    case events(String)
    /// Index or footer disagree with the blocks; where.
    case index(String)
    /// A segment that has a successor is not sealed.
    case unsealed
    /// Bytes after the last block that belong to nothing.
    case trailing
    /// The file ends below the offset that was once durable.
    case shorterThanDurable(Int)
}

/// Every way in which the journal fails, with the segment's file name and a byte offset.
public enum JournalError: Error, Hashable, Sendable {
    /// A file operation failed; `offset` is where, -1 when it has no place in a file.
    case io(operation: String, file: String, offset: Int, code: Int32)
    /// ENOSPC, EDQUOT or EFBIG. Nothing changed: the same call may be repeated later.
    case noSpace(operation: String, file: String, offset: Int, code: Int32)
    /// Another process writes this journal.
    case locked(holder: String)
    /// Writing failed with EIO-like `code`. The block was not accepted. The damaged segment is
    /// closed and `opened` is open: append the opening blocks, then this block again.
    case segmentReplaced(damaged: String, opened: String, code: Int32)
    /// `fdatasync` failed: the writer is finished for ever (exit 74).
    case syncFailed(file: String, code: Int32)
    /// The writer failed before and takes nothing more; why.
    case failed(reason: String)
    /// There is no open segment: `roll()` stopped half-way and has to be repeated.
    case noOpenSegment
    /// `close()` was called before.
    case closed
    /// The caller's block cannot be stored; nothing changed.
    case invalidBlock(sequence: UInt64, reason: String)
    /// Bytes that were once complete no longer check (exit 3).
    case corrupt(segment: String, offset: Int, defect: Defect)
    /// A format version of the future (exit 4).
    case unknownVersion(segment: String, version: UInt16, supported: UInt16)
    /// The asked sequence was deleted by retention; the oldest one that is left.
    case truncated(oldest: UInt64)
    /// The asked sequence or time lies beyond the end; the last sequence, 0 when empty.
    case beyondEnd(lastSequence: UInt64)
    /// No segment with this file name, or it is not in the state that was needed.
    case noSegment(name: String, needed: String)
    /// A rewritten segment would not equal the original, which stays.
    case rewriteDiffers(segment: String, field: String, expected: String, found: String)
    /// A zstd stream outside the journal is refused; why, and after how many input bytes.
    case zstdInput(reason: String, offset: Int)
}

extension JournalError {
    /// Whether waiting for space and repeating the call is the right answer.
    public var isNoSpace: Bool {
        if case .noSpace = self { return true }
        return false
    }
}
