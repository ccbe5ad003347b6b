import Engine

/// What is sent to the venue.
///
/// 1. `args` of a request: at most ten on spot, and we keep to that everywhere; the venue refuses
///    all of a request when it refuses one of its topics. All requests of a connection together
///    may have 21,000 characters: the owner spreads more symbols over several connections.
/// 2. The book is `orderbook.1000`, 200 ms (options: 100, 100 ms): 200 levels of BTCUSDT reach
///    15 bps, and the metrics look 50 bps deep.
/// 3. A ping every 20 s belongs to the owner of the connection.
enum BybitSubscriptions {
    private static var argumentsMax: Int { 10 }

    /// Requests for everything that is recorded of these symbols.
    static func requests(_ symbols: [[UInt8]], _ market: VenueMarket) -> [[UInt8]] {
        let all = symbols.flatMap { topics($0, market) }
        var unique: [[UInt8]] = []
        // Options share the trades of their base asset, and asking twice is refused.
        for topic in all where market != .option || !unique.contains(topic) {
            unique.append(topic)
        }
        return stride(from: 0, to: unique.count, by: argumentsMax).map {
            request("subscribe", unique[$0..<min($0 + argumentsMax, unique.count)])
        }
    }

    /// Messages that end and begin the subscription of a book.
    static func anew(_ book: StreamBook) -> [[UInt8]] {
        let topic = bookTopic(book.instrument.symbol, depth: book.mirror?.depth ?? 0)
        return [request("unsubscribe", [topic]), request("subscribe", [topic])]
    }

    private static func topics(_ symbol: [UInt8], _ market: VenueMarket) -> [[UInt8]] {
        switch market {
        case .option:
            let base = Array(symbol.prefix { $0 != 0x2d })
            return [
                bookTopic(symbol, depth: 100), ByteText.array("publicTrade.") + base,
            ]
        case .spot:
            return [bookTopic(symbol, depth: 1_000), ByteText.array("publicTrade.") + symbol]
        case .only, .linear, .inverse:
            let others: [StaticString] = ["publicTrade.", "tickers.", "allLiquidation."]
            return [bookTopic(symbol, depth: 1_000)]
                + others.map { ByteText.array($0) + symbol }
        }
    }

    private static func bookTopic(_ symbol: [UInt8], depth: Int) -> [UInt8] {
        ByteText.array("orderbook.") + Array(String(depth).utf8) + [0x2e] + symbol
    }

    private static func request(_ op: StaticString, _ topics: some Sequence<[UInt8]>) -> [UInt8] {
        var text = ByteText.array("{\"op\":\"") + ByteText.array(op)
        text += ByteText.array("\",\"args\":[")
        var isFirst = true
        for topic in topics {
            if !isFirst { text.append(0x2c) }
            isFirst = false
            text += [0x22] + topic + [0x22]
        }
        return text + ByteText.array("]}")
    }
}

extension BybitAdapter {
    /// Requests for everything that is recorded of these symbols.
    public func subscriptions(symbols: [[UInt8]]) -> [[UInt8]] {
        BybitSubscriptions.requests(symbols, market)
    }

    /// The venue's ping: a message, answered with `"ret_msg":"pong"`.
    public static var ping: [UInt8] { ByteText.array("{\"op\":\"ping\"}") }

    /// How often the owner of the connection sends `ping`: the venue closes silent connections.
    public static var pingEveryNanos: Int64 { 20 * Timestamp.second }
}
