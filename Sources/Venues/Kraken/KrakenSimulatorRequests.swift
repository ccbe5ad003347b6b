import Engine

/// What a client asks for: rules 2, 5 and 6 of `KrakenSimulator`.
extension KrakenSimulator {
    /// Takes a message of the client and gives the answers.
    public mutating func receive(_ message: [UInt8]) -> [SimulatedMessage] {
        guard isConnected else { return [] }
        return answer(message).map { latency.message($0, sentAt: market.time) }
    }

    private mutating func answer(_ message: [UInt8]) -> [[UInt8]] {
        guard let request = SimulatedKrakenRequest(message) else {
            return [answers.refused(nil, "Malformed request")]
        }
        if request.isMethod("ping") { return [answers.pong(request)] }
        let isBegin = request.isMethod("subscribe")
        guard isBegin || request.isMethod("unsubscribe") else {
            return [answers.refused(request, "Method not supported")]
        }
        if request.isChannel("instrument") { return answerInstruments(request) }
        guard request.isChannel("book") || request.isChannel("trade") else {
            return [answers.refused(request, "Channel not supported")]
        }
        guard !request.symbols.isEmpty else {
            return [answers.refused(request, "Symbol(s) not found")]
        }
        var acknowledged: [[UInt8]] = []
        var snapshots: [[UInt8]] = []
        for symbol in request.symbols {
            let name = String(decoding: symbol, as: UTF8.self)
            guard let index = market.index(ofSymbol: name) else {
                acknowledged.append(
                    answers.refused(request, "Currency pair not supported", symbol: symbol))
                continue
            }
            if request.isChannel("book") {
                acknowledged.append(setBook(request, index, &snapshots))
            } else {
                acknowledged.append(setTrades(request, index, &snapshots))
            }
        }
        return acknowledged + snapshots
    }

    private mutating func answerInstruments(_ request: SimulatedKrakenRequest) -> [[UInt8]] {
        let isBegin = request.isMethod("subscribe")
        guard isBegin != hasInstruments else {
            return [answers.refused(request, isBegin ? alreadyThere : notThere)]
        }
        hasInstruments = isBegin
        hasHeartbeats = hasHeartbeats || isBegin
        let done = answers.done(request)
        return isBegin && request.wantsSnapshot
            ? [done, answers.instruments(market.books)] : [done]
    }

    private var alreadyThere: StaticString { "Already subscribed" }
    private var notThere: StaticString { "Subscription Not Found" }

    private mutating func setBook(
        _ request: SimulatedKrakenRequest, _ index: Int, _ snapshots: inout [[UInt8]]
    ) -> [UInt8] {
        let book = market.books[index]
        let symbol = Array(book.profile.venueSymbol.utf8)
        let current = views[index]
        guard request.isMethod("subscribe") else {
            guard let current, Int64(current.depth) == request.depth else {
                return answers.refused(request, notThere, symbol: symbol)
            }
            views[index] = nil
            return answers.done(request, symbol: symbol, depth: request.depth)
        }
        guard current == nil else { return answers.refused(request, alreadyThere, symbol: symbol) }
        guard let depth = KrakenBook.depths.first(where: { Int64($0) == request.depth }) else {
            return answers.refused(request, "Depth not supported", symbol: symbol)
        }
        views[index] = SimulatedKrakenView(depth: depth, book)
        hasHeartbeats = true
        if request.wantsSnapshot {
            snapshots.append(
                SimulatedKrakenWire(book: book).snapshot(depth: depth, sentAt: market.time))
        }
        return answers.done(request, symbol: symbol, depth: request.depth)
    }

    private mutating func setTrades(
        _ request: SimulatedKrakenRequest, _ index: Int, _ snapshots: inout [[UInt8]]
    ) -> [UInt8] {
        let book = market.books[index]
        let symbol = Array(book.profile.venueSymbol.utf8)
        let isBegin = request.isMethod("subscribe")
        guard isBegin != hasTrades[index] else {
            return answers.refused(request, isBegin ? alreadyThere : notThere, symbol: symbol)
        }
        hasTrades[index] = isBegin
        hasHeartbeats = hasHeartbeats || isBegin
        if isBegin, request.wantsSnapshot {
            snapshots.append(
                SimulatedKrakenWire(book: book).trades(book.recentTrades, type: "snapshot"))
        }
        return answers.done(request, symbol: symbol)
    }
}
