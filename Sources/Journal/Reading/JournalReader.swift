/// Reads a journal without ever taking its lock, also while a writer is at work.
/// Not thread-safe; make one per thread.
public final class JournalReader {
    let storage: any Storage
    /// What is known about the open segment, so that looking at it again costs what is new.
    private var memory: SegmentScan.Memory?

    /// Reads the journal in `storage`.
    public init(storage: any Storage) { self.storage = storage }

    /// Reads the journal in a folder of the file system.
    public convenience init(directory: String) {
        self.init(storage: FileStorage(directory: directory))
    }

    /// File names of the segments, oldest first. A last file that is short, or zero where its
    /// header belongs, and holds no block is one that is not made yet, and is left out.
    /// - Throws: `io`.
    public func segmentNames() throws(JournalError) -> [String] {
        var names = try listedNames()
        if let last = names.last, try isUnmade(last) { names.removeLast() }
        return names
    }

    /// Whether a writer is just making this file, or died while it did. A file that has
    /// vanished since it was listed is left to whoever opens it.
    func isUnmade(_ name: String) throws(JournalError) -> Bool {
        let file: any StorageFile
        do throws(StorageError) { file = try storage.open(name, .read) } catch {
            if error.isMissing { return false }
            throw JournalError(error, file: name)
        }
        return try SegmentFile(name: name, file: file).isUnmade()
    }

    /// File names of the segments, unfinished ones included.
    func listedNames() throws(JournalError) -> [String] {
        let all = try JournalError.translating { () throws(StorageError) in
            try storage.list()
        }
        return all.filter { SegmentName.firstSequence(of: $0) != nil }.sorted()
    }

    /// The oldest sequence that is left; nil when there is no segment.
    public func oldestSequence() throws(JournalError) -> UInt64? {
        try segmentNames().first.flatMap(SegmentName.firstSequence)
    }

    /// Every segment with what is known about it. One that is corrupt, or does not follow the
    /// segment before, is named with its problem; the others are described all the same.
    /// - Throws: `io` when the folder cannot be listed.
    public func listing() throws(JournalError) -> [SegmentListing] {
        let names = try segmentNames()
        var result: [SegmentListing] = []
        var before: SegmentInfo?
        for number in names.indices {
            var listing = SegmentListing(name: names[number])
            do throws(JournalError) {
                let segment = try openSegment(names, number)
                listing.info = segment.info
                try segment.checkEnd()
                try before?.checkFollowed(by: segment)
            } catch { listing.problem = error }
            before = listing.info
            result.append(listing)
        }
        return result
    }

    /// First and last sequence of what is left; nil where there is no event. Only the newest
    /// segments are opened: what is wrong with others is told to who reads them.
    /// - Throws: `corrupt`, `unknownVersion`, `io`.
    public func bounds() throws(JournalError) -> ClosedRange<UInt64>? {
        let names = try segmentNames()
        guard let first = names.first.flatMap(SegmentName.firstSequence) else { return nil }
        for number in names.indices.reversed() {
            let segment = try openSegment(names, number)
            try segment.checkEnd()
            if segment.info.events > 0 { return first...max(first, segment.info.lastSequence) }
        }
        return nil
    }

    /// Opens one segment by its file name.
    /// - Throws: `noSegment`, `truncated` where retention has passed, `corrupt`, `unknownVersion`,
    ///   `io`.
    public func segment(named name: String) throws(JournalError) -> SegmentReader {
        let names = try segmentNames()
        guard let number = names.firstIndex(of: name) else {
            let oldest = names.first.flatMap(SegmentName.firstSequence)
            if let oldest, SegmentName.firstSequence(of: name) ?? .max < oldest {
                throw .truncated(oldest: oldest)
            }
            throw .noSegment(name: name, needed: "a file")
        }
        return try openSegment(names, number)
    }

    /// All blocks, the oldest segment's opening ones included, to the end as it is now.
    /// - Throws: `corrupt`, `unknownVersion`, `io`.
    public func allBlocks(includingDerived: Bool = true) throws(JournalError) -> BlockCursor {
        let names = try segmentNames()
        guard !names.isEmpty else {
            return BlockCursor(self, names, at: nil, includingDerived: includingDerived)
        }
        let first = try openSegment(names, 0)
        return BlockCursor(self, names, at: (0, first, 0), includingDerived: includingDerived)
    }

