/// The skippable frame before each zstd frame.
///
///     0      4     8      12       14     16    18        20     24         32          40
///     ┌──────┬─────┬──────┬────────┬──────┬─────┬─────────┬──────┬──────────┬───────────┬─
///     │magic │size │"TFBH"│version │flags │kind │reserved │count │first seq │first time │
///     └──────┴─────┴──────┴────────┴──────┴─────┴─────────┴──────┴──────────┴───────────┴─
///     40         48          52           56      64           72      104      108  112
///     ┬──────────┬───────────┬────────────┬───────┬────────────┬───────┬────────┬────┐
///     │last time │raw length │zstd length │offset │durable end │chain  │zstd CRC│CRC │
///     ┴──────────┴───────────┴────────────┴───────┴────────────┴───────┴────────┴────┘
public struct BlockHeader: Hashable, Sendable {
    /// What the payload is; `Block.events` or the caller's own number.
    public var kind: UInt16
    /// Number of events; 0 for a derived block.
    public var count: UInt32
    /// Sequence of the first event, or of the next one for a derived block.
    public var firstSequence: UInt64
    /// Time of the first event, in ns.
    public var firstTime: Int64
    /// Time of the last event, in ns.
    public var lastTime: Int64
    /// Bytes of the payload.
    public var rawLength: Int
    /// Bytes of the zstd frame.
    public var compressedLength: Int
    /// Where this header begins in its segment.
    public var offset: Int
    /// The segment offset that was known to be durable when the block was written.
    public var durableEnd: Int
    /// The chain value after the block's last event.
    public var chain: ChainValue
    /// CRC-32C of the zstd frame.
    public var compressedChecksum: UInt32

    /// Whether the block is outside the sequence and the chain.
    public var isDerived: Bool { kind != Block.events }
    /// Sequence of the first event after the block.
    public var nextSequence: UInt64 { firstSequence + UInt64(count) }
    /// Where the zstd frame begins in its segment.
    public var payloadOffset: Int { offset + SegmentFormat.blockHeaderBytes }
    /// Where the next block begins in its segment.
    public var end: Int { payloadOffset + compressedLength }

    func encode(into memory: UnsafeMutableRawBufferPointer) {
        precondition(memory.count == SegmentFormat.blockHeaderBytes)
        precondition(durableEnd <= offset, "nothing beyond the block can be durable before it")
        SegmentFormat.storePrefix(.block, flags: 0, in: memory)
        memory.store16(kind, 16)
        memory.store16(0, 18)
        memory.store32(count, 20)
        memory.store64(firstSequence, 24)
        memory.storeSigned64(firstTime, 32)
        memory.storeSigned64(lastTime, 40)
        memory.store32(UInt32(rawLength), 48)
        memory.store32(UInt32(compressedLength), 52)
        memory.store64(UInt64(offset), 56)
        memory.store64(UInt64(durableEnd), 64)
        chain.store(in: memory, at: 72)
        memory.store32(compressedChecksum, 104)
        memory.storeTrailingChecksum()
    }

    /// Reads the header that begins at `offset`; `bytes` may go on behind it.
    static func parse(_ bytes: UnsafeRawBufferPointer, at offset: Int)
        throws(DefectError) -> BlockHeader
    {
        try require(bytes.count >= SegmentFormat.blockHeaderBytes, .short)
        let frame = bytes.slice(0..<SegmentFormat.blockHeaderBytes)
        let (version, flags) = try SegmentFormat.checkPrefix(.block, of: frame)
        try require(version == SegmentFormat.version, .field("version"))
        try require(flags == 0 && frame.load16(18) == 0, .field("flags"))
        try require(frame.load64(56) == UInt64(offset), .field("offset"))
        let durable = frame.load64(64)
        try require(durable <= UInt64(offset), .field("durable end"))
        let header = BlockHeader(
            kind: frame.load16(16), count: frame.load32(20), firstSequence: frame.load64(24),
            firstTime: frame.loadSigned64(32), lastTime: frame.loadSigned64(40),
            rawLength: Int(frame.load32(48)), compressedLength: Int(frame.load32(52)),
            offset: offset, durableEnd: Int(durable), chain: ChainValue(frame.slice(72..<104)),
            compressedChecksum: frame.load32(104))
        try header.checkFields()
        return header
    }

    private func checkFields() throws(DefectError) {
        let rawMax = JournalLimits.rawBytesMax
        try require(
            rawLength <= rawMax, .limit("raw length", UInt64(rawLength), UInt64(rawMax)))
        let compressedMax = JournalLimits.compressedBytesMax
        try require(
            compressedLength <= compressedMax,
            .limit("zstd length", UInt64(compressedLength), UInt64(compressedMax)))
        let countMax = UInt64(JournalLimits.eventsPerBlockMax)
        try require(count <= countMax, .limit("count", UInt64(count), countMax))
        try require(rawLength >= 1 && compressedLength >= 1, .field("length"))
        try require(isDerived == (count == 0), .field("count"))
        try require(firstSequence >= 1, .field("first sequence"))
        try require(firstSequence <= .max - UInt64(count), .field("first sequence"))
        try require(firstTime <= lastTime, .time)
    }
}
