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
    private var market: SimulatedMarket
    private var latency: SimulatedLatency
    private var isConnected = false
    private var hasHeartbeats = false
    /// What is subscribed of each book.
    private var views: [SimulatedKrakenView?]
    private var hasTrades: [Bool]
    private var hasInstruments = false

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

    private var answers: SimulatedKrakenAnswers { SimulatedKrakenAnswers(sentAt: market.time) }

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

    /// Takes a message of the client and gives the answers.
    public mutating func receive(_ message: [UInt8]) -> [SimulatedMessage] {
        guard isConnected else { return [] }
        return answer(message).map { latency.message($0, sentAt: market.time) }
    }

    private mutating func answer(_ message: [UInt8]) -> [[UInt8]] {
        guard let request = SimulatedKrakenRequest(message) else {
            return [answers.refused(nil, "Malformed request")]
        }
        if request.isMethod("ping") { return [answers.pong(request)] }
        let isBegin = request.isMethod("subscribe")
        guard isBegin || request.isMethod("unsubscribe") else {
            return [answers.refused(request, "Method not supported")]
        }
        if request.isChannel("instrument") { return answerInstruments(request) }
        guard request.isChannel("book") || request.isChannel("trade") else {
            return [answers.refused(request, "Channel not supported")]
        }
        guard !request.symbols.isEmpty else {
            return [answers.refused(request, "Symbol(s) not found")]
        }
        var acknowledged: [[UInt8]] = []
        var snapshots: [[UInt8]] = []
        for symbol in request.symbols {
            let name = String(decoding: symbol, as: UTF8.self)
            guard let index = market.index(ofSymbol: name) else {
                acknowledged.append(
                    answers.refused(request, "Currency pair not supported", symbol: symbol))
                continue
            }
            if request.isChannel("book") {
                acknowledged.append(setBook(request, index, &snapshots))
            } else {
                acknowledged.append(setTrades(request, index, &snapshots))
            }
        }
        return acknowledged + snapshots
    }

    private mutating func answerInstruments(_ request: SimulatedKrakenRequest) -> [[UInt8]] {
        let isBegin = request.isMethod("subscribe")
        guard isBegin != hasInstruments else {
            return [answers.refused(request, isBegin ? alreadyThere : notThere)]
        }
        hasInstruments = isBegin
        hasHeartbeats = hasHeartbeats || isBegin
        let done = answers.done(request)
        return isBegin && request.wantsSnapshot
            ? [done, answers.instruments(market.books)] : [done]
    }

    private var alreadyThere: StaticString { "Already subscribed" }
    private var notThere: StaticString { "Subscription Not Found" }

    private mutating func setBook(
        _ request: SimulatedKrakenRequest, _ index: Int, _ snapshots: inout [[UInt8]]
    ) -> [UInt8] {
        let book = market.books[index]
        let symbol = Array(book.profile.venueSymbol.utf8)
        let current = views[index]
        guard request.isMethod("subscribe") else {
            guard let current, Int64(current.depth) == request.depth else {
                return answers.refused(request, notThere, symbol: symbol)
            }
            views[index] = nil
            return answers.done(request, symbol: symbol, depth: request.depth)
        }
        guard current == nil else { return answers.refused(request, alreadyThere, symbol: symbol) }
        guard let depth = KrakenBook.depths.first(where: { Int64($0) == request.depth }) else {
            return answers.refused(request, "Depth not supported", symbol: symbol)
        }
        views[index] = SimulatedKrakenView(depth: depth, book)
        hasHeartbeats = true
        if request.wantsSnapshot {
            snapshots.append(
                SimulatedKrakenWire(book: book).snapshot(depth: depth, sentAt: market.time))
        }
        return answers.done(request, symbol: symbol, depth: request.depth)
    }

    private mutating func setTrades(
        _ request: SimulatedKrakenRequest, _ index: Int, _ snapshots: inout [[UInt8]]
    ) -> [UInt8] {
        let book = market.books[index]
        let symbol = Array(book.profile.venueSymbol.utf8)
        let isBegin = request.isMethod("subscribe")
        guard isBegin != hasTrades[index] else {
            return answers.refused(request, isBegin ? alreadyThere : notThere, symbol: symbol)
        }
        hasTrades[index] = isBegin
        hasHeartbeats = hasHeartbeats || isBegin
        if isBegin, request.wantsSnapshot {
            snapshots.append(
                SimulatedKrakenWire(book: book).trades(book.recentTrades, type: "snapshot"))
        }
        return answers.done(request, symbol: symbol)
    }
}
