/// The last 120 bytes of a sealed segment.
///
///     0      4     8      12       14     16           24         32        40      48
///     ┌──────┬─────┬──────┬────────┬──────┬────────────┬──────────┬─────────┬───────┬─
///     │magic │size │"TFFT"│version │flags │index offset│first seq │last seq │events │
///     └──────┴─────┴──────┴────────┴──────┴────────────┴──────────┴─────────┴───────┴─
///     48          56         64           96      100        104       112       116  120
///     ┬───────────┬──────────┬────────────┬───────┬──────────┬─────────┬─────────┬────┐
///     │first time │last time │final chain │blocks │index CRC │raw bytes│reserved │CRC │
///     ┴───────────┴──────────┴────────────┴───────┴──────────┴─────────┴─────────┴────┘
struct SegmentFooter: Hashable {
    var indexOffset: Int
    var firstSequence: UInt64
    var lastSequence: UInt64
    var events: UInt64
    var firstTime: Int64
    var lastTime: Int64
    var chainEnd: ChainValue
    var blocks: UInt32
    /// The index frame's own CRC-32C once more, so that the two belong together.
    var indexChecksum: UInt32
    /// Sum of the payload lengths, in bytes.
    var rawBytes: UInt64

    func encoded() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: SegmentFormat.footerBytes)
        bytes.withUnsafeMutableBytes { memory in
            SegmentFormat.storePrefix(.footer, flags: 0, in: memory)
            memory.store64(UInt64(indexOffset), 16)
            memory.store64(firstSequence, 24)
            memory.store64(lastSequence, 32)
            memory.store64(events, 40)
            memory.storeSigned64(firstTime, 48)
            memory.storeSigned64(lastTime, 56)
            chainEnd.store(in: memory, at: 64)
            memory.store32(blocks, 96)
            memory.store32(indexChecksum, 100)
            memory.store64(rawBytes, 104)
            memory.storeTrailingChecksum()
        }
        return bytes
    }

    /// Reads a footer that ends a file of `fileSize` bytes.
    static func parse(_ bytes: UnsafeRawBufferPointer, fileSize: Int)
        throws(DefectError) -> SegmentFooter
    {
        try require(bytes.count == SegmentFormat.footerBytes, .short)
        let (version, flags) = try SegmentFormat.checkPrefix(.footer, of: bytes)
        try require(version == SegmentFormat.version, .index("footer version"))
        try require(flags == 0 && bytes.load32(112) == 0, .index("footer flags"))
        let indexEnd = UInt64(fileSize - SegmentFormat.footerBytes)
        let indexOffset = bytes.load64(16)
        try require(
            indexOffset >= UInt64(SegmentFormat.segmentHeaderBytes) && indexOffset < indexEnd,
            .index("footer index offset"))
        let footer = SegmentFooter(
            indexOffset: Int(indexOffset), firstSequence: bytes.load64(24),
            lastSequence: bytes.load64(32), events: bytes.load64(40),
            firstTime: bytes.loadSigned64(48), lastTime: bytes.loadSigned64(56),
            chainEnd: ChainValue(bytes.slice(64..<96)), blocks: bytes.load32(96),
            indexChecksum: bytes.load32(100), rawBytes: bytes.load64(104))
        try footer.checkFields(indexLength: indexEnd - indexOffset)
        return footer
    }

    private func checkFields(indexLength: UInt64) throws(DefectError) {
        let limit = UInt64(JournalLimits.blocksPerSegmentMax)
        try require(blocks <= limit, .limit("blocks", UInt64(blocks), limit))
        let expected = UInt64(SegmentFormat.indexBytes(count: Int(blocks)))
        try require(indexLength == expected, .index("length"))
        try require(firstSequence >= 1 && events >= 1, .index("footer events"))
        try require(events <= .max - firstSequence, .index("footer events"))
        try require(lastSequence == firstSequence + (events - 1), .index("footer events"))
        try require(firstTime <= lastTime, .time)
    }

    /// Checks that footer, index and header tell one story.
    func check(_ index: SegmentIndex, _ header: SegmentHeader) throws(DefectError) {
        try require(firstSequence == header.firstSequence, .index("footer first sequence"))
        try require(index.entries.count == Int(blocks), .index("footer blocks"))
        try require(index.eventCount == events, .index("footer events"))
        try require(index.firstTime == firstTime, .index("footer first time"))
        try require(index.lastTime == lastTime, .index("footer last time"))
    }
}

extension SegmentFooter {
    /// The footer behind the blocks of `index`, whose frame is `indexFrame`.
    init(_ index: SegmentIndex, _ indexFrame: [UInt8], chain: ChainValue, rawBytes: UInt64) {
        let checksum = indexFrame.withUnsafeBytes { $0.load32($0.count - 4) }
        self.init(
            indexOffset: index.end, firstSequence: index.firstSequence,
            lastSequence: index.nextSequence - 1, events: index.eventCount,
            firstTime: index.firstTime ?? 0, lastTime: index.lastTime ?? 0, chainEnd: chain,
            blocks: UInt32(index.entries.count), indexChecksum: checksum, rawBytes: rawBytes)
    }
}
