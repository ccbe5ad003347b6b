import Engine

/// Writes the state of one book as messages of the Coinbase Exchange feed;
/// the rules are in `CoinbaseSimulator`.
struct SimulatedCoinbaseExchangeWire {
    let book: SimulatedBook

    var profile: SimulatedProfile { book.profile }

    /// What a client sends after connecting.
    static func subscribeMessage(symbols: [String]) -> [UInt8] {
        var text = SimulatedText("{\"type\":\"subscribe\",\"product_ids\":")
        text.addSymbols(symbols)
        text.add(",\"channels\":[\"level2_batch\",\"matches\",\"ticker\",\"heartbeat\"]}")
        return text.bytes
    }

    /// The venue's answer: everything that is subscribed.
    static func subscriptions(symbols: [String]) -> [UInt8] {
        var text = SimulatedText("{\"type\":\"subscriptions\",\"channels\":[")
        let channels: [StaticString] = ["level2_batch", "matches", "ticker", "heartbeat"]
        text.addList(channels) { text, channel in
            text.add("{\"name\":\"")
            text.add(channel)
            text.add("\",\"product_ids\":")
            text.addSymbols(symbols)
            text.add("}")
        }
        text.add("]}")
        return text.bytes
    }

    /// The whole book, as it comes on the stream.
    func snapshot(sentAt: Int64) -> [UInt8] {
        var text = open("snapshot", capacity: 64 * profile.levelCount)
        for side in [book.asks, book.bids] {
            text.add(side.side == .ask ? ",\"asks\":[" : ",\"bids\":[")
            text.addList(side.levels(limit: side.count)) { text, level in
                text.add("[\"")
                profile.addPrice(level.price, to: &text)
                text.add("\",\"")
                profile.addSize(level.size, to: &text)
                text.add("\"]")
            }
            text.add("]")
        }
        addTime(sentAt, to: &text)
        return text.bytes
    }

    /// The net changes of 50 ms.
    func update(_ window: SimulatedWindow) -> [UInt8] {
        let count = window.bids.count + window.asks.count
        var text = open("l2update", capacity: 120 + 36 * count)
        text.add(",\"changes\":[")
        let bids = window.bids.map { ("[\"buy\",\"" as StaticString, $0) }
        let asks = window.asks.map { ("[\"sell\",\"" as StaticString, $0) }
        text.addList(bids + asks) { text, change in
            text.add(change.0)
            profile.addPrice(change.1.price, to: &text)
            text.add("\",\"")
            profile.addSize(change.1.size, to: &text)
            text.add("\"]")
        }
        text.add("]")
        addTime(window.changedAt, to: &text)
        return text.bytes
    }

    /// A trade under `type`, `match` or `last_match`; `side` is the maker's.
    func match(_ trade: SimulatedTrade, type: StaticString) -> [UInt8] {
        var text = SimulatedText("{\"type\":\"", capacity: 400)
        text.add(type)
        text.add("\",\"trade_id\":")
        text.add(trade.id)
        text.add(",\"maker_order_id\":\"")
        text.addUUID(UInt64(bitPattern: trade.id))
        text.add("\",\"taker_order_id\":\"")
        text.addUUID(trade.takerOrder)
        text.add(trade.takerSide == .buy ? "\",\"side\":\"sell" : "\",\"side\":\"buy")
        text.add("\",\"size\":\"")
        profile.addSize(trade.size, to: &text)
        text.add("\",\"price\":\"")
        profile.addPrice(trade.price, to: &text)
        text.add("\",\"product_id\":\"")
        text.add(profile.venueSymbol)
        text.add("\",\"sequence\":")
        text.add(trade.updateID)
        addTime(trade.time, to: &text)
        return text.bytes
    }

    /// The sign of life of one product.
    func heartbeat(sentAt: Int64) -> [UInt8] {
        var text = SimulatedText("{\"type\":\"heartbeat\",\"last_trade_id\":")
        text.add(book.recentTrades.last?.id ?? 0)
        text.add(",\"product_id\":\"")
        text.add(profile.venueSymbol)
        text.add("\",\"sequence\":")
        text.add(book.updateID)
        addTime(sentAt, to: &text)
        return text.bytes
    }

    private func open(_ type: StaticString, capacity: Int) -> SimulatedText {
        var text = SimulatedText("{\"type\":\"", capacity: capacity)
        text.add(type)
        text.add("\",\"product_id\":\"")
        text.add(profile.venueSymbol)
        text.add("\"")
        return text
    }

    /// The time, and the end of the message.
    func addTime(_ nanos: Int64, to text: inout SimulatedText) {
        text.add(",\"time\":\"")
        text.addTime(nanos, digits: 6)
        text.add("\"}")
    }
}

extension SimulatedText {
    /// Adds an array of symbols.
    mutating func addSymbols(_ symbols: [String]) {
        add("[")
        addList(symbols) { text, symbol in
            text.add("\"")
            text.add(symbol)
            text.add("\"")
        }
        add("]")
    }
}
