import Engine

/// Kraken spot, simulated in its protocol v2.
///
/// Rules (`kraken.md` 2 to 4):
/// 1. The venue greets with one `status`. Nothing flows before it is subscribed; from the first
///    subscription on there is a `heartbeat` each second.
/// 2. Each pair of a request has its own acknowledgement or refusal: an unknown pair, a depth that
///    does not exist, a pair that is subscribed already. An end of a subscription must name its
///    depth.
/// 3. A book begins with a snapshot of the subscribed depth D. Changes are told at once as absolute
///    sizes, and only those among the best D levels: no word about a level that falls out, and one
///    that comes back is sent again.
/// 4. Every message of a book has the CRC-32 of its ten best levels a side. There is no sequence.
/// 5. Trades are told at once, ids + 1, the side is the taker's; the channel begins with the latest
///    ones. The channel `instrument` tells the pairs and their steps.
/// 6. Other channels of the venue are refused: they are not simulated.
public struct KrakenSimulator: VenueSimulator {
    /// `.krakenSpot`.
    public var feed: SimulatedFeed { .krakenSpot }
    var market: SimulatedMarket
    var latency: SimulatedLatency
    private(set) var isConnected = false
    var hasHeartbeats = false
    /// What is subscribed of each book.
    var views: [SimulatedKrakenView?]
    var hasTrades: [Bool]
    var hasInstruments = false

    private static var heartbeatNanos: Int64 { 1_000_000_000 }

    /// The market of `seed` at `start` (ns), not connected.
    public init(
        seed: UInt64, start: Int64, assets: [SimulatedAsset] = SimulatedAsset.allCases,
        dislocations: [SimulatedDislocation] = []
    ) {
        market = SimulatedMarket(
            seed: seed, start: start, feed: .krakenSpot, assets: assets,
            dislocations: dislocations)
        latency = SimulatedLatency(feed: .krakenSpot, seed: seed)
        views = Array(repeating: nil, count: assets.count)
        hasTrades = Array(repeating: false, count: assets.count)
    }

    /// The venue's own names of the simulated instruments.
    public var symbols: [String] { market.books.map(\.profile.venueSymbol) }

    /// The address of the real feed.
    public var address: String { "wss://ws.kraken.com/v2" }

    /// One subscription a channel.
    public var subscribeMessages: [[UInt8]] {
        KrakenDialect.subscriptions(symbols.map { Array($0.utf8) })
    }

    /// Opens the connection at `time` and subscribes to everything.
    public mutating func connect(at time: Int64) -> [SimulatedMessage] {
        var messages = open(at: time)
        for message in subscribeMessages { messages += receive(message) }
        return messages
    }

    /// Opens the connection at `time`: the venue says what state it is in.
    public mutating func open(at time: Int64) -> [SimulatedMessage] {
        disconnect()
        _ = advance(to: time)
        isConnected = true
        let id = SimulatedRandom.mixed(UInt64(bitPattern: time))
        return [latency.message(answers.status(connection: id), sentAt: market.time)]
    }

    /// Closes the connection, and with it every subscription.
    public mutating func disconnect() {
        isConnected = false
        hasHeartbeats = false
        hasInstruments = false
        views = Array(repeating: nil, count: views.count)
        hasTrades = Array(repeating: false, count: hasTrades.count)
    }

    /// Moves the market on to `time`; see `VenueSimulator`.
    public mutating func advance(to time: Int64) -> [SimulatedMessage] {
        var messages: [SimulatedMessage] = []
        while market.time + SimulatedMarket.stepNanos <= time {
            market.step()
            for bytes in step() {
                messages.append(latency.message(bytes, sentAt: market.time))
            }
        }
        return messages
    }

    /// Body of the REST answer to `Depth`.
    public func snapshot(symbol: String) -> [UInt8]? {
        guard let index = market.index(ofSymbol: symbol) else { return nil }
        return SimulatedKrakenWire(book: market.books[index])
            .requestedSnapshot(sentAt: market.time)
    }

    /// The address of that answer at the real venue.
    public func snapshotAddress(symbol: String) -> String {
        "https://api.kraken.com/0/public/Depth?pair=" + symbol
    }

    var answers: SimulatedKrakenAnswers { SimulatedKrakenAnswers(sentAt: market.time) }

    private mutating func step() -> [[UInt8]] {
        var payloads: [[UInt8]] = []
        for index in market.books.indices {
            let trades = market.books[index].takeTrades()
            let window = market.books[index].takeWindow()
            let wire = SimulatedKrakenWire(book: market.books[index])
            if hasTrades[index], !trades.isEmpty {
                payloads.append(wire.trades(trades, type: "update"))
            }
            guard let window, var view = views[index] else { continue }
            let (bids, asks) = view.changes(window, market.books[index])
            views[index] = view
            if !bids.isEmpty || !asks.isEmpty { payloads.append(wire.update(bids, asks)) }
        }
        if hasHeartbeats, market.isAtMultiple(of: Self.heartbeatNanos) {
            payloads.append(SimulatedKrakenAnswers.heartbeat)
        }
        return payloads
    }
}
