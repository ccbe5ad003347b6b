/// Eight characters at once, each less the character 0, the first in the lowest byte.
enum DigitWord {
    @inline(__always) static func load(_ start: UnsafeRawPointer) -> UInt64 {
        start.loadUnaligned(as: UInt64.self).littleEndian ^ 0x3030_3030_3030_3030
    }

    /// Marks the bytes that are not 0…9; one behind the first of them may be marked by mistake.
    @inline(__always) static func others(_ digits: UInt64) -> UInt64 {
        (digits &+ 0x7676_7676_7676_7676 | digits) & 0x8080_8080_8080_8080
    }

    /// How many of the first bytes are 0…9.
    @inline(__always) static func count(_ digits: UInt64) -> Int {
        others(digits).trailingZeroBitCount >> 3
    }

    /// The number whose eight digits these are: neighbours are joined, first to pairs, then to
    /// fours, then to eight.
    @inline(__always) static func number(_ digits: UInt64) -> UInt64 {
        let pairs = (digits &* 10 &+ digits >> 8) & 0x00ff_00ff_00ff_00ff
        let fours = (pairs &* 100 &+ pairs >> 16) & 0x0000_ffff_0000_ffff
        return (fours &* 10_000 &+ fours >> 32) & 0xffff_ffff
    }
}
