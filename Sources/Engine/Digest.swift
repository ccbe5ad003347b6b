/// 128 bits that stand for the content of the engine's state (`semantics.md` 29).
///
/// It is a function of the content alone: levels enter as an order-independent sum of mixed
/// hashes, all other state as its canonical bytes. It detects error, not an adversary.
public struct Digest: Equatable, Sendable {
    /// Upper half.
    public var high: UInt64
    /// Lower half.
    public var low: UInt64

    /// A digest from its halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Appends 32 lower-case hex digits.
    public func appendHex(to bytes: inout [UInt8]) {
        for half in [high, low] {
            var shift: UInt64 = 64
            while shift > 0 {
                shift &-= 4
                let nibble = UInt8(truncatingIfNeeded: (half >> shift) & 15)
                bytes.append(nibble < 10 ? 0x30 &+ nibble : 0x57 &+ nibble)
            }
        }
    }
}

/// The constants and steps from which digests are made. A change here is a new engine version.
enum Mixing {
    static let first: UInt64 = 0x9E37_79B9_7F4A_7C15
    static let second: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    static let third: UInt64 = 0x1656_67B1_9E37_79F9
    static let fourth: UInt64 = 0xD6E8_FEB8_6659_FD93

    /// Hash of one level of the side `salt`: two full products, each half of which counts.
    @inline(__always)
    static func level(
        salt: UInt64, price: Int64, size: Int64, insertedAt: UInt64
    ) -> (high: UInt64, low: UInt64) {
        let one = (UInt64(bitPattern: price) ^ first).multipliedFullWidth(
            by: UInt64(bitPattern: size) ^ salt)
        let two = (insertedAt ^ third ^ one.low).multipliedFullWidth(by: one.high ^ fourth)
        return (two.high ^ one.low, two.low ^ two.high)
    }

    /// Salt of one side of one book: spreads neighbouring keys over all bits.
    static func salt(_ key: BookKey, _ side: Side) -> UInt64 {
        let value = UInt64(key.rawValue) << 1 | UInt64(side.rawValue)
        let product = (value ^ second).multipliedFullWidth(by: first)
        return product.high ^ product.low | 1
    }

    /// Hash of a byte string: eight bytes a step, then the length.
    static func bytes(_ bytes: [UInt8]) -> Digest {
        var high = second
        var low = third
        bytes.withUnsafeBytes { raw in
            var position = 0
            while position < raw.count {
                var word: UInt64 = 0
                if position &+ 8 <= raw.count {
                    word = raw.loadUnaligned(fromByteOffset: position, as: UInt64.self).littleEndian
                } else {
                    var index = raw.count
                    while index > position {
                        index &-= 1
                        word = word << 8 | UInt64(raw[index])
                    }
                }
                step(word, &high, &low)
                position &+= 8
            }
        }
        step(UInt64(bytes.count), &high, &low)
        return Digest(high: high, low: low)
    }

    /// Takes one word into a running pair.
    @inline(__always) static func step(_ word: UInt64, _ high: inout UInt64, _ low: inout UInt64) {
        let one = (low ^ word ^ first).multipliedFullWidth(by: high ^ fourth)
        low = one.low ^ high
        high = (one.high &+ word) ^ (low << 29 | low >> 35)
    }
}
