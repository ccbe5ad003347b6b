internal import Glibc

/// What lies behind the last good block of an unsealed segment.
struct SegmentTail: Hashable {
    /// Offset after the last byte that is not zero; the end of the blocks when all are zero.
    var dataEnd: Int
    /// The largest `durableEnd` of any intact block header in there; 0 when there is none.
    var durableEnd = 0

    /// Looks at everything from `end` on. An intact header is recognised at any byte, since it
    /// carries its own offset and a CRC: this is how bytes that were once durable are told
    /// from a torn tail, also when the block before them is unreadable.
    static func read(_ file: SegmentFile, from end: Int, fileSize: Int)
        throws(JournalError) -> SegmentTail
    {
        var tail = SegmentTail(dataEnd: try lastData(file, from: end, fileSize: fileSize))
        let overlap = SegmentFormat.blockHeaderBytes - 1
        var start = end
        while tail.dataEnd - start >= SegmentFormat.blockHeaderBytes {
            let bytes = try file.read(start..<min(tail.dataEnd, start + chunkBytes + overlap))
            guard bytes.count >= SegmentFormat.blockHeaderBytes else { break }
            tail.durableEnd = max(tail.durableEnd, headers(in: bytes, at: start))
            start += chunkBytes
        }
        return tail
    }

    private static let chunkBytes = 1 << 20

    /// The largest `durableEnd` of the intact headers that begin in `bytes`.
    private static func headers(in bytes: UnsafeRawBufferPointer, at start: Int) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        let firstByte = Int32(SegmentFormat.FrameKind.block.rawValue & 0xFF)
        let limit = bytes.count - SegmentFormat.blockHeaderBytes + 1
        var durableEnd = 0
        var offset = 0
        while offset < limit, let hit = memchr(base + offset, firstByte, limit - offset) {
            offset = UnsafeRawPointer(hit) - base
            let candidate = bytes.slice(offset..<bytes.count)
            if candidate.load32(0) == SegmentFormat.FrameKind.block.rawValue,
                let header = try? BlockHeader.parse(candidate, at: start + offset)
            {
                durableEnd = max(durableEnd, header.durableEnd)
            }
            offset += 1
        }
        return durableEnd
    }

    /// Searches the last byte that is not zero, a chunk at a time from the back.
    private static func lastData(_ file: SegmentFile, from end: Int, fileSize: Int)
        throws(JournalError) -> Int
    {
        var upper = fileSize
        while upper > end {
            let lower = max(end, upper - chunkBytes)
            let bytes = try file.read(lower..<upper)
            if let last = lastNonZero(bytes) { return lower + last + 1 }
            upper = lower
        }
        return end
    }

    private static func lastNonZero(_ bytes: UnsafeRawBufferPointer) -> Int? {
        // A run is all zero when it begins with zero and equals itself moved by one byte.
        guard let base = bytes.baseAddress, bytes.count > 0 else { return nil }
        if bytes[0] == 0 && memcmp(base, base + 1, bytes.count - 1) == 0 { return nil }
        return bytes.lastIndex { $0 != 0 }
    }
}
