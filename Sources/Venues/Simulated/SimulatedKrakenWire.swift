import Engine

/// Writes the state of one book as messages of Kraken's protocol v2; the rules are in
/// `KrakenSimulator`.
struct SimulatedKrakenWire {
    let book: SimulatedBook

    private static let crc = CRC32()

    private var profile: SimulatedProfile { book.profile }

    /// The best `depth` levels of both sides.
    func snapshot(depth: Int, sentAt: Int64) -> [UInt8] {
        levels(
            "snapshot", book.bids.levels(limit: depth), book.asks.levels(limit: depth),
            time: sentAt)
    }

    /// Changes that a client sees.
    func update(_ bids: [PriceLevel], _ asks: [PriceLevel]) -> [UInt8] {
        levels("update", bids, asks, time: book.changedAt)
    }

    private func levels(
        _ type: StaticString, _ bids: [PriceLevel], _ asks: [PriceLevel], time: Int64
    ) -> [UInt8] {
        var text = SimulatedText(
            "{\"channel\":\"book\",\"type\":\"", capacity: 200 + 40 * (bids.count + asks.count))
        text.add(type)
        text.add("\",\"data\":[{\"symbol\":\"")
        text.add(profile.venueSymbol)
        text.add("\",\"bids\":[")
        addLevels(bids, to: &text)
        text.add("],\"asks\":[")
        addLevels(asks, to: &text)
        text.add("],\"checksum\":")
        text.add(Int64(checksum))
        text.add(",\"timestamp\":\"")
        text.addTime(time, digits: 6)
        text.add("\"}]}")
        return text.bytes
    }

    private func addLevels(_ levels: [PriceLevel], to text: inout SimulatedText) {
        text.addList(levels) { text, level in
            text.add("{\"price\":")
            profile.addPrice(level.price, to: &text)
            text.add(",\"qty\":")
            profile.addSize(level.size, to: &text)
            text.add("}")
        }
    }

    /// Over the ten best asks, then bids, of the book as it is now: each number without its point
    /// and without zeros in front, which is the number in units of its last digit.
    var checksum: UInt32 {
        var text = SimulatedText(capacity: 400)
        for level in book.asks.levels(limit: 10) + book.bids.levels(limit: 10) {
            text.add(level.price * profile.tickUnits)
            text.add(level.size)
        }
        return text.bytes.withUnsafeBufferPointer { SimulatedKrakenWire.crc.checksum($0) }
    }

    /// Trades; the side is the taker's.
    func trades(_ trades: [SimulatedTrade], type: StaticString) -> [UInt8] {
        var text = SimulatedText(
            "{\"channel\":\"trade\",\"type\":\"", capacity: 64 + 200 * trades.count)
        text.add(type)
        text.add("\",\"data\":[")
        text.addList(trades) { text, trade in
            text.add("{\"symbol\":\"")
            text.add(profile.venueSymbol)
            text.add(trade.takerSide == .buy ? "\",\"side\":\"buy\"" : "\",\"side\":\"sell\"")
            text.add(",\"price\":")
            profile.addPrice(trade.price, to: &text)
            text.add(",\"qty\":")
            profile.addSize(trade.size, to: &text)
            text.add(",\"ord_type\":\"market\",\"trade_id\":")
            text.add(trade.id)
            text.add(",\"timestamp\":\"")
            text.addTime(trade.time, digits: 6)
            text.add("\"}")
        }
        text.add("]}")
        return text.bytes
    }

    /// The REST answer with the whole book: `[price, size, time]` a level.
    func requestedSnapshot(sentAt: Int64) -> [UInt8] {
        var text = SimulatedText("{\"error\":[],\"result\":{\"", capacity: 80 * profile.levelCount)
        text.add(profile.venueSymbol)
        text.add("\":{")
        for side in [book.asks, book.bids] {
            text.add(side.side == .ask ? "\"asks\":[" : "],\"bids\":[")
            text.addList(side.levels(limit: side.count)) { text, level in
                text.add("[\"")
                profile.addPrice(level.price, to: &text)
                text.add("\",\"")
                profile.addSize(level.size, to: &text)
                text.add("\",")
                text.add(sentAt / Timestamp.second)
                text.add("]")
            }
        }
        text.add("]}}}")
        return text.bytes
    }

    /// Adds what the list of pairs says of the book's pair.
    func addPair(to text: inout SimulatedText) {
        let parts = profile.venueSymbol.split(separator: "/")
        text.add("{\"symbol\":\"")
        text.add(profile.venueSymbol)
        for (key, part) in zip(["\",\"base\":\"", "\",\"quote\":\""], parts) {
            text.add(key)
            text.add(String(part))
        }
        text.add("\",\"status\":\"online\",\"qty_precision\":")
        text.add(Int64(profile.sizeDecimals))
        text.add(",\"qty_increment\":")
        text.addDecimal(1, decimals: profile.sizeDecimals)
        text.add(",\"price_precision\":")
        text.add(Int64(profile.priceDecimals))
        text.add(",\"cost_precision\":5,\"cost_min\":0.5,\"price_increment\":")
        profile.addPrice(1, to: &text)
        text.add("}")
    }
}
