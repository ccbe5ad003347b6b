/// CRC-32 of IEEE 802.3 (reflected, initial value and final exclusive-or all ones), which Kraken
/// and OKX compute over the best levels of a book.
struct CRC32 {
    /// Eight tables of 256: what a byte contributes when `n` bytes follow it.
    private let tables: [UInt32]

    init() {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var remainder = UInt32(byte)
            for _ in 0..<8 {
                remainder = remainder & 1 != 0 ? remainder >> 1 ^ 0xedb8_8320 : remainder >> 1
            }
            tables[byte] = remainder
        }
        for index in 256..<tables.count {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xff)]
        }
        self.tables = tables
    }

    /// The checksum of `text`.
    func checksum(_ text: Bytes) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            var remainder = UInt32.max
            var index = 0
            while index &+ 8 <= text.count {
                let word = ByteText.word(text, index) ^ UInt64(remainder)
                remainder = 0
                var byte = 0
                while byte < 8 {
                    let value = Int(truncatingIfNeeded: word >> UInt64(8 * byte) & 0xff)
                    remainder ^= tables[(7 &- byte) &* 256 &+ value]
                    byte &+= 1
                }
                index &+= 8
            }
            while index < text.count {
                let value = Int((remainder ^ UInt32(text[index])) & 0xff)
                remainder = remainder >> 8 ^ tables[value]
                index &+= 1
            }
            return ~remainder
        }
    }
}
