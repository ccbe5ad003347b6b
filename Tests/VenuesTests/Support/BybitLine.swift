import Testing

@testable import Engine
@testable import Venues

/// The simulated Bybit, the real adapter behind it, and plain books of what the adapter says.
final class BybitLine {
    var simulator: BybitSimulator
    let adapter: BybitAdapter
    private(set) var books: [String: PlainBook] = [:]
    private(set) var outcomes: [String: Int] = [:]
    private(set) var trades = 0
    /// Levels of the deltas as the venue sent them.
    private(set) var levelsSent = 0
    private(set) var time: Int64
    private var names: [UInt16: String] = [:]

    init(seed: UInt64, assets: [SimulatedAsset] = SimulatedAsset.allCases) {
        time = SimulatedSession.defaultStart
        simulator = BybitSimulator(seed: seed, start: time, assets: assets)
        adapter = BybitAdapter(market: .spot, connection: 0, instruments: InstrumentTable())
    }

    /// Opens the connection and sends these requests.
    func open(_ requests: [[UInt8]]) {
        deliver(simulator.open(at: time))
        for request in requests { deliver(simulator.receive(request)) }
    }

    func advance(by nanos: Int64) {
        time += nanos
        deliver(simulator.advance(to: time))
    }

    /// Hands messages to the adapter, and what the adapter asks for to the venue.
    func deliver(_ messages: [SimulatedMessage]) {
        for message in messages {
            var block = EventBlock()
            let outcome = message.bytes.withUnsafeBufferPointer {
                adapter.receive(
                    $0, origin: .socket, receivedAt: message.receivedAt, into: &block)
            }
            outcomes["\(outcome)", default: 0] += 1
            levelsSent += BybitLine.levels(message.bytes)
            fold(block)
            var answers: [SimulatedMessage] = []
            adapter.drainCommands { command in
                guard case .resubscribe(_, let requests) = command else { return }
                for request in requests { answers += simulator.receive(request) }
            }
            deliver(answers)
        }
    }

    /// The count of levels in a delta.
    private static func levels(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBufferPointer { text in
            guard ByteText.find("\"type\":\"delta\"", in: text) != nil else { return 0 }
            return zip(text, text.dropFirst()).count { $0 == 0x5b && $1 == 0x22 }
        }
    }

    private func fold(_ block: EventBlock) {
        for index in 0..<block.count {
            guard let event = try? block.event(at: index) else {
                Issue.record("an event has no meaning for the fold")
                continue
            }
            switch event.body {
            case .instrumentDefinition(let definition):
                let symbol = String(decoding: definition.venueSymbol, as: UTF8.self)
                names[definition.instrument] = symbol
                book(symbol).define(definition)
            case .bookSnapshot(let book), .bookDelta(let book):
                let plain = self.book(names[book.key.instrument] ?? "")
                plain.apply(block.headers[index], block.levels)
            case .trade: trades += 1
            case .venueStatus(let status):
                guard case .book(let key, let validity) = status.subject else { continue }
                book(names[key.instrument] ?? "").statuses.append(validity)
            default: break
            }
        }
    }

    func book(_ symbol: String) -> PlainBook {
        if let known = books[symbol] { return known }
        let book = PlainBook()
        books[symbol] = book
        return book
    }

    /// The best levels of the venue's own book as mantissas of the adapter's.
    func truth(_ symbol: String, depth: Int) throws -> (bids: [PriceLevel], asks: [PriceLevel]) {
        let answer = try jsonObject(try #require(simulator.snapshot(symbol: symbol)))
        let result = try #require(answer["result"] as? [String: Any])
        let book = book(symbol)
        func side(_ name: String) throws -> [PriceLevel] {
            try #require(result[name] as? [[String]]).prefix(depth).map { level in
                PriceLevel(
                    price: try mantissa(level[0], book.priceExponent),
                    size: try mantissa(level[1], book.sizeExponent))
            }
        }
        return (try side("b"), try side("a"))
    }

    private func mantissa(_ text: String, _ exponent: UInt8) throws -> Int64 {
        try #require(try DecimalText.parse(Array(text.utf8)).mantissa(at: exponent))
    }

    /// Whether the adapter's book is the venue's, in every level of the depth.
    func isTrue(_ symbol: String, depth: Int) throws -> Bool {
        let truth = try truth(symbol, depth: depth)
        let book = book(symbol)
        return book.bids.top(.max) == truth.bids && book.asks.top(.max) == truth.asks
    }
}
