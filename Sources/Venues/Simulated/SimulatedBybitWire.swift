import Engine

/// Writes the state of one book as messages of Bybit spot; the rules are in `BybitSimulator`.
struct SimulatedBybitWire {
    let book: SimulatedBook
    let sentAt: Int64

    private var profile: SimulatedProfile { book.profile }
    /// The matching engine's time, in ms.
    private var changedMillis: Int64 { book.changedAt / 1_000_000 }

    /// A message of `orderbook.<depth>.<symbol>`.
    func book(
        _ type: StaticString, depth: SimulatedBybitDepth, bids: [PriceLevel], asks: [PriceLevel],
        u: Int64
    ) -> [UInt8] {
        var text = SimulatedText(
            "{\"topic\":\"orderbook.", capacity: 200 + 28 * (bids.count + asks.count))
        text.add(Int64(depth.rawValue))
        text.add(".")
        open(type, &text)
        text.add("{\"s\":\"")
        text.add(profile.venueSymbol)
        text.add("\",\"b\":")
        add(bids, &text)
        text.add(",\"a\":")
        add(asks, &text)
        text.add(",\"u\":")
        text.add(u)
        text.add(",\"seq\":")
        text.add(book.updateID)
        text.add("},\"cts\":")
        text.add(changedMillis)
        text.add("}")
        return text.bytes
    }

    /// A message of `publicTrade.<symbol>`.
    func trades(_ trades: [SimulatedTrade]) -> [UInt8] {
        var text = SimulatedText("{\"topic\":\"publicTrade.", capacity: 100 + 160 * trades.count)
        open("snapshot", &text)
        text.add("[")
        text.addList(trades) { text, trade in
            text.add("{\"i\":\"")
            text.add(trade.id)
            text.add("\",\"T\":")
            text.add(trade.time / 1_000_000)
            text.add(",\"p\":\"")
            addPrice(trade.price, &text)
            text.add("\",\"v\":\"")
            addSize(trade.size, &text)
            text.add("\",\"S\":\"")
            text.add(trade.takerSide == .buy ? "Buy" : "Sell")
            text.add("\",\"seq\":")
            text.add(trade.updateID)
            text.add(",\"s\":\"")
            text.add(profile.venueSymbol)
            text.add("\",\"BT\":false,\"RPI\":false}")
        }
        text.add("]}")
        return text.bytes
    }

    /// The REST answer with the whole book.
    func requestedSnapshot(u: Int64) -> [UInt8] {
        var text = SimulatedText(
            "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":{\"s\":\"",
            capacity: 60 * profile.levelCount)
        text.add(profile.venueSymbol)
        text.add("\",\"a\":")
        add(book.asks.levels(limit: book.asks.count), &text)
        text.add(",\"b\":")
        add(book.bids.levels(limit: book.bids.count), &text)
        text.add(",\"ts\":")
        text.add(sentAt / 1_000_000)
        text.add(",\"u\":")
        text.add(u)
        text.add(",\"seq\":")
        text.add(book.updateID)
        text.add(",\"cts\":")
        text.add(changedMillis)
        text.add("},\"retExtInfo\":{},\"time\":")
        text.add(sentAt / 1_000_000)
        text.add("}")
        return text.bytes
    }

    /// The rest of the topic and the envelope up to `data`, in the order of spot.
    private func open(_ type: StaticString, _ text: inout SimulatedText) {
        text.add(profile.venueSymbol)
        text.add("\",\"ts\":")
        text.add(sentAt / 1_000_000)
        text.add(",\"type\":\"")
        text.add(type)
        text.add("\",\"data\":")
    }

    private func add(_ levels: [PriceLevel], _ text: inout SimulatedText) {
        text.add("[")
        text.addList(levels) { text, level in
            text.add("[\"")
            addPrice(level.price, &text)
            text.add("\",\"")
            addSize(level.size, &text)
            text.add("\"]")
        }
        text.add("]")
    }

    private func addPrice(_ ticks: Int64, _ text: inout SimulatedText) {
        text.addTrimmed(ticks * profile.tickUnits, decimals: profile.priceDecimals)
    }

    private func addSize(_ size: Int64, _ text: inout SimulatedText) {
        text.addTrimmed(size, decimals: profile.sizeDecimals)
    }
}

/// Writes the venue's answers on one connection. Parts of the client's own text are repeated as
/// they were written.
struct SimulatedBybitAnswers {
    /// Connections so far.
    let connection: UInt64

    func done(_ request: SimulatedBybitRequest) -> [UInt8] {
        answer(true, request.op, request)
    }

    func pong(_ request: SimulatedBybitRequest) -> [UInt8] {
        answer(true, Array("pong".utf8), request)
    }

    /// A refusal, which may name a topic.
    func refusal(
        _ head: StaticString, _ topic: [UInt8], _ tail: StaticString,
        _ request: SimulatedBybitRequest
    ) -> [UInt8] {
        answer(false, ByteText.array(head) + topic + ByteText.array(tail), request)
    }

    /// The answer to what is no request.
    var undecodable: [UInt8] {
        var text = SimulatedText("{\"success\":false,\"ret_msg\":\"Failed to decode incoming data")
        text.add("\",\"conn_id\":\"")
        text.addUUID(connection)
        text.add("\",\"req_id\":\"\",\"op\":\"\"}")
        return text.bytes
    }

    private func answer(
        _ isDone: Bool, _ message: [UInt8], _ request: SimulatedBybitRequest
    ) -> [UInt8] {
        var text = SimulatedText(isDone ? "{\"success\":true" : "{\"success\":false")
        text.add(",\"ret_msg\":\"")
        text.addRaw(message)
        text.add("\",\"conn_id\":\"")
        text.addUUID(connection)
        if let id = request.requestID {
            text.add("\",\"req_id\":\"")
            text.addRaw(id)
        }
        text.add("\",\"op\":\"")
        text.addRaw(request.op)
        text.add("\"}")
        return text.bytes
    }
}

extension SimulatedText {
    /// Adds the inside of a JSON string as it was written.
    fileprivate mutating func addRaw(_ text: [UInt8]) { add(String(decoding: text, as: UTF8.self)) }
}
