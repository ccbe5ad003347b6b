import Engine

/// The longer messages of the Exchange: the ticker, and the book as a REST answer.
extension SimulatedCoinbaseExchangeWire {
    /// The touch after a trade; `side` is the taker's.
    func ticker(_ trade: SimulatedTrade) -> [UInt8] {
        var text = SimulatedText("{\"type\":\"ticker\",\"sequence\":", capacity: 512)
        text.add(trade.updateID)
        text.add(",\"product_id\":\"")
        text.add(profile.venueSymbol)
        for (key, value, unit) in tickerFigures(trade) {
            text.add(key)
            switch unit {
            case .price: profile.addPrice(value, to: &text)
            case .size: profile.addSize(value, to: &text)
            }
        }
        text.add(trade.takerSide == .buy ? "\",\"side\":\"buy\"" : "\",\"side\":\"sell\"")
        text.add(",\"time\":\"")
        text.addTime(trade.time, digits: 6)
        text.add("\",\"trade_id\":")
        text.add(trade.id)
        text.add(",\"last_size\":\"")
        profile.addSize(trade.size, to: &text)
        text.add("\"}")
        return text.bytes
    }

    private enum Unit { case price, size }

    /// The day's figures begin with the simulation, upon volumes that stand for the time
    /// before it.
    private func tickerFigures(_ trade: SimulatedTrade) -> [(StaticString, Int64, Unit)] {
        let bid = book.bids.level(rank: 0)
        let ask = book.asks.level(rank: 0)
        let totals = book.totals
        return [
            ("\",\"price\":\"", trade.price, .price),
            ("\",\"open_24h\":\"", totals.openTicks, .price),
            ("\",\"volume_24h\":\"", profile.baseSize * 150_000 + totals.volume, .size),
            ("\",\"low_24h\":\"", totals.lowTicks, .price),
            ("\",\"high_24h\":\"", totals.highTicks, .price),
            ("\",\"volume_30d\":\"", profile.baseSize * 4_000_000 + totals.volume, .size),
            ("\",\"best_bid\":\"", bid.price, .price),
            ("\",\"best_bid_size\":\"", bid.size, .size),
            ("\",\"best_ask\":\"", ask.price, .price),
            ("\",\"best_ask_size\":\"", ask.size, .size),
        ]
    }

    /// The REST answer with the whole book; how many orders make a level is made up.
    func requestedSnapshot(sentAt: Int64) -> [UInt8] {
        var text = SimulatedText("{\"bids\":[", capacity: 80 * profile.levelCount)
        for side in [book.bids, book.asks] {
            if side.side == .ask { text.add("],\"asks\":[") }
            text.addList(side.levels(limit: side.count)) { text, level in
                text.add("[\"")
                profile.addPrice(level.price, to: &text)
                text.add("\",\"")
                profile.addSize(level.size, to: &text)
                text.add("\",")
                text.add(1 + level.size % 4)
                text.add("]")
            }
        }
        text.add("],\"sequence\":")
        text.add(book.updateID)
        text.add(",\"auction_mode\":false,\"auction\":null")
        addTime(sentAt, to: &text)
        return text.bytes
    }
}
