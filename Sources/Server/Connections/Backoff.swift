/// A seeded source of jitter: the same run in virtual time takes the same turns.
public struct Jitter: Sendable {
    private var state: UInt64

    /// The jitter of `seed`.
    public init(seed: UInt64) { state = seed }

    /// A number in `0 ..< bound`; 0 where `bound` is not positive.
    public mutating func below(_ bound: Int64) -> Int64 {
        guard bound > 0 else { return 0 }
        // SplitMix64; the remainder's bias is below 2^-20 for any wait used here.
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return Int64((mixed ^ mixed >> 31) % UInt64(bound))
    }
}

/// How long to wait before the next attempt (V.4): full jitter, `random(0, min(60 s, 0.5 s ·
/// 2^n))`.
public struct Backoff: Sendable {
    private var attempts = 0
    private let base: Int64
    private let cap: Int64

    /// A wait that grows from `base` to `cap`, ns.
    public init(base: Int64 = 500_000_000, cap: Int64 = 60_000_000_000) {
        self.base = base
        self.cap = cap
    }

    /// The longest wait that `next` may give now, ns.
    var ceiling: Int64 { min(cap, base << Int64(min(attempts, 30))) }

    /// The wait before the next attempt, ns.
    public mutating func next(_ jitter: inout Jitter) -> Int64 {
        defer { attempts += 1 }
        return jitter.below(ceiling + 1)
    }

    /// The attempts so far are forgiven.
    public mutating func reset() { attempts = 0 }
}
