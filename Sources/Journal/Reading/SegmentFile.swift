/// A segment's file, read with checked lengths and errors that say where.
final class SegmentFile {
    let name: String
    let file: any StorageFile
    private let scratch = GrowingBuffer()

    init(name: String, file: any StorageFile) {
        self.name = name
        self.file = file
    }

    /// The file's length; more than a segment can have is refused.
    func size() throws(JournalError) -> Int {
        let size = try JournalError.translating(name) { () throws(StorageError) in
            try file.size()
        }
        guard size <= JournalLimits.segmentBytesMax else {
            let limit = UInt64(JournalLimits.segmentBytesMax)
            throw corrupt(0, .limit("segment", UInt64(size), limit))
        }
        return size
    }

    /// Reads what there is of `range` into memory that is valid until the next call.
    func read(_ range: Range<Int>) throws(JournalError) -> UnsafeRawBufferPointer {
        let memory = scratch.reserve(range.count)
        let count = try fill(memory, at: range.lowerBound)
        return UnsafeRawBufferPointer(rebasing: memory[0..<count])
    }

    /// Reads as much as there is; returns how many bytes.
    func fill(_ memory: UnsafeMutableRawBufferPointer, at offset: Int)
        throws(JournalError) -> Int
    {
        try JournalError.translating(name, offset: offset) { () throws(StorageError) in
            try file.readAll(into: memory, at: offset)
        }
    }

    /// Reads one block and checks everything but the zstd frame's inside.
    func readBlock(_ entry: BlockEntry, into buffer: BlockBuffer)
        throws(JournalError) -> BlockHeader
    {
        let memory = buffer.prepare(entry.end - entry.offset)
        let count = try fill(memory, at: entry.offset)
        return try checking(entry.offset) { () throws(DefectError) in
            try require(count == memory.count, .short)
            let header = try buffer.checkStored(at: entry.offset)
            try require(BlockEntry(header) == entry, .index("entry differs from the block"))
            return header
        }
    }

    /// Gives a defect its place.
    func checking<Result>(_ offset: Int, _ body: () throws(DefectError) -> Result)
        throws(JournalError) -> Result
    {
        do throws(DefectError) { return try body() } catch { throw error.at(offset, of: name) }
    }

    func corrupt(_ offset: Int, _ defect: Defect) -> JournalError {
        .corrupt(segment: name, offset: offset, defect: defect)
    }

    /// Whether the file was not made yet: no whole header, and no block. A writer makes the
    /// file first, then writes its header; a power cut may leave zeros for it.
    func isUnmade() throws(JournalError) -> Bool {
        let start = try read(0..<SegmentFormat.segmentHeaderBytes)
        let isHeader = start.count == SegmentFormat.segmentHeaderBytes
        guard !isHeader || start.allSatisfy({ $0 == 0 }) else { return false }
        return try SegmentTail.read(self, from: 0, fileSize: try size()).durableEnd == 0
    }

    /// Reads the segment header.
    /// - Throws: `unknownVersion`, or `corrupt` at offset 0.
    func readHeader() throws(JournalError) -> SegmentHeader {
        let bytes = try read(0..<JournalLimits.segmentHeaderBytesMax)
        let parsed = try checking(0) { () throws(DefectError) in
            try SegmentHeader.parse(bytes)
        }
        switch parsed {
        case .newerVersion(let version):
            throw .unknownVersion(
                segment: name, version: version, supported: SegmentFormat.version)
        case .header(let header):
            let segment = SegmentName.segment(ofTemporary: name) ?? name
            let expected = SegmentName.firstSequence(of: segment)
            guard header.firstSequence == expected else {
                throw corrupt(
                    16, .sequence(expected: expected ?? 0, found: header.firstSequence))
            }
            return header
        }
    }

    /// Reads the footer; nil when the file does not end with an intact one.
    func readFooter(fileSize: Int) throws(JournalError) -> SegmentFooter? {
        let start = fileSize - SegmentFormat.footerBytes
        guard start >= SegmentFormat.segmentHeaderBytes else { return nil }
        let bytes = try read(start..<fileSize)
        do throws(DefectError) {
            return try SegmentFooter.parse(bytes, fileSize: fileSize)
        } catch {
            switch error.defect {
            case .short, .magic, .headerChecksum: return nil
            default: throw error.at(start, of: name)
            }
        }
    }

    /// Reads the index of a sealed segment and compares it with header and footer.
    func readIndex(_ footer: SegmentFooter, _ header: SegmentHeader, fileSize: Int)
        throws(JournalError) -> SegmentIndex
    {
        let bytes = try read(footer.indexOffset..<(fileSize - SegmentFormat.footerBytes))
        return try checking(footer.indexOffset) { () throws(DefectError) in
            let index = try SegmentIndex.parse(
                bytes, header: header, indexOffset: footer.indexOffset)
            try require(
                bytes.load32(bytes.count - 4) == footer.indexChecksum, .index("footer's CRC"))
            try footer.check(index, header)
            return index
        }
    }
}
