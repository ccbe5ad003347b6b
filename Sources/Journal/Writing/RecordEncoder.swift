/// Turns a block into the bytes of its record: block header, then zstd frame.
final class RecordEncoder {
    private let encoder: ZstdEncoder
    private let buffer = GrowingBuffer()

    init(level: Int) { encoder = ZstdEncoder(level: level) }

    /// The record for `block` at `offset`; the bytes are valid until the next call.
    /// - Throws: `invalidBlock` when it does not compress below the limit.
    func encode(_ block: Block, offset: Int, durableEnd: Int, chain: ChainValue)
        throws(JournalError) -> (header: BlockHeader, bytes: UnsafeRawBufferPointer)
    {
        precondition(block.shapeProblem == nil)
        let headerBytes = SegmentFormat.blockHeaderBytes
        let bound = ZstdEncoder.bound(rawLength: block.payload.count, cuts: block.cuts.count)
        let memory = buffer.reserve(headerBytes + bound)
        let room = UnsafeMutableRawBufferPointer(rebasing: memory[headerBytes...])
        let length = block.payload.withUnsafeBytes { raw in
            encoder.encode(raw, cuts: block.cuts, into: room)
        }
        guard length <= JournalLimits.compressedBytesMax else {
            throw .invalidBlock(
                sequence: block.firstSequence, reason: "compresses to \(length) bytes only")
        }
        let frame = UnsafeRawBufferPointer(rebasing: room[0..<length])
        let header = BlockHeader(
            kind: block.kind, count: block.count, firstSequence: block.firstSequence,
            firstTime: block.firstTime, lastTime: block.lastTime,
            rawLength: block.payload.count, compressedLength: length, offset: offset,
            durableEnd: durableEnd, chain: chain, compressedChecksum: Checksum.crc32c(frame))
        header.encode(into: UnsafeMutableRawBufferPointer(rebasing: memory[0..<headerBytes]))
        let record = UnsafeRawBufferPointer(rebasing: memory[0..<(headerBytes + length)])
        return (header, record)
    }
}
