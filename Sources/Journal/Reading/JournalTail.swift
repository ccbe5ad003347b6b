/// Follows a journal while another process, or another part of this one, writes it: a prefix
/// that only grows, block by block. Holds a shared lock on the segment it is in, so retention
/// waits for it; one that starts behind retention is told so.
public final class JournalTail {
    /// Sequence of the event that comes next.
    public private(set) var nextSequence: UInt64
    private let reader: JournalReader
    private let includesDerived: Bool
    private let durableOnly: Bool
    private var file: SegmentFile?
    private var offset = 0
    /// The chain value and the time of the last event before `offset`, which the next segment
    /// has to start from; nil while unknown.
    private var chain: ChainValue?
    private var lastTime: Int64?
    /// In the open segment: bytes before this are durable; headers before `peek` were seen.
    private var durableEnd = 0
    private var peek = 0
    private var isComplete = false

    /// Starts at the block that contains `sequence`, or waits for it when it is the next one.
    /// With `durableOnly` a block is handed out only when a later block, or the seal, proves
    /// that it is durable: it then lags one block behind, and no crash can take it back.
    /// - Throws: `truncated`, `beyondEnd`, `corrupt`, `io`.
    public init(
        storage: any Storage, fromSequence sequence: UInt64, durableOnly: Bool = false,
        includingDerived: Bool = true
    ) throws(JournalError) {
        reader = JournalReader(storage: storage)
        nextSequence = sequence
        self.durableOnly = durableOnly
        includesDerived = includingDerived
        let names = try reader.segmentNames()
        guard let number = try JournalReader.number(of: sequence, in: names) else {
            chain = .zero
            return
        }
        let segment = try reader.openSegment(names, number)
        let start = segment.index.firstEntry { $0.nextSequence > sequence }
        if start == segment.entries.count, sequence > segment.info.lastSequence + 1 {
            throw .beyondEnd(lastSequence: segment.info.lastSequence)
        }
        enter(segment.file, segment.header)
        guard start < segment.entries.count else {
            offset = segment.index.end
            peek = offset
            chain = segment.info.chainEnd
            lastTime = segment.index.lastTime
            return
        }
        offset = segment.entries[start].offset
        peek = offset
        nextSequence = segment.entries[start].firstSequence
    }

    /// Reads the next block into `buffer`, decoded unless told not to; nil when there is none
    /// yet: ask again later.
    /// - Throws: `truncated` with the oldest sequence, `corrupt`, `io`.
    public func next(into buffer: BlockBuffer, decoding: Bool = true)
        throws(JournalError) -> BlockHeader?
    {
        while true {
            guard let file else {
                guard try enterNext(after: nil) else { return nil }
                continue
            }
            do throws(JournalError) {
                guard let header = try read(file, buffer, decoding) else { return nil }
                offset = header.end
                chain = header.chain
                if !header.isDerived { lastTime = header.lastTime }
                nextSequence = header.nextSequence
                if header.isDerived && !includesDerived { continue }
                return header
            } catch {
                guard case .corrupt = error else { throw error }
                guard try passEnd(of: file, buffer, decoding) else { return nil }
            }
        }
    }

    private func enter(_ file: SegmentFile, _ header: SegmentHeader) {
        self.file = file
        chain = header.chainStart
        lastTime = header.timeBefore
        offset = SegmentFormat.segmentHeaderBytes
        peek = offset
        durableEnd = offset
        isComplete = false
    }

    /// Reads the block at `offset`; nil when it may not be handed out yet.
    private func read(_ file: SegmentFile, _ buffer: BlockBuffer, _ decoding: Bool)
        throws(JournalError) -> BlockHeader?
    {
        let start = try header(file, at: offset)
        let header = try file.readBlock(BlockEntry(start), into: buffer)
        try file.checking(offset) { () throws(DefectError) in
            try require(
                header.firstSequence == nextSequence,
                .sequence(expected: nextSequence, found: header.firstSequence))
            if decoding { try buffer.decode(header) }
        }
        if durableOnly, try !isDurable(header, file) { return nil }
        return header
    }

