import Engine

/// Writes the state of one book as Binance's messages; the rules are in `BinanceSimulator`.
struct SimulatedBinanceWire {
    let feed: SimulatedFeed
    let book: SimulatedBook

    private var isSpot: Bool { feed == .binanceSpot }
    private var symbol: String { book.profile.venueSymbol }

    /// Spot pads every number to eight digits after the point.
    private var padding: Int { isSpot ? 8 : 0 }

    /// `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate",…}}`
    func depthUpdate(_ window: SimulatedWindow, sentAt: Int64) -> [UInt8] {
        let levelCount = window.bids.count + window.asks.count
        var text = open("@depth@100ms", event: "depthUpdate", capacity: 200 + 34 * levelCount)
        addTimes(to: &text, sentAt: sentAt, engineTime: window.changedAt)
        addSymbol(to: &text)
        text.add(",\"U\":")
        text.add(window.firstUpdateID)
        text.add(",\"u\":")
        text.add(window.lastUpdateID)
        if !isSpot {
            text.add(",\"pu\":")
            text.add(window.previousUpdateID)
        }
        text.add(",\"b\":")
        addLevels(window.bids, to: &text)
        text.add(",\"a\":")
        // Asks stand in rising order, and each side from the touch away.
        addLevels(window.asks, to: &text)
        text.add("}}")
        return text.bytes
    }

    /// `{"stream":"btcusdt@trade","data":{"e":"trade",…}}`
    func trade(_ trade: SimulatedTrade, sentAt: Int64) -> [UInt8] {
        var text = open("@trade", event: "trade", capacity: 256)
        text.add(",\"E\":")
        text.add(sentAt / 1_000_000)
        if !isSpot {
            text.add(",\"T\":")
            text.add(trade.time / 1_000_000)
        }
        text.add(",\"s\":\"")
        text.add(symbol)
        text.add("\",\"t\":")
        text.add(trade.id)
        text.add(",\"p\":\"")
        book.profile.addPrice(trade.price, padding: padding, to: &text)
        text.add("\",\"q\":\"")
        book.profile.addSize(trade.size, padding: padding, to: &text)
        if isSpot {
            text.add("\",\"T\":")
            text.add(trade.time / 1_000_000)
        } else {
            text.add("\",\"X\":\"MARKET\"")
        }
        text.add(trade.takerSide == .sell ? ",\"m\":true" : ",\"m\":false")
        text.add(isSpot ? ",\"M\":true}}" : "}}")
        return text.bytes
    }

    /// `{"stream":"btcusdt@bookTicker","data":{"u":…}}`; spot has neither `e` nor times.
    func bookTicker(sentAt: Int64) -> [UInt8] {
        var text = open("@bookTicker", event: isSpot ? nil : "bookTicker", capacity: 256)
        text.add(isSpot ? "\"u\":" : ",\"u\":")
        text.add(book.updateID)
        if !isSpot { addTimes(to: &text, sentAt: sentAt, engineTime: book.changedAt) }
        text.add(",\"s\":\"")
        text.add(symbol)
        let keys: [(StaticString, StaticString, PriceLevel)] = [
            ("\",\"b\":\"", "\",\"B\":\"", book.bids.level(rank: 0)),
            ("\",\"a\":\"", "\",\"A\":\"", book.asks.level(rank: 0)),
        ]
        for (priceKey, sizeKey, level) in keys {
            text.add(priceKey)
            book.profile.addPrice(level.price, padding: padding, to: &text)
            text.add(sizeKey)
            book.profile.addSize(level.size, padding: padding, to: &text)
        }
        text.add("\"}}")
        return text.bytes
    }

    /// `{"lastUpdateId":…,"bids":[…],"asks":[…]}`; USD-M adds `E` and `T`.
    func snapshot(sentAt: Int64) -> [UInt8] {
        let limit = SimulatedProfile.levelCountMax
        var text = SimulatedText("{\"lastUpdateId\":", capacity: 68 * limit)
        text.add(book.updateID)
        if !isSpot { addTimes(to: &text, sentAt: sentAt, engineTime: book.changedAt) }
        text.add(",\"bids\":")
        addLevels(book.bids.levels(limit: limit), to: &text)
        text.add(",\"asks\":")
        addLevels(book.asks.levels(limit: limit), to: &text)
        text.add("}")
        return text.bytes
    }

    private func open(
        _ stream: StaticString, event: StaticString?, capacity: Int
    ) -> SimulatedText {
        var text = SimulatedText("{\"stream\":\"", capacity: capacity)
        text.addLowercased(symbol)
        text.add(stream)
        text.add("\",\"data\":{")
        if let event {
            text.add("\"e\":\"")
            text.add(event)
            text.add("\"")
        }
        return text
    }

    /// Event time; on USD-M also the matching engine's.
    private func addTimes(to text: inout SimulatedText, sentAt: Int64, engineTime: Int64) {
        text.add(",\"E\":")
        text.add(sentAt / 1_000_000)
        guard !isSpot else { return }
        text.add(",\"T\":")
        text.add(engineTime / 1_000_000)
    }

    private func addSymbol(to text: inout SimulatedText) {
        text.add(",\"s\":\"")
        text.add(symbol)
        text.add("\"")
        guard !isSpot else { return }
        text.add(",\"ps\":\"")
        text.add(symbol)
        text.add("\",\"st\":1")
    }

    private func addLevels(_ levels: [PriceLevel], to text: inout SimulatedText) {
        text.add("[")
        text.addList(levels) { text, level in
            text.add("[\"")
            book.profile.addPrice(level.price, padding: padding, to: &text)
            text.add("\",\"")
            book.profile.addSize(level.size, padding: padding, to: &text)
            text.add("\"]")
        }
        text.add("]")
    }
}
