import Engine

/// Binance spot or USD-M futures, simulated in their own wire format.
///
/// Rules (`binance-spot.md` 3 to 5, `binance-usdm.md` 3 to 5):
/// 1. Combined stream: every payload in `{"stream":…,"data":…}`.
/// 2. `@depth@100ms`: net changes of each 100 ms as absolute sizes; nothing where nothing changed.
///    Spot: `U` is the previous `u` + 1. USD-M: ids have holes, only `pu` = previous `u` chains.
/// 3. `@trade`: at once, ids + 1; `m` is true when the buyer was the maker.
/// 4. `@bookTicker`: its `u` counts in the ids of `@depth`; here sent for some changes only.
/// 5. REST depth, 1,000 levels: `lastUpdateId` lies between two flushes, so that it falls
///    inside the `U … u` of the next depth message.
/// 6. `SUBSCRIBE` and `UNSUBSCRIBE` are acknowledged whatever they name; only known streams
/// deliver.
/// 7. Spot pads numbers to 8 digits after the point; USD-M writes the instrument's own.
public struct BinanceSimulator: VenueSimulator {
    /// `.binanceSpot` or `.binanceUSDM`.
    public let feed: SimulatedFeed
    private(set) var market: SimulatedMarket
    private var latency: SimulatedLatency
    private var random: SimulatedRandom
    private var isConnected = false
    private var lastTouches: [[PriceLevel]]
    /// What the connection is subscribed to, by book.
    private var streams: [SimulatedBinanceStreams]

    /// How often depth is flushed.
    private static var flushNanos: Int64 { 100_000_000 }

    /// The market of `seed` at `start` (ns), not connected.
    public init(
        seed: UInt64, start: Int64, feed: SimulatedFeed = .binanceSpot,
        assets: [SimulatedAsset] = SimulatedAsset.allCases,
        dislocations: [SimulatedDislocation] = []
    ) {
        precondition(feed.needsRequestedSnapshot, "not a feed of Binance")
        self.feed = feed
        market = SimulatedMarket(
            seed: seed, start: start, feed: feed, assets: assets, dislocations: dislocations)
        latency = SimulatedLatency(feed: feed, seed: seed)
        random = SimulatedRandom(seed: seed, stream: UInt64(300 + feed.rawValue))
        lastTouches = Array(repeating: [], count: assets.count)
        streams = Array(repeating: [], count: assets.count)
    }

    /// The venue's own names of the simulated instruments.
    public var symbols: [String] { market.books.map(\.profile.venueSymbol) }

    /// The address of the combined stream, which names what is subscribed.
    public var address: String {
        var text = SimulatedText()
        text.add(
            feed == .binanceSpot
                ? "wss://stream.binance.com:9443/stream?streams="
                : "wss://fstream.binance.com/public/stream?streams=")
        let kinds = ["@depth@100ms", "@trade", "@bookTicker"]
        for (index, kind) in kinds.enumerated() {
            for symbol in symbols {
                if index > 0 || symbol != symbols[0] { text.add("/") }
                text.addLowercased(symbol)
                text.add(kind)
            }
        }
        return String(decoding: text.bytes, as: UTF8.self)
    }

    /// None: the address subscribes.
    public var subscribeMessages: [[UInt8]] { [] }

    /// Opens the connection with everything that `address` names; the venue says nothing of its
    /// own.
    public mutating func connect(at time: Int64) -> [SimulatedMessage] {
        _ = open(at: time)
        streams = streams.map { _ in .all }
        return []
    }

    /// Opens the connection at `time`, without a stream in its address.
    public mutating func open(at time: Int64) -> [SimulatedMessage] {
        isConnected = false
        _ = advance(to: time)
        isConnected = true
        streams = streams.map { _ in [] }
        return []
    }

