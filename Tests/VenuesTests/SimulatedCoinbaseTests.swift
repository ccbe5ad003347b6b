import Foundation
import Testing
import Venues

@Suite("Simulated: Coinbase")
struct SimulatedCoinbaseTests {
    static let start = SimulatedSession.defaultStart
    static let second: Int64 = 1_000_000_000

    @Test(
        "books rebuilt from the stream equal the simulator's own",
        arguments: [SimulatedFeed.coinbaseExchange, .coinbaseAdvanced], [UInt64(1), 77])
    func rebuilt(feed: SimulatedFeed, seed: UInt64) throws {
        var simulator = CoinbaseSimulator(seed: seed, start: Self.start, feed: feed)
        var reference = CoinbaseReference()
        var time = Self.start + 1_230_000_000
        for message in simulator.connect(at: time) {
            reference.receive(try jsonObject(message.bytes))
        }
        #expect(reference.books.count == 3)
        var crossedCount = 0
        let end = Self.start + 8 * Self.second
        while time < end {
            time += 10_000_000
            for message in simulator.advance(to: time) {
                reference.receive(try jsonObject(message.bytes))
            }
            if time % 100_000_000 == 0 {
                crossedCount += reference.books.values.filter(\.isCrossed).count
            }
        }
        #expect(reference.gapCount == 0)
        #expect(crossedCount == 0)
        #expect(reference.tradeCount > 30)
        for symbol in simulator.symbols {
            #expect(reference.books[symbol] == (try trueBook(simulator, symbol)))
        }
        print("\(feed) seed \(seed): \(reference.levelCount) levels, \(reference.types)")
    }

    @Test("the Exchange opens with subscriptions, then snapshot, last match, ticker")
    func exchangeOpening() throws {
        var simulator = CoinbaseSimulator(seed: 3, start: Self.start, assets: [.btc, .eth])
        let opening = try simulator.connect(at: Self.start + Self.second).map {
            try jsonObject($0.bytes)["type"] as? String
        }
        #expect(
            opening == [
                "subscriptions", "snapshot", "snapshot", "last_match", "ticker", "last_match",
                "ticker",
            ])
        #expect(simulator.subscribeMessages.count == 1)
        #expect(simulator.address == "wss://ws-feed.exchange.coinbase.com")
    }

    @Test("a match names the maker's side and a ticker the taker's; heartbeats come each second")
    func exchangeMessages() throws {
        var simulator = CoinbaseSimulator(seed: 3, start: Self.start, assets: [.btc])
        _ = simulator.connect(at: Self.start)
        var lastMatch: [String: Any] = [:]
        var heartbeatCount = 0
        var tickerCount = 0
        for message in simulator.advance(to: Self.start + 10 * Self.second) {
            let object = try jsonObject(message.bytes)
            switch object["type"] as? String {
            case "match": lastMatch = object
            case "ticker":
                tickerCount += 1
                #expect(object["trade_id"] as? Int == lastMatch["trade_id"] as? Int)
                #expect(object["side"] as? String != lastMatch["side"] as? String)
            case "heartbeat":
                heartbeatCount += 1
                if let id = lastMatch["trade_id"] as? Int {
                    #expect(object["last_trade_id"] as? Int == id)
                }
            default: break
            }
        }
        #expect(heartbeatCount == 10)
        #expect(tickerCount > 10)
        #expect((lastMatch["maker_order_id"] as? String).flatMap(UUID.init(uuidString:)) != nil)
    }

    @Test("Advanced Trade counts every message of a connection from 0, again after a reconnect")
    func advancedSequence() throws {
        var simulator = CoinbaseSimulator(seed: 3, start: Self.start, feed: .coinbaseAdvanced)
        for round in 0..<2 {
            let time = Self.start + Int64(round) * 5 * Self.second
            let messages =
                simulator.connect(at: time) + simulator.advance(to: time + 2 * Self.second)
            let numbers = try messages.map { try jsonObject($0.bytes)["sequence_num"] as? Int }
            #expect(numbers == Array(0..<messages.count))
            simulator.disconnect()
            #expect(simulator.advance(to: time + 5 * Self.second).isEmpty)
        }
        #expect(simulator.subscribeMessages.count == 3)
    }

    @Test("both feeds show the same books")
    func sameBooks() {
        var exchange = CoinbaseSimulator(seed: 8, start: Self.start)
        var advanced = CoinbaseSimulator(seed: 8, start: Self.start, feed: .coinbaseAdvanced)
        _ = exchange.connect(at: Self.start)
        _ = exchange.advance(to: Self.start + 3 * Self.second)
        _ = advanced.advance(to: Self.start + 3 * Self.second)
        #expect(exchange.snapshot(symbol: "ETH-USD") == advanced.snapshot(symbol: "ETH-USD"))
    }
}
