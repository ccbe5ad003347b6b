import Engine

/// A whole recorded session of the simulated market, as capture lines.
///
/// The format is the capture JSONL of the recorded sessions: a header, then `connect`, `send`,
/// `http` and `recv` records in receive order, one JSON object a line. The header says
/// `"exchange":"SIMULATED"`; addresses are the real ones, since they say whose messages follow.
///
/// ```
/// SimulatedConnection (binance)  ─┐ records, each with its receive time
/// SimulatedConnection (coinbase) ─┴──► merged in receive order ──► line ──► the caller
/// ```
///
/// Receive times have six digits after the point: nine would be more significant digits than
/// the product reads. Only what is on the way is held in memory.
public struct SimulatedSession: Sendable {
    /// Seed of everything: the same session has the same bytes, wherever it is made.
    public let seed: UInt64
    /// First record's time, ns.
    public let start: Int64
    /// Length in ns; nothing is received after it.
    public let durationNanos: Int64
    /// The feeds, one connection each.
    public let feeds: [SimulatedFeed]
    /// The base assets; each feed has its own instrument of each.
    public let assets: [SimulatedAsset]
    /// When connections are down.
    public let outages: [SimulatedOutage]
    /// When a venue trades away from the others.
    public let dislocations: [SimulatedDislocation]

    /// 2026-01-05T00:00:00Z.
    public static var defaultStart: Int64 { 1_767_571_200 * Timestamp.second }

    /// Ten minutes, in ns.
    public static var defaultDurationNanos: Int64 { 600 * Timestamp.second }

    /// The session of the product's first run: ten minutes of BTC, ETH and SOL on Binance
    /// (USDT) and Coinbase (USD). From a minute's length on, Binance is down for 8 s after
    /// half of it, and Coinbase trades 6 bps higher for 6 s after three quarters.
    public init(
        seed: UInt64 = 1, start: Int64 = SimulatedSession.defaultStart,
        durationNanos: Int64 = SimulatedSession.defaultDurationNanos,
        feeds: [SimulatedFeed] = [.binanceSpot, .coinbaseExchange],
        assets: [SimulatedAsset] = SimulatedAsset.allCases,
        outages: [SimulatedOutage]? = nil, dislocations: [SimulatedDislocation]? = nil
    ) {
        self.seed = seed
        self.start = start - start % SimulatedMarket.stepNanos
        self.durationNanos = durationNanos
        self.feeds = feeds
        self.assets = assets
        let isLong = durationNanos >= 60 * Timestamp.second
        let outage = SimulatedOutage(
            feed: .binanceSpot, offsetNanos: durationNanos / 2,
            durationNanos: 8 * Timestamp.second)
        self.outages = outages ?? (isLong ? [outage] : [])
        let dislocation = SimulatedDislocation(
            venue: .coinbase, offsetNanos: durationNanos / 4 * 3,
            durationNanos: 6 * Timestamp.second, shiftPpm: 600)
        self.dislocations = dislocations ?? (isLong ? [dislocation] : [])
    }

    /// Hands every line of the session to `line`, without the line feed, in receive order.
    /// - Throws: only what `line` throws.
    public func run(_ line: ([UInt8]) throws -> Void) rethrows {
        try line(header)
        var connections = feeds.enumerated().map { index, feed in
            connection(feed, openedAfter: Int64(index) * 2 * SimulatedMarket.stepNanos)
        }
        let end = start + durationNanos
        var time = start
        while time < end {
            time = min(end, time + Self.chunkNanos)
            var due: [SimulatedRecord] = []
            for index in connections.indices {
                connections[index].advance(to: time)
                due += connections[index].takeRecords(until: time)
            }
            // Equal times: in the order of the feeds, and of each connection.
            let order = due.indices.sorted {
                (due[$0].time, $0) < (due[$1].time, $1)
            }
            for index in order { try line(due[index].line) }
        }
    }

    /// How far the connections are moved on before their records are merged.
    private static var chunkNanos: Int64 { 50_000_000 }

    private var header: [UInt8] {
        var text = SimulatedText("{\"t\":\"header\",\"format\":2,\"exchange\":\"SIMULATED\"")
        text.add(",\"simulated\":true,\"config\":{\"seed\":\"")
        text.add(String(seed))
        text.add("\",\"venues\":[")
        text.addList(feeds) { text, feed in
            text.add("\"")
            text.add(feed.venue.id)
            text.add("\"")
        }
        text.add("]},\"recorded\":")
        text.addSeconds(start)
        text.add("}")
        return text.bytes
    }

    private func connection(_ feed: SimulatedFeed, openedAfter: Int64) -> SimulatedConnection {
        let simulator = feed.simulator(
            seed: seed, start: start, assets: assets, dislocations: dislocations)
        var connection = SimulatedConnection(simulator: simulator)
        connection.open(at: start + openedAfter)
        for outage in outages where outage.feed == feed {
            connection.close(at: start + outage.offsetNanos)
            connection.open(at: start + outage.offsetNanos + outage.durationNanos)
        }
        return connection
    }
}
