import Engine

/// Writes Kraken's messages that speak of the connection and not of one book.
struct SimulatedKrakenAnswers {
    let sentAt: Int64

    private static var handlingNanos: Int64 { 42_000 }

    /// The greeting. Ids of connections do not fit a signed number of 64 bits.
    func status(connection: UInt64) -> [UInt8] {
        var text = SimulatedText("{\"channel\":\"status\",\"type\":\"update\",\"data\":[")
        text.add("{\"version\":\"2.0.10\",\"system\":\"online\",\"api_version\":\"v2\",")
        text.add("\"connection_id\":")
        text.add(String(connection | 1 << 63))
        text.add("}]}")
        return text.bytes
    }

    static var heartbeat: [UInt8] { ByteText.array("{\"channel\":\"heartbeat\"}") }

    /// A request was done; `symbol` where it names pairs, `depth` where it is of a book.
    func done(
        _ request: SimulatedKrakenRequest, symbol: [UInt8]? = nil, depth: Int64? = nil
    ) -> [UInt8] {
        var text = SimulatedText("{\"method\":\"")
        text.add(raw: request.method)
        text.add("\",\"result\":{\"channel\":\"")
        text.add(raw: request.channel)
        text.add("\"")
        if let depth {
            text.add(",\"depth\":")
            text.add(depth)
        }
        if request.isMethod("subscribe") {
            text.add(request.wantsSnapshot ? ",\"snapshot\":true" : ",\"snapshot\":false")
        }
        if let symbol {
            text.add(",\"symbol\":\"")
            text.add(raw: symbol)
            text.add("\"")
        }
        text.add("},\"success\":true")
        return end(text, request)
    }

    /// A request was refused; nil where it could not be read.
    func refused(
        _ request: SimulatedKrakenRequest?, _ reason: StaticString, symbol: [UInt8]? = nil
    ) -> [UInt8] {
        var text = SimulatedText("{\"error\":\"")
        text.add(reason)
        if let symbol {
            text.add(" ")
            text.add(raw: symbol)
        }
        text.add("\"")
        if let request {
            text.add(",\"method\":\"")
            text.add(raw: request.method)
            text.add("\"")
        }
        text.add(",\"success\":false")
        if let symbol {
            text.add(",\"symbol\":\"")
            text.add(raw: symbol)
            text.add("\"")
        }
        return end(text, request)
    }

    func pong(_ request: SimulatedKrakenRequest) -> [UInt8] {
        end(SimulatedText("{\"method\":\"pong\""), request)
    }

    /// The list of pairs.
    func instruments(_ books: [SimulatedBook]) -> [UInt8] {
        var text = SimulatedText("{\"channel\":\"instrument\",\"type\":\"snapshot\",\"data\":{")
        text.add("\"assets\":[")
        text.addList(["BTC", "ETH", "SOL", "USD"]) { text, asset in
            text.add("{\"id\":\"")
            text.add(asset)
            text.add("\",\"status\":\"enabled\",\"precision\":10,\"precision_display\":5}")
        }
        text.add("],\"pairs\":[")
        text.addList(books) { text, book in SimulatedKrakenWire(book: book).addPair(to: &text) }
        text.add("]}}")
        return text.bytes
    }

    private func end(_ begun: SimulatedText, _ request: SimulatedKrakenRequest?) -> [UInt8] {
        var text = begun
        text.add(",\"time_in\":\"")
        text.addTime(sentAt, digits: 6)
        text.add("\",\"time_out\":\"")
        text.addTime(sentAt + SimulatedKrakenAnswers.handlingNanos, digits: 6)
        text.add("\"")
        if let id = request?.id {
            text.add(",\"req_id\":")
            text.add(id)
        }
        text.add("}")
        return text.bytes
    }
}

extension SimulatedText {
    /// Adds bytes as they stand.
    mutating func add(raw bytes: [UInt8]) { add(String(decoding: bytes, as: UTF8.self)) }
}
