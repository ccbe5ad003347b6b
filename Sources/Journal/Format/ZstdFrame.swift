/// What the first bytes of a zstd frame declare (RFC 8878, section 3.1.1.1), read before any
/// of it is believed:
/// 1. magic number 0xFD2FB528, then one descriptor byte: bits 7-6 size of the content size
///    field, 5 single segment, 3 reserved, 2 checksum, 1-0 size of the dictionary id;
/// 2. window descriptor byte unless single segment; dictionary id; content size.
struct ZstdFrame: Hashable {
    var contentSize: UInt64
    var windowSize: UInt64

    static let magic: UInt32 = 0xFD2F_B528

    /// Refuses every frame that a journal's writer does not make.
    init(_ bytes: UnsafeRawBufferPointer) throws(DefectError) {
        try require(bytes.count >= 9, .zstd("short frame"))
        try require(bytes.load32(0) == Self.magic, .zstd("magic"))
        let descriptor = bytes[4]
        try require(descriptor & 0b1000 == 0, .zstd("reserved bit"))
        try require(descriptor & 0b0100 != 0, .zstd("no content checksum"))
        try require(descriptor & 0b0011 == 0, .zstd("dictionary"))
        let isSingleSegment = descriptor & 0b10_0000 != 0
        let sizeCode = descriptor >> 6
        try require(sizeCode != 0 || isSingleSegment, .zstd("no content size"))
        var offset = 5
        windowSize = 0
        if !isSingleSegment {
            let log = UInt64(10 + bytes[5] >> 3)
            windowSize = (1 << log) + ((1 << log) >> 3) * UInt64(bytes[5] & 7)
            offset = 6
        }
        let sizeBytes = [1, 2, 4, 8][Int(sizeCode)]
        try require(bytes.count >= offset + sizeBytes, .zstd("short frame"))
        var size: UInt64 = 0
        for byte in (0..<sizeBytes).reversed() { size = size << 8 | UInt64(bytes[offset + byte]) }
        let isShortForm = sizeBytes == 2
        try require(size <= .max - 256, .zstd("content size"))
        contentSize = isShortForm ? size + 256 : size
        if isSingleSegment { windowSize = contentSize }
    }

    /// Checks the declared sizes against the block header and the limits.
    func check(rawLength: Int) throws(DefectError) {
        try require(contentSize == UInt64(rawLength), .zstd("content size is not the raw length"))
        let windowMax = UInt64(1) << JournalLimits.windowLogMax
        try require(windowSize <= windowMax, .limit("zstd window", windowSize, windowMax))
    }
}
