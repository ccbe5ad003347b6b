import Engine

/// Channels of one instrument.
struct SimulatedOKXChannels: OptionSet, Sendable {
    let rawValue: UInt8

    static let books = SimulatedOKXChannels(rawValue: 1)
    static let trades = SimulatedOKXChannels(rawValue: 2)
    static let tickers = SimulatedOKXChannels(rawValue: 4)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The channel of this name, where it is simulated.
    init?(name: [UInt8]) {
        let names: [(StaticString, SimulatedOKXChannels)] = [
            ("books", .books), ("trades", .trades), ("tickers", .tickers),
        ]
        guard let match = names.first(where: { name.elementsEqual(ByteText.bytes($0.0)) }) else {
            return nil
        }
        self = match.1
    }
}

/// What a ticker shows.
struct SimulatedOKXTicker: Equatable, Sendable {
    let bid: PriceLevel?
    let ask: PriceLevel?
    let tradeID: Int64
}

extension OKXSimulator {
    private static var flushNanos: Int64 { 100_000_000 }
    private static var requestsPerHourMax: Int { 480 }
    private static var hourNanos: Int64 { 3_600 * Timestamp.second }

    func wire(_ index: Int) -> SimulatedOKXWire {
        SimulatedOKXWire(profile: market.books[index].profile)
    }

    private func checksum(_ index: Int) -> Int32 {
        hasChecksums ? wire(index).checksum(depths[index]) : 0
    }

    /// The messages of one book at the end of a step, for the channels that are subscribed. What
    /// the venue shows is the same whether or not somebody listens.
    mutating func step(_ index: Int) -> [[UInt8]] {
        let isFlush = market.isAtMultiple(of: OKXSimulator.flushNanos)
        let trades = market.books[index].takeTrades()
        if isFlush { _ = market.books[index].takeWindow() }
        if isInMaintenance {
            depths[index].isCountedAnew = true
            return isFlush ? sayAlive(index) : []
        }
        let wire = wire(index)
        var payloads: [[UInt8]] = []
        if subscribed[index].contains(.trades) { payloads += trades.map { wire.trade($0) } }
        guard isFlush else { return payloads }
        if let change = depths[index].flush(market.books[index], at: market.time) {
            if subscribed[index].contains(.books) {
                payloads.append(
                    wire.update(change, sentAt: market.time, checksum: checksum(index)))
            }
        } else {
            payloads += sayAlive(index)
        }
        return payloads + ticker(index)
    }

    /// The sign of life of a book that did not change for long.
    private mutating func sayAlive(_ index: Int) -> [[UInt8]] {
        guard depths[index].isSilent(at: market.time), subscribed[index].contains(.books) else {
            return []
        }
        let id = depths[index].id
        let change = SimulatedOKXChange(previousID: id, id: id)
        return [wire(index).update(change, sentAt: market.time, checksum: checksum(index))]
    }

    private mutating func ticker(_ index: Int) -> [[UInt8]] {
        let depth = depths[index]
        guard let last = market.books[index].recentTrades.last else { return [] }
        let shown = SimulatedOKXTicker(
            bid: depth.bids.first, ask: depth.asks.first, tradeID: last.id)
        guard shown != shownTickers[index] else { return [] }
        shownTickers[index] = shown
        guard subscribed[index].contains(.tickers) else { return [] }
        return [
            wire(index).ticker(
                depth, last, market.books[index].totals, sentAt: market.time)
        ]
    }

    /// The answers to what a client sent.
    mutating func answer(_ message: [UInt8]) -> [[UInt8]] {
        if message.elementsEqual(OKXAdapter.keepalive) { return [ByteText.array("pong")] }
        var request = SimulatedOKXRequest()
        do throws(SimulatedOKXRefusal) {
            try request.read(message)
            try countRequest()
        } catch {
            return [answers.refusal(error, id: request.id, message)]
        }
        var acknowledgements: [[UInt8]] = []
        var openings: [[UInt8]] = []
        for argument in request.arguments {
            let symbol = String(decoding: argument.instID, as: UTF8.self)
            guard let channel = SimulatedOKXChannels(name: argument.channel),
                let index = market.index(ofSymbol: symbol)
            else {
                acknowledgements.append(
                    answers.refusal(.unknownChannel(argument), id: request.id, message))
                continue
            }
            acknowledgements.append(answers.acknowledgement(argument, of: request))
            if request.isSubscription {
                subscribed[index].insert(channel)
                openings += opening(channel, index)
            } else {
                subscribed[index].remove(channel)
            }
        }
        return acknowledgements + openings
    }

    private mutating func countRequest() throws(SimulatedOKXRefusal) {
        requestTimes.removeAll { market.time - $0 >= OKXSimulator.hourNanos }
        guard requestTimes.count < OKXSimulator.requestsPerHourMax else { throw .tooFrequent }
        requestTimes.append(market.time)
    }

    /// What begins a channel.
    private func opening(_ channel: SimulatedOKXChannels, _ index: Int) -> [[UInt8]] {
        let wire = wire(index)
        if channel == .books {
            return [wire.snapshot(depths[index], checksum: checksum(index))]
        }
        guard let last = market.books[index].recentTrades.last else { return [] }
        if channel == .trades { return [wire.trade(last)] }
        return [
            wire.ticker(depths[index], last, market.books[index].totals, sentAt: market.time)
        ]
    }
}
