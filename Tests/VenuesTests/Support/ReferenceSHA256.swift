/// SHA-256 in its plainest form, for golden values.
struct ReferenceSHA256 {
    private var state: [UInt32] = Self.roots(power: 2).prefix(8).map { $0 }
    private var block: [UInt8] = []
    private var bitCount: UInt64 = 0
    private static let constants = roots(power: 3)

    mutating func update(_ bytes: [UInt8]) {
        bitCount += UInt64(bytes.count) * 8
        for byte in bytes { push(byte) }
    }

    /// The digest in lower-case hex; ends the message.
    mutating func finish() -> String {
        let length = bitCount
        push(0x80)
        while block.count != 56 { push(0) }
        for shift in stride(from: 56, through: 0, by: -8) {
            push(UInt8(truncatingIfNeeded: length >> UInt64(shift)))
        }
        return state.map { word in
            let hex = String(word, radix: 16)
            return String(repeating: "0", count: 8 - hex.count) + hex
        }.joined()
    }

    private mutating func push(_ byte: UInt8) {
        block.append(byte)
        guard block.count == 64 else { return }
        compress()
        block.removeAll(keepingCapacity: true)
    }

    private mutating func compress() {
        func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }
        var w = (0..<16).map { i in
            (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(block[i * 4 + $1]) }
        }
        for i in 16..<64 {
            let a = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3
            let b = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10
            w.append(w[i - 16] &+ a &+ w[i - 7] &+ b)
        }
        var s = state
        for i in 0..<64 {
            let e = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)
            let choice = s[4] & s[5] ^ ~s[4] & s[6]
            let first = s[7] &+ e &+ choice &+ Self.constants[i] &+ w[i]
            let a = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)
            let majority = s[0] & s[1] ^ s[0] & s[2] ^ s[1] & s[2]
            s = [first &+ a &+ majority, s[0], s[1], s[2], s[3] &+ first, s[4], s[5], s[6]]
        }
        for i in 0..<8 { state[i] = state[i] &+ s[i] }
    }

    /// First 32 bits of the fractions of the square or cube roots of the first 64 primes.
    private static func roots(power: Int) -> [UInt32] {
        let primes = (2..<312).filter { n in !(2..<n).contains { n % $0 == 0 } }
        return primes.prefix(64).map { prime in
            var low: UInt64 = 0
            var high: UInt64 = 20 << 32
            while high - low > 1 {
                let middle = (low + high) / 2
                let root = UInt128(middle)
                let value = power == 2 ? root * root : root * root * root
                if value <= UInt128(prime) << UInt128(32 * power) {
                    low = middle
                } else {
                    high = middle
                }
            }
            return UInt32(truncatingIfNeeded: low)
        }
    }
}