    /// Takes a request of the client and answers it.
    public mutating func receive(_ message: [UInt8]) -> [SimulatedMessage] {
        guard isConnected else { return [] }
        guard let request = SimulatedBinanceRequest(message) else {
            return answer("{\"code\":3,\"msg\":\"Invalid JSON\"}")
        }
        guard !request.id.isEmpty, request.method != .unknown else {
            return answer("{\"code\":2,\"msg\":\"Invalid request\"}")
        }
        var result = ByteText.array("null")
        if request.method == .list {
            var text = SimulatedText("[")
            let names = zip(symbols, streams).flatMap { $1.names(of: $0) }
            text.addList(names) { $0.addQuoted($1) }
            result = text.bytes + [0x5d]
        }
        for name in request.streams {
            guard let (symbol, stream) = SimulatedBinanceStreams.named(name),
                let index = market.index(ofSymbol: String(decoding: symbol, as: UTF8.self))
            else { continue }
            if request.method == .subscribe { streams[index].insert(stream) }
            if request.method == .unsubscribe { streams[index].remove(stream) }
        }
        let bytes =
            ByteText.array("{\"result\":") + result + ByteText.array(",\"id\":") + request.id + [
                0x7d
            ]
        return [latency.message(bytes, sentAt: market.time)]
    }

    private mutating func answer(_ text: StaticString) -> [SimulatedMessage] {
        [latency.message(ByteText.array(text), sentAt: market.time)]
    }

    /// Closes the connection.
    public mutating func disconnect() { isConnected = false }

    /// Moves the market on to `time`; see `VenueSimulator`.
    public mutating func advance(to time: Int64) -> [SimulatedMessage] {
        var messages: [SimulatedMessage] = []
        while market.time + SimulatedMarket.stepNanos <= time {
            market.step()
            for index in market.books.indices {
                for bytes in step(index) where isConnected {
                    messages.append(latency.message(bytes, sentAt: market.time))
                }
            }
        }
        return messages
    }

    /// The answer of `/api/v3/depth` or `/fapi/v1/depth` with `limit=1000`.
    public func snapshot(symbol: String) -> [UInt8]? {
        guard let index = market.index(ofSymbol: symbol) else { return nil }
        let wire = SimulatedBinanceWire(feed: feed, book: market.books[index])
        return wire.snapshot(sentAt: market.time)
    }

    /// The address of that answer at the real venue.
    public func snapshotAddress(symbol: String) -> String {
        let path =
            feed == .binanceSpot
            ? "https://api.binance.com/api/v3/depth" : "https://fapi.binance.com/fapi/v1/depth"
        return path + "?symbol=" + symbol + "&limit=1000"
    }

    /// The messages of one book at the end of a step.
    private mutating func step(_ index: Int) -> [[UInt8]] {
        let isFlush = market.isAtMultiple(of: Self.flushNanos)
        let trades = market.books[index].takeTrades()
        let window = isFlush ? market.books[index].takeWindow() : nil
        let wire = SimulatedBinanceWire(feed: feed, book: market.books[index])
        let wanted = streams[index]
        var payloads: [[UInt8]] = []
        if wanted.contains(.trade) {
            payloads = trades.map { wire.trade($0, sentAt: market.time) }
        }
        // What is drawn does not depend on who listens.
        if showsTicker(index, isFlush: isFlush), wanted.contains(.bookTicker) {
            payloads.append(wire.bookTicker(sentAt: market.time))
        }
        if let window, wanted.contains(.depth) {
            payloads.append(wire.depthUpdate(window, sentAt: market.time))
        }
        return payloads
    }

    /// A changed touch is shown in one of two flushes and one of twelve steps between them.
    private mutating func showsTicker(_ index: Int, isFlush: Bool) -> Bool {
        let book = market.books[index]
        let touch = book.bids.levels(limit: 1) + book.asks.levels(limit: 1)
        let isDrawn = random.chance(1, in: isFlush ? 2 : 12)
        guard isDrawn, touch.count == 2, touch != lastTouches[index] else { return false }
        lastTouches[index] = touch
        return true
    }
}
