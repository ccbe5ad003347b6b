/// Where a block lies in its segment, and what it covers.
public struct BlockEntry: Hashable, Sendable {
    /// Where the block's header begins in its segment, in bytes.
    public var offset: Int
    /// Where the next block begins.
    public var end: Int
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

    /// Whether the block is outside the sequence and the chain.
    public var isDerived: Bool { kind != Block.events }
    /// Sequence of the first event after the block.
    public var nextSequence: UInt64 { firstSequence + UInt64(count) }

    init(_ header: BlockHeader) {
        offset = header.offset
        end = header.end
        kind = header.kind
        count = header.count
        firstSequence = header.firstSequence
        firstTime = header.firstTime
        lastTime = header.lastTime
    }

    /// Reads an entry of an index; `end` is known from what follows it.
    init(_ bytes: UnsafeRawBufferPointer, end: Int) throws(DefectError) {
        let offset = bytes.load64(0)
        try require(offset < UInt64(end), .index("offset"))
        self.offset = Int(offset)
        self.end = end
        firstSequence = bytes.load64(8)
        firstTime = bytes.loadSigned64(16)
        lastTime = bytes.loadSigned64(24)
        count = bytes.load32(32)
        kind = bytes.load16(36)
        try require(bytes.load16(38) == 0, .index("reserved"))
        try require(isDerived == (count == 0), .index("count"))
        try require(firstSequence <= .max - UInt64(count), .index("sequence"))
    }

    func encode(into memory: UnsafeMutableRawBufferPointer) {
        memory.store64(UInt64(offset), 0)
        memory.store64(firstSequence, 8)
        memory.storeSigned64(firstTime, 16)
        memory.storeSigned64(lastTime, 24)
        memory.store32(count, 32)
        memory.store16(kind, 36)
        memory.store16(0, 38)
    }
}
