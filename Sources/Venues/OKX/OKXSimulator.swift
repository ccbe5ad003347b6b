import Engine

/// A time during which a simulated venue is in maintenance: its books stand still, and afterwards
/// it counts their messages anew.
public struct SimulatedMaintenance: Equatable, Sendable {
    /// Nanoseconds since the start of the market.
    public let offsetNanos: Int64
    /// How long it lasts, in nanoseconds.
    public let durationNanos: Int64

    /// Maintenance from `offsetNanos` for `durationNanos`.
    public init(offsetNanos: Int64, durationNanos: Int64) {
        self.offsetNanos = offsetNanos
        self.durationNanos = durationNanos
    }

    func contains(_ elapsedNanos: Int64) -> Bool {
        elapsedNanos >= offsetNanos && elapsedNanos - offsetNanos < durationNanos
    }
}

/// OKX spot, simulated in its own wire format.
///
/// Rules (`okx.md` 2 to 4):
/// 1. Nothing flows before it is asked for. A request is answered by one acknowledgement an
///    argument, then by what begins the channel: a snapshot of `books`, the latest trade, a ticker.
///    What cannot be read or does not exist is answered by an `error`; `ping` by `pong`.
/// 2. `books`: net changes of each 100 ms in the best 400 levels, as absolute sizes. What falls out
///    is not said. `prevSeqId` is the `seqId` of the message before; ids have holes. A book that
///    did not change for 60 s says so without levels, `seqId` equal to `prevSeqId`.
/// 3. `checksum` is 0, as since 2026-06-23, or what it was before.
/// 4. `trades` at once, `side` is the taker's; `tickers` each 100 ms where touch or trade changed.
/// 5. More than 480 requests an hour are refused. In maintenance nothing changes; behind it `seqId`
///    begins anew, upon the `prevSeqId` of before.
public struct OKXSimulator: VenueSimulator {
    /// `.okxSpot`.
    public var feed: SimulatedFeed { .okxSpot }
    var market: SimulatedMarket
    private var latency: SimulatedLatency
    private let start: Int64
    let hasChecksums: Bool
    private let maintenances: [SimulatedMaintenance]
    var isInMaintenance = false
    var depths: [SimulatedOKXDepth]
    var shownTickers: [SimulatedOKXTicker?]
    var subscribed: [SimulatedOKXChannels]
    var answers: SimulatedOKXAnswers
    private var random: SimulatedRandom
    /// Times of the requests of the last hour.
    var requestTimes: [Int64] = []
    private var isConnected = false

    /// The market of `seed` at `start` (ns), not connected. With `hasChecksums` the venue is that
    /// of before 2026-06-23.
    public init(
        seed: UInt64, start: Int64, assets: [SimulatedAsset] = SimulatedAsset.allCases,
        dislocations: [SimulatedDislocation] = [], hasChecksums: Bool = false,
        maintenances: [SimulatedMaintenance] = []
    ) {
        market = SimulatedMarket(
            seed: seed, start: start, feed: .okxSpot, assets: assets, dislocations: dislocations)
        latency = SimulatedLatency(feed: .okxSpot, seed: seed)
        random = SimulatedRandom(
            seed: seed, stream: UInt64(300 + SimulatedFeed.okxSpot.rawValue))
        answers = SimulatedOKXAnswers(connection: 0)
        self.start = market.time
        self.hasChecksums = hasChecksums
        self.maintenances = maintenances
        let time = market.time
        depths = market.books.map { SimulatedOKXDepth($0, at: time) }
        shownTickers = Array(repeating: nil, count: assets.count)
        subscribed = Array(repeating: [], count: assets.count)
    }

    /// The venue's own names of the simulated instruments.
    public var symbols: [String] { market.books.map(\.profile.venueSymbol) }

    /// The address of the public channels.
    public var address: String { "wss://ws.okx.com:8443/ws/v5/public" }

    /// One request for all channels of all instruments.
    public var subscribeMessages: [[UInt8]] {
        var all = OKXSubscriptions()
        for symbol in symbols { all.add(Array(symbol.utf8), .spot) }
        return all.finish()
    }

    /// Opens the connection at `time` and subscribes to everything.
    public mutating func connect(at time: Int64) -> [SimulatedMessage] {
        open(at: time) + subscribeMessages.flatMap { receive($0) }
    }

    /// Opens the connection at `time`: the venue says nothing of its own.
    public mutating func open(at time: Int64) -> [SimulatedMessage] {
        disconnect()
        _ = advance(to: time)
        isConnected = true
        answers = SimulatedOKXAnswers(connection: random.next())
        return []
    }

    /// Closes the connection.
    public mutating func disconnect() {
        isConnected = false
        requestTimes = []
        for index in subscribed.indices { subscribed[index] = [] }
    }

    /// Takes a message of the client; see the rules.
    public mutating func receive(_ message: [UInt8]) -> [SimulatedMessage] {
        guard isConnected else { return [] }
        return answer(message).map { latency.message($0, sentAt: market.time) }
    }

    /// Says that the connection is about to be closed.
    public mutating func announceUpgrade() -> [SimulatedMessage] {
        guard isConnected else { return [] }
        return [latency.message(answers.notice(), sentAt: market.time)]
    }

    /// Moves the market on to `time`; see `VenueSimulator`.
    public mutating func advance(to time: Int64) -> [SimulatedMessage] {
        var messages: [SimulatedMessage] = []
        while market.time + SimulatedMarket.stepNanos <= time {
            market.step()
            let elapsed = market.time - start
            isInMaintenance = maintenances.contains { $0.contains(elapsed) }
            for index in market.books.indices {
                for bytes in step(index) where isConnected {
                    messages.append(latency.message(bytes, sentAt: market.time))
                }
            }
        }
        return messages
    }

    /// The answer of `/api/v5/market/books`: what the channel shows.
    public func snapshot(symbol: String) -> [UInt8]? {
        guard let index = market.index(ofSymbol: symbol) else { return nil }
        return wire(index).answer(depths[index])
    }

    /// The address of that answer at the real venue.
    public func snapshotAddress(symbol: String) -> String {
        "https://www.okx.com/api/v5/market/books?instId=" + symbol + "&sz=400"
    }
}
