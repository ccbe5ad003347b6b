import Engine
import Testing

@testable import Venues

/// One adapter, fed with text, and the events that it gave.
final class AdapterBench {
    let adapter: any VenueAdapter
    let instruments = InstrumentTable()
    private(set) var events: [EventBody] = []
    private(set) var receivedAt: [Int64] = []
    private(set) var commands: [AdapterCommand] = []
    var now: Int64 = 1_700_000_000_000_000_000

    init(_ venue: Venue = .binance, feed: CoinbaseFeed = .advanced) {
        adapter = VenueRegistry.adapter(
            VenueEndpoint(venue, isExchangeFeed: feed == .exchange), connection: 0, name: [],
            instruments: instruments)!
    }

    /// Feeds a message one millisecond later and keeps what it gave in `events`.
    @discardableResult
    func feed(_ text: String, rest url: String? = nil) -> Outcome {
        feed(bytes: Array(text.utf8), rest: url)
    }

    @discardableResult
    func feed(bytes: [UInt8], rest url: String? = nil) -> Outcome {
        now += 1_000_000
        var block = EventBlock()
        let path = Array((url ?? "").utf8)
        let outcome = bytes.withUnsafeBufferPointer { message in
            path.withUnsafeBufferPointer { path in
                adapter.receive(
                    message, origin: url == nil ? .socket : .rest(path), receivedAt: now,
                    into: &block)
            }
        }
        take(block)
        return outcome
    }

    func connection(_ state: ConnectionState) {
        now += 1_000_000
        var block = EventBlock()
        adapter.connectionChanged(state, receivedAt: now, into: &block)
        take(block)
    }

    private func take(_ block: EventBlock) {
        events.removeAll()
        receivedAt.removeAll()
        for index in 0..<block.count {
            guard let event = try? block.event(at: index) else {
                Issue.record("event \(index) of the message has no meaning for the fold")
                continue
            }
            events.append(event.body)
            receivedAt.append(event.receivedAt)
        }
        commands.removeAll()
        adapter.drainCommands { commands.append($0) }
    }

    // Messages of Binance.

    func delta(
        _ first: Int, _ last: Int, previous: Int? = nil, bids: String = "[\"100.00\",\"1.00\"]",
        asks: String = "", symbol: String = "BTCUSDT"
    ) -> Outcome {
        let chain = previous.map { "\"T\":1700000000001,\"pu\":\($0)," } ?? ""
        return feed(
            "{\"e\":\"depthUpdate\",\"E\":1700000000002,\"s\":\"\(symbol)\",\(chain)"
                + "\"U\":\(first),\"u\":\(last),\"b\":[\(bids)],\"a\":[\(asks)]}")
    }

    func snapshot(
        _ id: Int, bids: String = "[\"99.00\",\"5.00\"]", asks: String = "[\"101.00\",\"5.00\"]",
        url: String = "/api/v3/depth?symbol=BTCUSDT&limit=1000"
    ) -> Outcome {
        feed("{\"lastUpdateId\":\(id),\"bids\":[\(bids)],\"asks\":[\(asks)]}", rest: url)
    }

    // What came out, in short words.

    /// One word an event: `define`, `snapshot 160`, `delta 161-163`, `live`, `invalid(gap)`…
    var words: [String] { events.map(AdapterBench.word) }

    private static func word(_ body: EventBody) -> String {
        switch body {
        case .instrumentDefinition(let value):
            return "define \(value.priceExponent),\(value.sizeExponent)"
        case .bookSnapshot(let event): return "snapshot \(event.lastVenueSequence)"
        case .bookDelta(let event):
            return "delta \(event.firstVenueSequence)-\(event.lastVenueSequence)"
        case .trade(let trade): return "trade \(trade.tradeID) \(trade.takerSide)"
        case .rejectedMessage(let message): return "rejected \(message.reason)"
        case .venueStatus(let status):
            switch status.subject {
            case .connection(_, _, _, let state): return "connection \(state)"
            case .book(_, let validity):
                var bytes: [UInt8] = []
                validity.append(to: &bytes)
                return String(decoding: bytes, as: UTF8.self)
            }
        case .liquidation(let value): return "liquidation \(value.positionSide)"
        case .funding: return "funding"
        case .openInterest: return "openInterest"
        case .markPrice: return "markPrice"
        default: return "other"
        }
    }
}
