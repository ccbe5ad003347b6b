/// How long messages take from the venue to the client, in whole microseconds.
///
/// A base, a jitter, now and then a spike. A connection keeps its order: no message arrives
/// before the one sent before it.
struct SimulatedLatency: Sendable {
    private let baseMicros: Int64
    private let jitterMicros: Int64
    private var random: SimulatedRandom
    private var lastReceivedAt: Int64 = 0

    init(feed: SimulatedFeed, seed: UInt64) {
        (baseMicros, jitterMicros) =
            switch feed {
            case .binanceSpot: (38_000, 9_000)
            case .binanceUSDM: (34_000, 8_000)
            case .coinbaseExchange: (17_000, 6_000)
            case .coinbaseAdvanced: (24_000, 7_000)
            case .krakenSpot: (29_000, 8_000)
            case .bybitSpot: (46_000, 8_000)
            case .okxSpot: (61_000, 12_000)
            }
        random = SimulatedRandom(seed: seed, stream: UInt64(200 + feed.rawValue))
    }

    /// Time on the way, in ns.
    mutating func nanos() -> Int64 {
        var micros = baseMicros + random.below(jitterMicros) * random.below(1024) / 1024
        if random.chance(1, in: 500) { micros += random.below(150_000) }
        return micros * 1_000
    }

    /// When the client has a message sent at `sentAt`, after all messages before it.
    mutating func receivedAt(sentAt: Int64) -> Int64 {
        let arrival = (sentAt + nanos()) / 1_000 * 1_000
        lastReceivedAt = max(arrival, lastReceivedAt + 3_000)
        return lastReceivedAt
    }

    /// Wraps bytes that leave at `sentAt`.
    mutating func message(_ bytes: [UInt8], sentAt: Int64) -> SimulatedMessage {
        SimulatedMessage(sentAt: sentAt, receivedAt: receivedAt(sentAt: sentAt), bytes: bytes)
    }
}
