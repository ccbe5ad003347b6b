/// The blocks of a segment in file order, with the checks that make them a segment: no byte
/// between them, sequences dense, times never going back.
struct SegmentIndex: Hashable {
    private(set) var entries: [BlockEntry] = []
    let firstSequence: UInt64
    /// Time of the last event before the segment; nil when there is none.
    let timeBefore: Int64?
    /// Sequence of the event that may follow.
    private(set) var nextSequence: UInt64
    /// Time of the first event; nil before there is one.
    private(set) var firstTime: Int64?
    /// Time of the last event, or of the last one before the segment.
    private(set) var lastTime: Int64?

    init(firstSequence: UInt64, timeBefore: Int64?) {
        self.firstSequence = firstSequence
        self.timeBefore = timeBefore
        nextSequence = firstSequence
        lastTime = timeBefore
    }

    init(_ header: SegmentHeader) {
        self.init(firstSequence: header.firstSequence, timeBefore: header.timeBefore)
    }

    /// Where the next block begins.
    var end: Int { entries.last?.end ?? SegmentFormat.segmentHeaderBytes }
    /// Events so far.
    var eventCount: UInt64 { nextSequence - firstSequence }

    /// Takes the next block, or says why it cannot be the next one.
    mutating func append(_ entry: BlockEntry) throws(DefectError) {
        let limit = JournalLimits.blocksPerSegmentMax
        try require(
            entries.count < limit, .limit("blocks", UInt64(entries.count) + 1, UInt64(limit)))
        try require(entry.offset == end && entry.end > end, .index("offset"))
        let bytesMax = SegmentFormat.blockHeaderBytes + JournalLimits.compressedBytesMax
        let bytes = entry.end - entry.offset
        try require(bytes <= bytesMax, .limit("block", UInt64(bytes), UInt64(bytesMax)))
        try require(
            entry.firstSequence == nextSequence,
            .sequence(expected: nextSequence, found: entry.firstSequence))
        try require(entry.firstTime <= entry.lastTime, .time)
        if !entry.isDerived {
            try require(entry.firstTime >= lastTime ?? .min, .time)
            firstTime = firstTime ?? entry.firstTime
            lastTime = entry.lastTime
            nextSequence = entry.nextSequence
        }
        entries.append(entry)
    }

    /// The first entry, in file order, of which `reached` holds; it holds for all after it.
    func firstEntry(where reached: (BlockEntry) -> Bool) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = low + (high - low) / 2
            if reached(entries[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The index frame.
    func encoded() -> [UInt8] {
        let length = SegmentFormat.indexBytes(count: entries.count)
        var bytes = [UInt8](repeating: 0, count: length)
        bytes.withUnsafeMutableBytes { memory in
            SegmentFormat.storePrefix(.index, flags: 0, in: memory)
            memory.store32(UInt32(entries.count), 16)
            var offset = SegmentFormat.indexHeaderBytes
            for entry in entries {
                let range = offset..<(offset + SegmentFormat.indexEntryBytes)
                entry.encode(into: UnsafeMutableRawBufferPointer(rebasing: memory[range]))
                offset = range.upperBound
            }
            memory.storeTrailingChecksum()
        }
        return bytes
    }

    /// Reads an index frame that begins at `indexOffset` of the segment.
    static func parse(
        _ bytes: UnsafeRawBufferPointer, header: SegmentHeader, indexOffset: Int
    ) throws(DefectError) -> SegmentIndex {
        let (version, flags) = try SegmentFormat.checkPrefix(.index, of: bytes)
        try require(version == SegmentFormat.version, .index("version"))
        try require(bytes.count >= SegmentFormat.indexBytes(count: 0), .short)
        try require(flags == 0 && bytes.load32(20) == 0, .index("flags"))
        let count = Int(bytes.load32(16))
        try require(bytes.count == SegmentFormat.indexBytes(count: count), .index("count"))
        var index = SegmentIndex(header)
        index.entries.reserveCapacity(count)
        let entryBytes = SegmentFormat.indexEntryBytes
        for number in 0..<count {
            let start = SegmentFormat.indexHeaderBytes + number * entryBytes
            let isLast = number == count - 1
            let next = isLast ? UInt64(indexOffset) : bytes.load64(start + entryBytes)
            try require(next <= UInt64(indexOffset), .index("offset"))
            let slice = bytes.slice(start..<(start + entryBytes))
            try index.append(try BlockEntry(slice, end: Int(next)))
        }
        try require(index.end == indexOffset, .index("offset"))
        return index
    }
}
