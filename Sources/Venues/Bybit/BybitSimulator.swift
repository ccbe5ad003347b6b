import Engine

/// Bybit spot, simulated in its own wire format.
///
/// Rules (`bybit.md` 2 to 5; texts of refusals as reported by users):
/// 1. The venue says nothing of its own. A request to subscribe is answered once, whole, and each
///    book of it by a snapshot. It is refused whole for more than ten topics, a topic or symbol
///    that the venue does not have, and a topic that is subscribed already.
/// 2. Books: depths 1, 50, 200 and 1000, each 10, 20, 100 and 200 ms, with what changed in the best
///    levels, as absolute sizes; nothing where nothing changed. `u` + 1 a message; a stream that
///    was not subscribed has gone on meanwhile, one message each time.
/// 3. Depth 1 has snapshots only; one without a change for 3 s comes again with the same `u`.
/// 4. What falls out of the depth is deleted, but not always: one in eight is only left behind.
/// 5. `seq` counts the changes of a symbol, `cts` is the time of the last one.
/// 6. `publicTrade`: the trades of a step in one message, ids + 1 of nineteen digits.
/// 7. Spot writes numbers without zeros at the end.
/// 8. `restart` is the venue's service beginning anew: snapshots with `u` 1.
public struct BybitSimulator: VenueSimulator {
    /// `.bybitSpot`.
    public let feed: SimulatedFeed
    private(set) var market: SimulatedMarket
    private var latency: SimulatedLatency
    private var random: SimulatedRandom
    private var isConnected = false
    private var connectionCount: UInt64 = 0
    private var streams: [SimulatedBybitStream] = []
    /// Books, by index, whose trades are subscribed.
    private var tradeStreams: Set<Int> = []
    /// When the streams began to count, and from what.
    private var epoch: (time: Int64, u: Int64)

    /// Where `u` stands at the start.
    private static var firstUpdate: Int64 { 62_505_424 }
    /// How often what nobody subscribes to is forgotten.
    private static var forgetNanos: Int64 { 200_000_000 }

    /// The market of `seed` at `start` (ns), not connected.
    public init(
        seed: UInt64, start: Int64, feed: SimulatedFeed = .bybitSpot,
        assets: [SimulatedAsset] = SimulatedAsset.allCases,
        dislocations: [SimulatedDislocation] = []
    ) {
        precondition(feed == .bybitSpot, "not a feed of Bybit")
        self.feed = feed
        market = SimulatedMarket(
            seed: seed, start: start, feed: feed, assets: assets, dislocations: dislocations)
        latency = SimulatedLatency(feed: feed, seed: seed)
        random = SimulatedRandom(seed: seed, stream: UInt64(300 + feed.rawValue))
        epoch = (market.time, Self.firstUpdate)
    }

    /// The venue's own names of the simulated instruments.
    public var symbols: [String] { market.books.map(\.profile.venueSymbol) }

    /// The address of the real feed.
    public var address: String { "wss://stream.bybit.com/v5/public/spot" }

    /// Requests for the books and trades of all symbols.
    public var subscribeMessages: [[UInt8]] {
        BybitSubscriptions.requests(symbols.map { Array($0.utf8) }, .spot)
    }

    /// Opens the connection and subscribes.
    public mutating func connect(at time: Int64) -> [SimulatedMessage] {
        var messages = open(at: time)
        for request in subscribeMessages { messages += receive(request) }
        return messages
    }

    /// Opens the connection at `time`; the venue says nothing of its own.
    public mutating func open(at time: Int64) -> [SimulatedMessage] {
        disconnect()
        _ = advance(to: time)
        isConnected = true
        connectionCount += 1
        return []
    }

    /// Closes the connection.
    public mutating func disconnect() {
        isConnected = false
        streams = []
        tradeStreams = []
    }

    /// Moves the market on to `time`; see `VenueSimulator`.
    public mutating func advance(to time: Int64) -> [SimulatedMessage] {
        var messages: [SimulatedMessage] = []
        while market.time + SimulatedMarket.stepNanos <= time {
            market.step()
            for index in market.books.indices {
                for bytes in step(index) {
                    messages.append(latency.message(bytes, sentAt: market.time))
                }
            }
        }
        return messages
    }

