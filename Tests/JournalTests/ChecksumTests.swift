import Journal
import TestSupport
import Testing

@Suite struct ChecksumTests {
    /// One bit at a time, as the definition says.
    private func plain(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 0 ? 0 : 0x82F6_3B78) }
        }
        return ~crc
    }

    @Test("CRC-32C of the published vectors")
    func vectors() {
        func crc(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { Checksum.crc32c($0) } }
        #expect(crc(Array("123456789".utf8)) == 0xE306_9283)
        // RFC 3720, B.4.
        #expect(crc([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(crc([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(crc(Array(0..<32)) == 0x46DD_794E)
        #expect(crc(Array((0..<32).reversed())) == 0x113F_DB5C)
        #expect(crc([]) == 0)
    }

    @Test("equals the bit-by-bit definition at every length, alignment and split")
    func againstDefinition() {
        var random = SeededRandom(seed: 1)
        let bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
        for start in 0..<8 {
            for length in 0..<100 {
                let part = Array(bytes[start..<(start + length)])
                let whole = bytes.withUnsafeBytes {
                    Checksum.crc32c(UnsafeRawBufferPointer(rebasing: $0[start..<(start + length)]))
                }
                #expect(whole == plain(part))
                let cut = length / 3
                let seed = part[..<cut].withUnsafeBytes { Checksum.crc32c($0) }
                let rest = part[cut...].withUnsafeBytes { Checksum.crc32c($0, seed: seed) }
                #expect(rest == whole)
            }
        }
    }
}
