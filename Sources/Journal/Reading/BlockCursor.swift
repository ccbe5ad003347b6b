/// Walks blocks in order, over segments, to the end of the journal as it was when it was made.
/// Holds a shared lock on the segment it is in.
public final class BlockCursor {
    private let reader: JournalReader
    private let names: [String]
    private let includesDerived: Bool
    private var number = 0
    private var segment: SegmentReader?
    private var entry = 0
    private var failure: JournalError?

    init(
        _ reader: JournalReader, _ names: [String],
        at start: (number: Int, segment: SegmentReader, entry: Int)?, includingDerived: Bool
    ) {
        self.reader = reader
        self.names = names
        includesDerived = includingDerived
        guard let start else { return }
        (number, segment, entry) = start
    }

    /// The segment of the block that was read last.
    public var segmentName: String? { segment?.info.name }

    /// Reads the next block into `buffer`, decoded unless told not to; nil at the end.
    /// - Throws: `corrupt` naming segment and offset, `truncated`, `io`. Once it has thrown
    ///   it throws the same for ever: nothing behind a bad block is handed out.
    public func next(into buffer: BlockBuffer, decoding: Bool = true)
        throws(JournalError) -> BlockHeader?
    {
        if let failure { throw failure }
        do throws(JournalError) { return try advance(buffer, decoding) } catch {
            failure = error
            throw error
        }
    }

    private func advance(_ buffer: BlockBuffer, _ decoding: Bool)
        throws(JournalError) -> BlockHeader?
    {
        while let segment {
            while entry < segment.entries.count {
                let found = segment.entries[entry]
                entry += 1
                if found.isDerived && !includesDerived { continue }
                return try segment.read(found, into: buffer, decoding: decoding)
            }
            try segment.checkEnd()
            if number + 1 == names.count { return nil }
            let next = try reader.openSegment(names, number + 1)
            try segment.info.checkFollowed(by: next)
            number += 1
            entry = 0
            self.segment = next
        }
        return nil
    }
}
