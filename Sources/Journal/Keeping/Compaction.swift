/// Takes the re-packed blocks of one segment.
public final class SegmentRewriter {
    /// Sequence of the event that comes next.
    public var nextSequence: UInt64 { writer.index.nextSequence }
    /// Bytes written so far.
    public var bytes: Int { writer.end }

    private let chain: HashChain
    fileprivate private(set) var chainHead: ChainValue
    fileprivate let writer: SegmentWriter
    private let encoder: RecordEncoder

    fileprivate init(_ writer: SegmentWriter, level: Int) {
        self.writer = writer
        chain = HashChain(startingFrom: writer.header.chainStart)
        chainHead = writer.header.chainStart
        encoder = RecordEncoder(level: level)
    }

    /// Appends a block of events with their canonical bytes, or a derived block.
    /// - Throws: `invalidBlock`, `noSpace`, `io`.
    public func append(
        _ block: Block, canonical: UnsafeRawBufferPointer = .init(start: nil, count: 0)
    ) throws(JournalError) {
        let sequence = block.firstSequence
        if let problem = block.shapeProblem {
            throw .invalidBlock(sequence: sequence, reason: problem)
        }
        let isNext = sequence == nextSequence
        let isInTime = block.isDerived || block.firstTime >= writer.index.lastTime ?? .min
        let hasRoom = writer.index.entries.count < JournalLimits.blocksPerSegmentMax
        guard isNext && isInTime && hasRoom && block.isDerived == canonical.isEmpty else {
            throw .invalidBlock(
                sequence: sequence, reason: "out of order; the next sequence is \(nextSequence)")
        }
        if !block.isDerived {
            chain.update(canonical)
            chainHead = chain.value
        }
        let (header, record) = try encoder.encode(
            block, offset: writer.end, durableEnd: writer.durableEnd, chain: chainHead)
        try JournalError.translating(writer.name, offset: writer.end) {
            () throws(StorageError) in try writer.append(record, header)
        }
    }
}

/// Re-packing of sealed segments: other blocks, another level, the same events.
public enum Compaction {
    /// The level that is worth its time once a segment will never change again.
    public static let defaultLevel = 19

    /// Replaces a sealed segment by what `body` feeds. First and last sequence, count, times
    /// and the final chain value must come out the same. Then the copy is read again from its
    /// file, decoded, and its chain derived with `canonicalBytes` and compared with the
    /// original's wherever both have a block's end. Only then it takes the original's place;
    /// else the original stays.
    /// - Returns: the file's length before and after, in bytes.
    /// - Throws: `rewriteDiffers`, `noSegment` when it is not sealed, `corrupt` when original
    ///   or copy are, what `body` throws.
    public static func rewrite(
        segment name: String, level: Int = defaultLevel, lock: JournalLock,
        canonicalBytes: CanonicalBytes, body: (SegmentRewriter) throws -> Void
    ) throws -> (before: Int, after: Int) {
        let storage = lock.storage
        let original = try SegmentReader(storage: storage, name: name)
        guard let footer = original.footer else {
            throw JournalError.noSegment(name: name, needed: "to be sealed")
        }
        let temporary = SegmentName.temporary(of: name)
        do {
            let writer = try SegmentWriter.create(
                storage, original.header, name: temporary, preallocationBytes: 0,
                replacesLeftover: true)
            let rewriter = SegmentRewriter(writer, level: level)
            try body(rewriter)
            try rewriter.check(footer, name)
            try writer.seal(chain: rewriter.chainHead)
            let copy = try SegmentReader(storage: storage, name: temporary)
            try copy.compare(with: original, canonicalBytes)
        } catch {
            try? storage.unlink(temporary)
            throw error
        }
        try JournalError.translating(temporary) { () throws(StorageError) in
            try storage.rename(temporary, to: name)
        }
        try JournalError.syncingFolder(storage)
        let after = try SegmentReader(storage: storage, name: name).info.bytes
        return (original.info.bytes, after)
    }
}

extension JournalError {
    /// Refuses a copy that says something else than the original called `segment`.
    fileprivate static func comparing<Value: Equatable>(
        _ segment: String, _ field: String, _ expected: Value, _ found: Value
    ) throws(JournalError) {
        if expected == found { return }
        throw .rewriteDiffers(
            segment: segment, field: field, expected: "\(expected)", found: "\(found)")
    }
}

extension SegmentRewriter {
    /// Compares what was fed with the footer of the original.
    fileprivate func check(_ footer: SegmentFooter, _ name: String) throws(JournalError) {
        let index = writer.index
        let last = index.nextSequence - 1
        try JournalError.comparing(name, "last sequence", footer.lastSequence, last)
        try JournalError.comparing(name, "events", footer.events, index.eventCount)
        try JournalError.comparing(name, "first time", footer.firstTime, index.firstTime ?? .min)
        try JournalError.comparing(name, "last time", footer.lastTime, index.lastTime ?? .min)
        try JournalError.comparing(name, "chain", footer.chainEnd, chainHead)
    }
}

extension SegmentReader {
    /// Reads this copy whole and compares it with the original.
    fileprivate func compare(with original: SegmentReader, _ canonicalBytes: CanonicalBytes)
        throws(JournalError)
    {
        let name = original.info.name
        try JournalError.comparing(name, "header", original.header, header)
        try withoutActuallyEscaping(canonicalBytes) { canonical throws(JournalError) in
            let replay = ChainReplay(startingFrom: header.chainStart, canonical)
            let buffer = BlockBuffer()
            var ends = original.entries.filter { !$0.isDerived }[...]
            for entry in entries {
                let header = try read(entry, into: buffer)
                try file.checking(entry.offset) { () throws(DefectError) in
                    try replay.visit(header, buffer)
                }
                if entry.isDerived { continue }
                ends = ends.drop { $0.nextSequence < entry.nextSequence }
                guard let end = ends.first, end.nextSequence == entry.nextSequence else { continue }
                let value = try original.read(end, into: buffer, decoding: false).chain
                let field = "chain after sequence \(entry.nextSequence - 1)"
                try JournalError.comparing(name, field, value, replay.value)
            }
            try checkTotals(replay)
            try JournalError.comparing(name, "chain", original.info.chainEnd, replay.value)
        }
    }
}