    private func header(_ file: SegmentFile, at offset: Int) throws(JournalError) -> BlockHeader {
        let bytes = try file.read(offset..<(offset + SegmentFormat.blockHeaderBytes))
        return try file.checking(offset) { () throws(DefectError) in
            try BlockHeader.parse(bytes, at: offset)
        }
    }

    /// Looks for a proof that `block` is durable: a later header, or the end of the segment.
    private func isDurable(_ block: BlockHeader, _ file: SegmentFile) throws(JournalError) -> Bool {
        while durableEnd < block.end && !isComplete {
            guard let later = try? header(file, at: max(peek, block.end)) else {
                isComplete = try isEnded(file, before: block.nextSequence)
                return isComplete
            }
            durableEnd = max(durableEnd, later.durableEnd)
            peek = later.end
        }
        return true
    }

    /// Whether the segment was closed: it is sealed, or its successor was made. Both happen
    /// after a sync of everything in it.
    private func isEnded(_ file: SegmentFile, before sequence: UInt64) throws(JournalError) -> Bool
    {
        if try file.readFooter(fileSize: try file.size()) != nil { return true }
        let name = SegmentName.name(firstSequence: sequence)
        let names = try reader.segmentNames()
        return name != file.name && names.contains(name)
    }

    /// The bytes at `offset` were no block: the segment ended, or nothing was there yet, or they
    /// are bad. True when it is worth reading again, in this segment or the next one.
    private func passEnd(of file: SegmentFile, _ buffer: BlockBuffer, _ decoding: Bool)
        throws(JournalError) -> Bool
    {
        if let footer = try file.readFooter(fileSize: try file.size()) {
            if footer.indexOffset == offset { return try enterNext(after: footer) }
            // Written and sealed since we looked; when it is still bad, it is.
            _ = try read(file, buffer, decoding)
            return true
        }
        if try enterNext(after: nil) { return true }
        let bytes = try file.read(offset..<(offset + SegmentFormat.blockHeaderBytes))
        if bytes.allSatisfy({ $0 == 0 }) { return false }
        let tail = try SegmentTail.read(file, from: offset, fileSize: max(offset, file.size()))
        // Written before the later block that vouches for it; when it is still bad, it is.
        if tail.durableEnd > offset { _ = try read(file, buffer, decoding) }
        return false
    }

    /// Enters the segment that starts at the next sequence; false when it is not there yet.
    private func enterNext(after footer: SegmentFooter?) throws(JournalError) -> Bool {
        let name = SegmentName.name(firstSequence: nextSequence)
        if let file, file.name == name { return false }
        let next: SegmentFile
        let header: SegmentHeader
        do throws(JournalError) {
            next = try SegmentReader.openLocked(reader.storage, name)
            header = try next.readHeader()
        } catch {
            return try waitFor(name, error)
        }
        if footer == nil, let file, !header.predecessorAbandoned {
            // Sealed since we looked, or an unsealed hole.
            guard let footer = try file.readFooter(fileSize: try file.size()) else {
                throw file.corrupt(offset, .unsealed)
            }
            guard footer.indexOffset == offset else { return true }
        }
        if let chain {
            try next.checking(24) { () throws(DefectError) in
                let defect = Defect.chain(expected: chain, found: header.chainStart)
                try require(header.chainStart == chain, defect)
            }
            try next.checking(56) { () throws(DefectError) in
                try require(header.timeBefore == lastTime, .time)
            }
        }
        enter(next, header)
        return true
    }

    /// The next segment cannot be entered: is it not made yet, or has retention passed?
    private func waitFor(_ name: String, _ error: JournalError) throws(JournalError) -> Bool {
        let names = try reader.listedNames()
        if case .corrupt = error, names.contains(name) {
            if name == names.last, try reader.isUnmade(name) { return false }
            // Made since we looked; when it is still bad, it is.
            _ = try SegmentReader.header(reader.storage, name)
            return true
        }
        guard case .noSegment = error else { throw error }
        // Just being made or removed, or gone: a lock on a file that was rewritten meanwhile
        // does not keep retention from the new one.
        let oldest = names.first.flatMap(SegmentName.firstSequence)
        if let oldest, oldest > nextSequence { throw .truncated(oldest: oldest) }
        return false
    }
}
