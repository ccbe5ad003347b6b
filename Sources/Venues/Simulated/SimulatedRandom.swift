/// SplitMix64: the only source of chance in the simulated market.
///
/// Integers in, integers out: the same seed gives the same bytes on every machine.
/// Each purpose (mid path, one book, one connection's latency) draws from a stream of its own,
/// so that drawing more in one place does not change another.
struct SimulatedRandom: Sendable {
    private var state: UInt64

    /// The stream numbered `stream` of `seed`.
    init(seed: UInt64, stream: UInt64) {
        state = seed
        state = next() ^ (stream &* 0xD1B5_4A32_D192_ED03)
    }

    /// The next 64 random bits.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// A scrambled `value`; also used to make order ids out of trade ids.
    static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A whole number in `0 ..< bound`; `bound` is above 0.
    mutating func below(_ bound: Int64) -> Int64 {
        Int64(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// True in `numerator` of `denominator` draws.
    mutating func chance(_ numerator: Int64, in denominator: Int64) -> Bool {
        below(denominator) < numerator
    }

    /// About normal, mean 0, standard deviation `deviation`: the sum of twelve uniform draws
    /// of ten bits, whose standard deviation is 1,024.
    mutating func normal(deviation: Int64) -> Int64 {
        var sum: Int64 = -6138
        for _ in 0..<2 {
            var bits = next()
            for _ in 0..<6 {
                sum += Int64(bits & 1023)
                bits >>= 10
            }
        }
        return sum * deviation / 1024
    }

    /// How often something that happens `perSecond` times a second happens in one step.
    mutating func count(perSecond: Int64) -> Int64 {
        let scaled = perSecond * SimulatedMarket.stepNanos
        let whole = scaled / 1_000_000_000
        return whole + (chance(scaled % 1_000_000_000, in: 1_000_000_000) ? 1 : 0)
    }
}
