import Engine

/// Writes one message of a Coinbase Advanced Trade connection;
/// the rules are in `CoinbaseSimulator`.
struct SimulatedCoinbaseAdvancedWire {
    /// The message's number on its connection, from 0.
    let sequence: Int64
    let sentAt: Int64

    /// What a client sends after connecting: one message for each channel.
    static func subscribeMessages(symbols: [String]) -> [[UInt8]] {
        let channels: [StaticString] = ["level2", "market_trades"]
        var messages = channels.map { channel in
            var text = SimulatedText("{\"type\":\"subscribe\",\"product_ids\":")
            text.addSymbols(symbols)
            text.add(",\"channel\":\"")
            text.add(channel)
            text.add("\"}")
            return text.bytes
        }
        messages.append(
            SimulatedText("{\"type\":\"subscribe\",\"channel\":\"heartbeats\"}").bytes)
        return messages
    }

    /// Everything that the connection is subscribed to now.
    func subscriptions(
        _ subscribed: SimulatedCoinbaseSubscriptions, _ symbols: [String]
    ) -> [UInt8] {
        var text = open("subscriptions", capacity: 400)
        text.add("{\"subscriptions\":{")
        var isFirst = true
        let channels: [(StaticString, [Int])] = [
            ("\"level2\":", subscribed.level2), ("\"market_trades\":", subscribed.trades),
            ("\"ticker\":", subscribed.ticker),
        ]
        for (name, products) in channels where !products.isEmpty {
            if !isFirst { text.add(",") }
            isFirst = false
            text.add(name)
            text.addSymbols(products.map { symbols[$0] })
        }
        if subscribed.hasHeartbeats {
            text.add(isFirst ? "" : ",")
            text.add("\"heartbeats\":[\"heartbeats\"]")
        }
        text.add("}}]}")
        return text.bytes
    }

    /// The whole book.
    func snapshot(of book: SimulatedBook) -> [UInt8] {
        levels(
            "snapshot", book: book, changedAt: book.changedAt,
            bids: book.bids.levels(limit: book.bids.count),
            asks: book.asks.levels(limit: book.asks.count))
    }

    /// The net changes of 50 ms.
    func update(_ window: SimulatedWindow, of book: SimulatedBook) -> [UInt8] {
        levels(
            "update", book: book, changedAt: window.changedAt, bids: window.bids,
            asks: window.asks)
    }

    /// Trades as they happened, written newest first; `side` is the maker's.
    func trades(
        _ trades: [SimulatedTrade], of book: SimulatedBook, type: StaticString
    ) -> [UInt8] {
        let profile = book.profile
        var text = open("market_trades", capacity: 200 + 180 * trades.count)
        text.add("{\"type\":\"")
        text.add(type)
        text.add("\",\"trades\":[")
        text.addList(trades.reversed()) { text, trade in
            text.add("{\"product_id\":\"")
            text.add(profile.venueSymbol)
            text.add("\",\"trade_id\":\"")
            text.add(trade.id)
            text.add("\",\"price\":\"")
            text.addTrimmed(trade.price * profile.tickUnits, decimals: profile.priceDecimals)
            text.add("\",\"size\":\"")
            text.addTrimmed(trade.size, decimals: profile.sizeDecimals)
            text.add("\",\"time\":\"")
            text.addTime(trade.time, digits: 6)
            text.add(trade.takerSide == .buy ? "\",\"side\":\"SELL\"}" : "\",\"side\":\"BUY\"}")
        }
        text.add("]}]}")
        return text.bytes
    }

    /// The sign of life of the connection.
    func heartbeat(count: Int64) -> [UInt8] {
        var text = open("heartbeats", capacity: 256)
        // The venue prints a time of the Go language here, monotonic reading included.
        var time = SimulatedText()
        time.addTime(sentAt, digits: 9)
        text.add("{\"current_time\":\"")
        text.add(String(decoding: time.bytes.prefix(10), as: UTF8.self))
        text.add(" ")
        text.add(String(decoding: time.bytes.dropFirst(11).dropLast(), as: UTF8.self))
        text.add(" +0000 UTC m=+")
        text.add(count)
        text.add(".000000000\",\"heartbeat_counter\":")
        text.add(count)
        text.add("}]}")
        return text.bytes
    }

    private func levels(
        _ type: StaticString, book: SimulatedBook, changedAt: Int64, bids: [PriceLevel],
        asks: [PriceLevel]
    ) -> [UInt8] {
        let profile = book.profile
        var time = SimulatedText()
        time.addTime(changedAt, digits: 6)
        let eventTime = String(decoding: time.bytes, as: UTF8.self)
        var text = open("l2_data", capacity: 220 + 120 * (bids.count + asks.count))
        text.add("{\"type\":\"")
        text.add(type)
        text.add("\",\"product_id\":\"")
        text.add(profile.venueSymbol)
        text.add("\",\"updates\":[")
        let bidRows = bids.map { ("{\"side\":\"bid\",\"event_time\":\"" as StaticString, $0) }
        let askRows = asks.map { ("{\"side\":\"offer\",\"event_time\":\"" as StaticString, $0) }
        text.addList(bidRows + askRows) { text, row in
            text.add(row.0)
            text.add(eventTime)
            text.add("\",\"price_level\":\"")
            text.addTrimmed(row.1.price * profile.tickUnits, decimals: profile.priceDecimals)
            text.add("\",\"new_quantity\":\"")
            text.addTrimmed(row.1.size, decimals: profile.sizeDecimals)
            text.add("\"}")
        }
        text.add("]}]}")
        return text.bytes
    }

    private func open(_ channel: StaticString, capacity: Int) -> SimulatedText {
        var text = SimulatedText("{\"channel\":\"", capacity: capacity)
        text.add(channel)
        text.add("\",\"timestamp\":\"")
        text.addTime(sentAt, digits: 9)
        text.add("\",\"sequence_num\":")
        text.add(sequence)
        text.add(",\"events\":[")
        return text
    }
}