    /// The blocks from the one on that contains `sequence`, to the end as it is now.
    /// - Throws: `truncated` when retention has passed, `beyondEnd` when `sequence` is more
    ///   than one past the end, `corrupt`, `io`.
    public func blocks(fromSequence sequence: UInt64, includingDerived: Bool = true)
        throws(JournalError) -> BlockCursor
    {
        let names = try segmentNames()
        guard let number = try Self.number(of: sequence, in: names) else {
            return BlockCursor(self, names, at: nil, includingDerived: includingDerived)
        }
        let segment = try openSegment(names, number)
        let entry = segment.index.firstEntry { $0.nextSequence > sequence }
        if entry == segment.entries.count {
            try segment.checkEnd()
            let last = segment.info.lastSequence
            if sequence > last + 1 { throw .beyondEnd(lastSequence: last) }
        }
        return BlockCursor(
            self, names, at: (number, segment, entry), includingDerived: includingDerived)
    }

    /// The blocks from the first one on with an event at or after `time` (ns).
    /// - Throws: `corrupt`, `unknownVersion`, `io`.
    public func blocks(fromTime time: Int64, includingDerived: Bool = true)
        throws(JournalError) -> BlockCursor
    {
        let names = try segmentNames()
        var low = 0
        var high = names.count
        while low < high {
            let middle = low + (high - low) / 2
            let segment = try openSegment(names, middle)
            if (segment.index.lastTime ?? .min) >= time { high = middle } else { low = middle + 1 }
        }
        guard low < names.count else {
            return BlockCursor(self, names, at: nil, includingDerived: includingDerived)
        }
        let segment = try openSegment(names, low)
        let entry = segment.entries.firstIndex { !$0.isDerived && $0.lastTime >= time }
        return BlockCursor(
            self, names, at: (low, segment, entry ?? segment.entries.count),
            includingDerived: includingDerived)
    }

    /// The segment in which `sequence` must be; nil when there are no segments and it is 1.
    static func number(of sequence: UInt64, in names: [String]) throws(JournalError) -> Int? {
        guard let oldest = names.first.flatMap(SegmentName.firstSequence) else {
            if sequence > 1 { throw .beyondEnd(lastSequence: 0) }
            return nil
        }
        if sequence < oldest { throw .truncated(oldest: oldest) }
        return names.lastIndex { SegmentName.firstSequence(of: $0) ?? 0 <= sequence }
    }

    /// Opens a segment knowing its successor, which may say that it was abandoned.
    func openSegment(_ names: [String], _ number: Int) throws(JournalError) -> SegmentReader {
        let segment: SegmentReader
        do throws(JournalError) {
            let isLast = number + 1 == names.count
            segment = try SegmentReader(
                storage: storage, name: names[number], resuming: isLast ? memory : nil)
            if isLast { memory = segment.memory }
        } catch {
            guard case .noSegment = error else { throw error }
            throw try truncation() ?? error
        }
        guard segment.info.state == .open, number + 1 < names.count else { return segment }
        let next = try SegmentReader.header(storage, names[number + 1])
        guard next.predecessorAbandoned else {
            let offset = segment.info.bytes
            throw .corrupt(segment: names[number], offset: offset, defect: .unsealed)
        }
        try segment.checkEnd()
        try segment.abandon(before: next.firstSequence)
        return segment
    }

    /// What to tell somebody whose segment has vanished.
    private func truncation() throws(JournalError) -> JournalError? {
        try oldestSequence().map { .truncated(oldest: $0) }
    }
}

extension SegmentInfo {
    /// Checks that `next` begins where, and when, this segment ends.
    func checkFollowed(by next: SegmentReader) throws(JournalError) {
        guard next.header.firstSequence == lastSequence + 1 else {
            let defect = Defect.sequence(
                expected: lastSequence + 1, found: next.header.firstSequence)
            throw .corrupt(segment: next.info.name, offset: 16, defect: defect)
        }
        guard next.header.chainStart == chainEnd else {
            let defect = Defect.chain(expected: chainEnd, found: next.header.chainStart)
            throw .corrupt(segment: next.info.name, offset: 24, defect: defect)
        }
        guard lastTime == nil || next.header.timeBefore == lastTime else {
            throw .corrupt(segment: next.info.name, offset: 56, defect: .time)
        }
    }
}