    /// The messages of one book at the end of a step.
    private mutating func step(_ index: Int) -> [[UInt8]] {
        let trades = market.books[index].takeTrades()
        if market.isAtMultiple(of: Self.forgetNanos) { _ = market.books[index].takeWindow() }
        guard isConnected else { return [] }
        let wire = SimulatedBybitWire(book: market.books[index], sentAt: market.time)
        var payloads: [[UInt8]] = []
        if !trades.isEmpty, tradeStreams.contains(index) { payloads.append(wire.trades(trades)) }
        for position in streams.indices where streams[position].index == index {
            guard market.isAtMultiple(of: streams[position].depth.flushNanos),
                let bytes = streams[position].flush(wire, &random)
            else { continue }
            payloads.append(bytes)
        }
        return payloads
    }

    /// Takes a request of the client and answers it.
    public mutating func receive(_ message: [UInt8]) -> [SimulatedMessage] {
        guard isConnected else { return [] }
        let payloads = answer(message)
        return payloads.map { latency.message($0, sentAt: market.time) }
    }

    private mutating func answer(_ message: [UInt8]) -> [[UInt8]] {
        let answers = SimulatedBybitAnswers(connection: connectionCount)
        guard let request = SimulatedBybitRequest(message) else {
            return [answers.undecodable]
        }
        switch request.kind {
        case .ping: return [answers.pong(request)]
        case .unknown: return [answers.refusal("error:handler not found", [], "", request)]
        case .subscribe, .unsubscribe: break
        }
        guard request.topics.count <= SimulatedBybitRequest.topicsMax else {
            return [answers.refusal("args size \\u003e10", [], "", request)]
        }
        var topics: [SimulatedBybitTopic] = []
        for text in request.topics {
            let topic = SimulatedBybitTopic(text, symbols)
            if let complaint = topic.complaint {
                return [answers.refusal(complaint.head, text, complaint.tail, request)]
            }
            let isRepeated = topics.contains(topic) || has(topic)
            if request.kind == .subscribe, isRepeated {
                return [answers.refusal("error:already subscribed,topic:", text, "", request)]
            }
            topics.append(topic)
        }
        var payloads = [answers.done(request)]
        for topic in topics {
            if request.kind == .subscribe { payloads += begin(topic) } else { end(topic) }
        }
        return payloads
    }

    private func has(_ topic: SimulatedBybitTopic) -> Bool {
        switch topic {
        case .book(let index, let depth):
            streams.contains { $0.index == index && $0.depth == depth }
        case .trades(let index): tradeStreams.contains(index)
        case .unknownKind, .unknownSymbol: false
        }
    }

    /// Begins a stream; its first message, where it has one.
    private mutating func begin(_ topic: SimulatedBybitTopic) -> [[UInt8]] {
        switch topic {
        case .book(let index, let depth):
            var stream = SimulatedBybitStream(index: index, depth: depth, u: update(depth))
            let wire = SimulatedBybitWire(book: market.books[index], sentAt: market.time)
            let bytes = stream.snapshot(wire)
            streams.append(stream)
            return [bytes]
        case .trades(let index):
            tradeStreams.insert(index)
            return []
        case .unknownKind, .unknownSymbol: return []
        }
    }

    private mutating func end(_ topic: SimulatedBybitTopic) {
        switch topic {
        case .book(let index, let depth):
            streams.removeAll { $0.index == index && $0.depth == depth }
        case .trades(let index): tradeStreams.remove(index)
        case .unknownKind, .unknownSymbol: break
        }
    }

    /// The `u` of a stream that nobody watched since the venue began to count.
    private func update(_ depth: SimulatedBybitDepth) -> Int64 {
        epoch.u + (market.time - epoch.time) / depth.flushNanos
    }

    /// The venue's service begins anew: every subscribed book gets a snapshot with `u` 1.
    public mutating func restart() -> [SimulatedMessage] {
        epoch = (market.time, 1)
        var messages: [SimulatedMessage] = []
        for position in streams.indices {
            let book = market.books[streams[position].index]
            let bytes = streams[position].restart(
                SimulatedBybitWire(book: book, sentAt: market.time))
            messages.append(latency.message(bytes, sentAt: market.time))
        }
        return messages
    }

    /// The answer of `/v5/market/orderbook` with `limit=1000`: the whole book.
    public func snapshot(symbol: String) -> [UInt8]? {
        guard let index = market.index(ofSymbol: symbol) else { return nil }
        let stream = streams.first { $0.index == index && $0.depth == .thousand }
        return SimulatedBybitWire(book: market.books[index], sentAt: market.time)
            .requestedSnapshot(u: stream?.u ?? update(.thousand))
    }

    /// The address of that answer at the real venue.
    public func snapshotAddress(symbol: String) -> String {
        "https://api.bybit.com/v5/market/orderbook?category=spot&symbol=" + symbol + "&limit=1000"
    }
}
