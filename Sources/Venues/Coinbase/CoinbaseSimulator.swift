import Engine

/// Coinbase Exchange or Advanced Trade, simulated in their own wire formats.
///
/// Rules of the Exchange feed (`coinbase.md` A):
/// 1. After the subscription: `subscriptions`, then for each product `snapshot`, `last_match`
///    and `ticker`. The book comes on the stream; nothing is requested.
/// 2. `l2update` each 50 ms with the net changes as absolute sizes. No sequence, no checksum.
/// 3. `match` at once, ids + 1, `side` is the *maker's*; one `ticker` for each taker order,
///    where `side` is the *taker's*. `heartbeat` each second and product.
///
/// Rules of the Advanced Trade feed (`coinbase.md` B):
/// 4. `sequence_num` counts every message of the connection, whatever the channel, from 0.
/// 5. `level2` is answered by channel `l2_data`: a snapshot, then an update each 50 ms.
/// 6. `market_trades` collects 250 ms, newest first; `side` is the maker's. `heartbeats` each
///    second, once for the connection, counter + 1.
/// 7. Of `ticker` the subscription is acknowledged and no message is made.
/// 8. Recorded messages of 2026 have no `client_id` and no trailing zeros; so have these.
public struct CoinbaseSimulator: VenueSimulator {
    /// `.coinbaseExchange` or `.coinbaseAdvanced`.
    public let feed: SimulatedFeed
    private(set) var market: SimulatedMarket
    private var latency: SimulatedLatency
    private var isConnected = false
    /// Advanced Trade: the next message's number, and the heartbeats so far.
    private var sequence: Int64 = 0
    private var heartbeatCount: Int64 = 0
    private var subscribed = SimulatedCoinbaseSubscriptions()

    private static var flushNanos: Int64 { 50_000_000 }
    private static var tradeFlushNanos: Int64 { 250_000_000 }
    private static var heartbeatNanos: Int64 { 1_000_000_000 }

    /// The market of `seed` at `start` (ns), not connected.
    public init(
        seed: UInt64, start: Int64, feed: SimulatedFeed = .coinbaseExchange,
        assets: [SimulatedAsset] = SimulatedAsset.allCases,
        dislocations: [SimulatedDislocation] = []
    ) {
        precondition(feed.venue == .coinbase, "not a feed of Coinbase")
        self.feed = feed
        market = SimulatedMarket(
            seed: seed, start: start, feed: feed, assets: assets, dislocations: dislocations)
        latency = SimulatedLatency(feed: feed, seed: seed)
    }

    private var isAdvanced: Bool { feed == .coinbaseAdvanced }

    /// The venue's own names of the simulated instruments.
    public var symbols: [String] { market.books.map(\.profile.venueSymbol) }

    /// The address of the real feed.
    public var address: String {
        isAdvanced ? "wss://advanced-trade-ws.coinbase.com" : "wss://ws-feed.exchange.coinbase.com"
    }

    /// One subscription with all channels; on Advanced Trade one for each channel.
    public var subscribeMessages: [[UInt8]] {
        isAdvanced
            ? SimulatedCoinbaseAdvancedWire.subscribeMessages(symbols: symbols)
            : [SimulatedCoinbaseExchangeWire.subscribeMessage(symbols: symbols)]
    }

    /// Opens the connection at `time`: the answers to the subscription and the snapshots.
    public mutating func connect(at time: Int64) -> [SimulatedMessage] {
        guard !isAdvanced else {
            return open(at: time) + subscribeMessages.flatMap { receive($0) }
        }
        isConnected = false
        _ = advance(to: time)
        isConnected = true
        return exchangeOpening().map { latency.message($0, sentAt: time) }
    }

    /// Opens the connection at `time`: Advanced Trade says nothing before it is asked. (The
    /// Exchange feed is simulated with its subscription only.)
    public mutating func open(at time: Int64) -> [SimulatedMessage] {
        guard isAdvanced else { return connect(at: time) }
        isConnected = false
        _ = advance(to: time)
        isConnected = true
        sequence = 0
        subscribed = SimulatedCoinbaseSubscriptions()
        return []
    }

