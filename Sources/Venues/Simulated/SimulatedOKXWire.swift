import Engine

/// Writes the state of one book as messages of OKX; the rules are in `OKXSimulator`.
struct SimulatedOKXWire {
    let profile: SimulatedProfile

    /// `{"arg":{"channel":"books",…},"action":"snapshot","data":[…]}`
    func snapshot(_ depth: SimulatedOKXDepth, checksum: Int32) -> [UInt8] {
        var text = open("books", capacity: 40 * (depth.bids.count + depth.asks.count))
        text.add(",\"action\":\"snapshot\",\"data\":[{")
        addSides(depth.bids, depth.asks, to: &text)
        addTail(depth.changedAt, checksum, previousID: -1, id: depth.id, to: &text)
        return text.bytes
    }

    /// The changes since the message before; none for a sign of life.
    func update(_ change: SimulatedOKXChange, sentAt: Int64, checksum: Int32) -> [UInt8] {
        var text = open("books", capacity: 240 + 40 * (change.bids.count + change.asks.count))
        text.add(",\"action\":\"update\",\"data\":[{")
        addSides(change.bids, change.asks, to: &text)
        addTail(sentAt, checksum, previousID: change.previousID, id: change.id, to: &text)
        return text.bytes
    }

    /// One fill: `side` is the taker's.
    func trade(_ trade: SimulatedTrade) -> [UInt8] {
        var text = open("trades", capacity: 320)
        text.add(",\"data\":[{\"instId\":\"")
        text.add(profile.venueSymbol)
        text.add("\",\"tradeId\":\"")
        text.add(trade.id)
        text.add("\",\"px\":\"")
        addPrice(trade.price, to: &text)
        text.add("\",\"sz\":\"")
        addSize(trade.size, to: &text)
        text.add(trade.takerSide == .buy ? "\",\"side\":\"buy\"" : "\",\"side\":\"sell\"")
        addTime(trade.time, to: &text)
        text.add(",\"count\":\"1\",\"source\":\"0\",\"seqId\":")
        text.add(trade.updateID)
        text.add("}]}")
        return text.bytes
    }

    /// The touch, the last trade, and a day that began with the simulation.
    func ticker(
        _ depth: SimulatedOKXDepth, _ last: SimulatedTrade, _ totals: SimulatedTotals,
        sentAt: Int64
    ) -> [UInt8] {
        var text = open("tickers", capacity: 480)
        text.add(",\"data\":[{\"instType\":\"SPOT\",\"instId\":\"")
        text.add(profile.venueSymbol)
        let ask = depth.asks.first ?? PriceLevel(price: 0, size: 0)
        let bid = depth.bids.first ?? PriceLevel(price: 0, size: 0)
        let figures: [(StaticString, Int64, isPrice: Bool)] = [
            ("\",\"last\":\"", last.price, true), ("\",\"lastSz\":\"", last.size, false),
            ("\",\"askPx\":\"", ask.price, true), ("\",\"askSz\":\"", ask.size, false),
            ("\",\"bidPx\":\"", bid.price, true), ("\",\"bidSz\":\"", bid.size, false),
            ("\",\"open24h\":\"", totals.openTicks, true),
            ("\",\"high24h\":\"", totals.highTicks, true),
            ("\",\"low24h\":\"", totals.lowTicks, true),
            ("\",\"sodUtc0\":\"", totals.openTicks, true),
            ("\",\"sodUtc8\":\"", totals.openTicks, true),
            ("\",\"vol24h\":\"", profile.baseSize * 150_000 + totals.volume, false),
        ]
        for (key, value, isPrice) in figures {
            text.add(key)
            if isPrice { addPrice(value, to: &text) } else { addSize(value, to: &text) }
        }
        text.add("\"")
        addTime(sentAt, to: &text)
        text.add("}]}")
        return text.bytes
    }

    /// The answer of `/api/v5/market/books`.
    func answer(_ depth: SimulatedOKXDepth) -> [UInt8] {
        var text = SimulatedText("{\"code\":\"0\",\"msg\":\"\",\"data\":[{", capacity: 32_768)
        addSides(depth.bids, depth.asks, to: &text)
        addTime(depth.changedAt, to: &text)
        text.add(",\"seqId\":")
        text.add(depth.id)
        text.add("}]}")
        return text.bytes
    }

    /// The checksum that the venue wrote until 2026-06-23.
    func checksum(_ depth: SimulatedOKXDepth) -> Int32 {
        var text = SimulatedText()
        for rank in 0..<25 {
            for side in [depth.bids, depth.asks] where rank < side.count {
                if !text.bytes.isEmpty { text.add(":") }
                addPrice(side[rank].price, to: &text)
                text.add(":")
                addSize(side[rank].size, to: &text)
            }
        }
        return Int32(bitPattern: text.bytes.withUnsafeBufferPointer { CRC32().checksum($0) })
    }

    private func open(_ channel: StaticString, capacity: Int) -> SimulatedText {
        var text = SimulatedText("{\"arg\":{\"channel\":\"", capacity: capacity)
        text.add(channel)
        text.add("\",\"instId\":\"")
        text.add(profile.venueSymbol)
        text.add("\"}")
        return text
    }

    private func addSides(
        _ bids: [PriceLevel], _ asks: [PriceLevel], to text: inout SimulatedText
    ) {
        for (key, levels) in [("\"asks\":[" as StaticString, asks), (",\"bids\":[", bids)] {
            text.add(key)
            text.addList(levels) { text, level in
                text.add("[\"")
                addPrice(level.price, to: &text)
                text.add("\",\"")
                addSize(level.size, to: &text)
                text.add("\",\"0\",\"")
                // How many orders make a level is made up.
                text.add(level.size == 0 ? 0 : 1 + level.size % 4)
                text.add("\"]")
            }
            text.add("]")
        }
    }

    private func addTail(
        _ time: Int64, _ checksum: Int32, previousID: Int64, id: Int64,
        to text: inout SimulatedText
    ) {
        addTime(time, to: &text)
        text.add(",\"checksum\":")
        text.add(Int64(checksum))
        text.add(",\"prevSeqId\":")
        text.add(previousID)
        text.add(",\"seqId\":")
        text.add(id)
        text.add("}]}")
    }

    private func addTime(_ nanos: Int64, to text: inout SimulatedText) {
        text.add(",\"ts\":\"")
        text.add(nanos / 1_000_000)
        text.add("\"")
    }

    private func addPrice(_ ticks: Int64, to text: inout SimulatedText) {
        text.addTrimmed(ticks * profile.tickUnits, decimals: profile.priceDecimals)
    }

    private func addSize(_ size: Int64, to text: inout SimulatedText) {
        text.addTrimmed(size, decimals: profile.sizeDecimals)
    }
}
