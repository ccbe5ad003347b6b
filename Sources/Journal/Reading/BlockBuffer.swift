/// Reusable memory for one block: its bytes as stored, and its payload once decoded.
/// Once it has grown to the largest block, reading allocates nothing.
public final class BlockBuffer {
    private let storedMemory = GrowingBuffer()
    private let payloadMemory = GrowingBuffer()
    private let decoder = ZstdDecoder()
    private var storedCount = 0
    private var payloadCount = 0

    /// An empty buffer.
    public init() {}

    /// Block header and zstd frame as they lie on disk; valid until the next read.
    public var stored: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: storedMemory.memory[0..<storedCount])
    }

    /// The decoded payload; empty when decoding was not asked for; valid until the next read.
    public var payload: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: payloadMemory.memory[0..<payloadCount])
    }

    /// Bytes of memory taken for payloads so far.
    var payloadCapacity: Int { payloadMemory.memory.count }

    /// Room for `count` stored bytes; the payload of before is gone.
    func prepare(_ count: Int) -> UnsafeMutableRawBufferPointer {
        storedCount = count
        payloadCount = 0
        return storedMemory.reserve(count)
    }

    /// Checks the stored bytes as the block at `offset`: header, lengths, CRC.
    func checkStored(at offset: Int) throws(DefectError) -> BlockHeader {
        let header = try BlockHeader.parse(stored, at: offset)
        try require(stored.count == header.end - offset, .field("length"))
        let frame = stored.slice(SegmentFormat.blockHeaderBytes..<stored.count)
        try require(Checksum.crc32c(frame) == header.compressedChecksum, .payloadChecksum)
        return header
    }

    /// Decodes the payload of the stored block whose header is `header`.
    func decode(_ header: BlockHeader) throws(DefectError) {
        let frame = stored.slice(SegmentFormat.blockHeaderBytes..<stored.count)
        // The frame is asked before memory is taken for what the header declares.
        try ZstdFrame(frame).check(rawLength: header.rawLength)
        let memory = payloadMemory.reserve(header.rawLength)
        try decoder.decode(frame, into: memory)
        payloadCount = header.rawLength
    }
}