    /// Takes a request of the client: snapshots of what is new, then all subscriptions.
    public mutating func receive(_ message: [UInt8]) -> [SimulatedMessage] {
        guard isConnected, isAdvanced else { return [] }
        guard let request = SimulatedCoinbaseRequest(message), let channel = request.channel else {
            let refusal = ByteText.array(
                "{\"type\":\"error\",\"message\":\"failed to subscribe\"}")
            return [latency.message(refusal, sentAt: market.time)]
        }
        let indexes = request.products.compactMap {
            market.index(ofSymbol: String(decoding: $0, as: UTF8.self))
        }
        let new = subscribed.change(channel, indexes, isSubscription: request.isSubscription)
        var payloads: [[UInt8]] = []
        for index in new {
            let book = market.books[index]
            if channel == .level2 { payloads.append(numbered { $0.snapshot(of: book) }) }
            if channel == .trades {
                payloads.append(
                    numbered { $0.trades(book.recentTrades, of: book, type: "snapshot") })
            }
        }
        payloads.append(numbered { [subscribed, symbols] in $0.subscriptions(subscribed, symbols) })
        return payloads.map { latency.message($0, sentAt: market.time) }
    }

    /// Closes the connection.
    public mutating func disconnect() { isConnected = false }

    /// Moves the market on to `time`; see `VenueSimulator`.
    public mutating func advance(to time: Int64) -> [SimulatedMessage] {
        var messages: [SimulatedMessage] = []
        while market.time + SimulatedMarket.stepNanos <= time {
            market.step()
            let payloads = isAdvanced ? advancedStep() : exchangeStep()
            for bytes in payloads where isConnected {
                messages.append(latency.message(bytes, sentAt: market.time))
            }
        }
        return messages
    }

    /// The answer of the Exchange's `/products/<id>/book?level=2`.
    public func snapshot(symbol: String) -> [UInt8]? {
        guard let index = market.index(ofSymbol: symbol) else { return nil }
        return SimulatedCoinbaseExchangeWire(book: market.books[index])
            .requestedSnapshot(sentAt: market.time)
    }

    /// The address of that answer at the real venue.
    public func snapshotAddress(symbol: String) -> String {
        "https://api.exchange.coinbase.com/products/" + symbol + "/book?level=2"
    }

    private func exchangeOpening() -> [[UInt8]] {
        var payloads = [SimulatedCoinbaseExchangeWire.subscriptions(symbols: symbols)]
        let wires = market.books.map(SimulatedCoinbaseExchangeWire.init)
        payloads += wires.map { $0.snapshot(sentAt: market.time) }
        for wire in wires {
            guard let last = wire.book.recentTrades.last else { continue }
            payloads.append(wire.match(last, type: "last_match"))
            payloads.append(wire.ticker(last))
        }
        return payloads
    }

    private mutating func exchangeStep() -> [[UInt8]] {
        var payloads: [[UInt8]] = []
        for index in market.books.indices {
            let trades = market.books[index].takeTrades()
            let isFlush = market.isAtMultiple(of: Self.flushNanos)
            let window = isFlush ? market.books[index].takeWindow() : nil
            let wire = SimulatedCoinbaseExchangeWire(book: market.books[index])
            for (position, trade) in trades.enumerated() {
                payloads.append(wire.match(trade, type: "match"))
                let isLast = position + 1 == trades.count
                if isLast || trades[position + 1].takerOrder != trade.takerOrder {
                    payloads.append(wire.ticker(trade))
                }
            }
            if let window { payloads.append(wire.update(window)) }
            if market.isAtMultiple(of: Self.heartbeatNanos) {
                payloads.append(wire.heartbeat(sentAt: market.time))
            }
        }
        return payloads
    }

    private mutating func advancedStep() -> [[UInt8]] {
        var payloads: [[UInt8]] = []
        for index in market.books.indices {
            if market.isAtMultiple(of: Self.flushNanos),
                let window = market.books[index].takeWindow(), subscribed.level2.contains(index)
            {
                let book = market.books[index]
                payloads.append(numbered { $0.update(window, of: book) })
            }
            guard market.isAtMultiple(of: Self.tradeFlushNanos) else { continue }
            let trades = market.books[index].takeTrades()
            if !trades.isEmpty, subscribed.trades.contains(index) {
                let book = market.books[index]
                payloads.append(numbered { $0.trades(trades, of: book, type: "update") })
            }
        }
        if market.isAtMultiple(of: Self.heartbeatNanos), subscribed.hasHeartbeats {
            heartbeatCount += 1
            payloads.append(numbered { [heartbeatCount] in $0.heartbeat(count: heartbeatCount) })
        }
        return payloads
    }

    /// Writes one message of the Advanced Trade connection under the next number.
    private mutating func numbered(
        _ write: (SimulatedCoinbaseAdvancedWire) -> [UInt8]
    ) -> [UInt8] {
        defer { sequence += 1 }
        return write(SimulatedCoinbaseAdvancedWire(sequence: sequence, sentAt: market.time))
    }
}
