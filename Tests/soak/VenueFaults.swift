internal import TestSupport
internal import Venues

/// When something goes wrong with one venue, and what: a fault now and then, and once in a while a
/// storm of them. Draws from a stream of its own.
struct VenueFaults {
    private let kinds: [FaultKind]
    private let feed: SimulatedFeed
    private var random: SeededRandom
    private var nextAt: Int64
    private var stormUntil: Int64 = 0
    /// In a storm: losses, or lies. Both at once could hide each other.
    private var stormHasLies = false
    /// What strikes the next message, the next attempt to connect, the next request.
    private var armed: [FaultKind] = []
    private var plans: [FaultKind: FaultPlan] = [:]
    private var lastLossAt: Int64 = 0

    private static let second: Int64 = 1_000_000_000
    /// Between a loss and a lie the chain has broken.
    private static let apartNanos = 5 * second

    init(_ feed: SimulatedFeed, seed: UInt64, start: Int64, hasLosses: Bool) {
        self.feed = feed
        kinds = FaultKind.kinds(feed, hasLosses: hasLosses)
        random = SeededRandom(seed: seed &* 1_000 &+ UInt64(feed.rawValue))
        nextAt = start + 5 * Self.second
        plans[.truncate] = FaultPlan(seed: random.next(), perMille: [.truncate: 1_000])
        plans[.corrupt] = FaultPlan(seed: random.next(), perMille: [.corrupt: 1_000])
        plans[.wrongSequence] = FaultPlan(seed: random.next(), perMille: [.wrongSequence: 1_000])
        plans[.wrongChecksum] = FaultPlan(seed: random.next(), perMille: [.wrongChecksum: 1_000])
    }

    /// A number in `0 ..< bound`.
    mutating func below(_ bound: Int64) -> Int64 { Int64(random.next() % UInt64(bound)) }

    /// The fault that is due now, if one is.
    mutating func due(_ now: Int64) -> FaultKind? {
        guard now >= nextAt else { return nil }
        if now >= stormUntil, below(60) == 0 {
            stormUntil = now + 20 * Self.second
            stormHasLies = below(2) == 0
        }
        let isStorm = now < stormUntil
        // A feed that rests after three wrong checksums is left alone for longer.
        let mean = isStorm ? Self.second / 2 : Self.second * (feed == .krakenSpot ? 120 : 40)
        nextAt = now + mean / 10 + below(2 * mean)
        let kind = kinds[Int(below(Int64(kinds.count)))]
        if kind == .banned || kind == .outage, below(4) > 0 { return nil }
        if isStorm, !kind.isMessage || kind.isLie != stormHasLies { return nil }
        return kind
    }

    mutating func arm(_ kind: FaultKind) { armed.append(kind) }

    /// The armed fault that strikes a message, if one does: most wait for one about a book.
    mutating func takeMessageFault(isBook: Bool, _ now: Int64) -> FaultKind? {
        guard !armed.isEmpty, isBook || below(40) == 0, let kind = take(\.isMessage) else {
            return nil
        }
        if kind.isLie, now - lastLossAt < Self.apartNanos { return nil }
        if kind.isLoss { lastLossAt = now }
        return kind
    }

    mutating func takeAnswerFault() -> FaultKind? { armed.isEmpty ? nil : take(\.isAnswer) }

    mutating func takeHang() -> Bool { take { $0 == .hang } != nil }

    private mutating func take(_ isWanted: (FaultKind) -> Bool) -> FaultKind? {
        armed.firstIndex(where: isWanted).map { armed.remove(at: $0) }
    }

    /// The bytes of a message that a fault damages.
    mutating func damaged(_ bytes: [UInt8], _ kind: FaultKind) -> [UInt8] {
        if kind == .garble, !bytes.isEmpty {
            var bytes = bytes
            bytes[Int(below(Int64(bytes.count)))] |= 0x80
            return bytes
        }
        let whole = SimulatedMessage(sentAt: 0, receivedAt: 0, bytes: bytes)
        return plans[kind]?.apply([whole]).first?.bytes ?? bytes
    }
}
