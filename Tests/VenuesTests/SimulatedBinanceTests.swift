import Foundation
import Testing
import Venues

@Suite("Simulated: Binance")
struct SimulatedBinanceTests {
    static let start = SimulatedSession.defaultStart
    static let second: Int64 = 1_000_000_000

    @Test(
        "books rebuilt by the venue's procedure equal the simulator's own",
        arguments: [SimulatedFeed.binanceSpot, .binanceUSDM], [UInt64(1), 77])
    func rebuilt(feed: SimulatedFeed, seed: UInt64) throws {
        var simulator = BinanceSimulator(seed: seed, start: Self.start, feed: feed)
        var reference = BinanceReference(isSpot: feed == .binanceSpot)
        #expect(simulator.connect(at: Self.start).isEmpty)
        var time = Self.start
        var crossedCount = 0
        for step in 0..<800 {
            time += 10_000_000
            for message in simulator.advance(to: time) {
                reference.receive(try jsonObject(message.bytes))
            }
            // In the middle of a flush interval, as a request would meet it.
            if step % 250 == 24 + step / 250 {
                for symbol in simulator.symbols {
                    let body = try #require(simulator.snapshot(symbol: symbol))
                    reference.receiveSnapshot(try jsonObject(body), symbol: symbol)
                }
            }
            if step % 10 == 9 {
                crossedCount += reference.books.values.filter(\.isCrossed).count
            }
        }
        #expect(reference.gapCount == 0)
        #expect(crossedCount == 0)
        #expect(reference.appliedCount > 200)
        #expect(reference.tickerCount > 20)
        #expect(reference.tickerMatches == reference.tickerCount)
        for symbol in simulator.symbols {
            let book = try trueBook(simulator, symbol)
            #expect(reference.books[symbol] == book)
            #expect(book.bids.count >= 400 && book.bids.count <= 1000)
            #expect(book.asks.count >= 400 && book.asks.count <= 1000)
        }
        print("\(feed) seed \(seed): 8 s, \(reference.levelCount) levels")
    }

    @Test("spot messages have the venue's keys, in its padding")
    func spotShapes() throws {
        let seen = try shapes(.binanceSpot)
        #expect(seen["depth@100ms"] == ["E", "U", "a", "b", "e", "s", "u"])
        #expect(seen["trade"] == ["E", "M", "T", "e", "m", "p", "q", "s", "t"])
        #expect(seen["bookTicker"] == ["A", "B", "a", "b", "s", "u"])
        let simulator = BinanceSimulator(seed: 1, start: Self.start)
        let body = try jsonObject(try #require(simulator.snapshot(symbol: "BTCUSDT")))
        #expect(body.keys.sorted() == ["asks", "bids", "lastUpdateId"])
        for text in (body["bids"] as! [[String]])[0] {
            #expect(text.split(separator: ".")[1].count == 8)
        }
        #expect(simulator.snapshot(symbol: "BTCUSD") == nil)
        #expect(
            simulator.snapshotAddress(symbol: "BTCUSDT")
                == "https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=1000")
        #expect(
            BinanceSimulator(seed: 1, start: Self.start, assets: [.btc]).address
                == "wss://stream.binance.com:9443/stream?streams="
                + "btcusdt@depth@100ms/btcusdt@trade/btcusdt@bookTicker")
    }

    @Test("USD-M messages carry engine times, the pair and the previous id")
    func futuresShapes() throws {
        let seen = try shapes(.binanceUSDM)
        #expect(
            seen["depth@100ms"] == ["E", "T", "U", "a", "b", "e", "ps", "pu", "s", "st", "u"])
        #expect(seen["trade"] == ["E", "T", "X", "e", "m", "p", "q", "s", "t"])
        #expect(seen["bookTicker"] == ["A", "B", "E", "T", "a", "b", "e", "s", "u"])
        let simulator = BinanceSimulator(seed: 1, start: Self.start, feed: .binanceUSDM)
        let body = try jsonObject(try #require(simulator.snapshot(symbol: "ETHUSDT")))
        #expect(body.keys.sorted() == ["E", "T", "asks", "bids", "lastUpdateId"])
    }

    @Test("a disconnected simulator is silent, and its market goes on")
    func disconnected() throws {
        var always = BinanceSimulator(seed: 5, start: Self.start)
        var broken = always
        _ = always.connect(at: Self.start)
        _ = broken.connect(at: Self.start)
        _ = always.advance(to: Self.start + 2 * Self.second)
        #expect(!broken.advance(to: Self.start + Self.second).isEmpty)
        broken.disconnect()
        #expect(broken.advance(to: Self.start + 2 * Self.second).isEmpty)
        #expect(broken.snapshot(symbol: "SOLUSDT") == always.snapshot(symbol: "SOLUSDT"))
    }

    @Test("how time is cut into calls changes nothing, and receive times never fall")
    func calls() {
        var once = BinanceSimulator(seed: 9, start: Self.start)
        var often = once
        _ = once.connect(at: Self.start)
        _ = often.connect(at: Self.start)
        let messages = once.advance(to: Self.start + Self.second)
        var pieces: [SimulatedMessage] = []
        for step in 1...100 {
            pieces += often.advance(to: Self.start + Int64(step) * Self.second / 100 + 3)
        }
        #expect(messages == pieces)
        for (earlier, later) in zip(messages, messages.dropFirst()) {
            #expect(earlier.receivedAt < later.receivedAt && earlier.sentAt <= later.sentAt)
        }
        #expect(messages.allSatisfy { $0.receivedAt - $0.sentAt >= 38_000_000 })
        #expect(messages.allSatisfy { $0.receivedAt % 1_000 == 0 })
    }

    /// The keys of the first message of each stream.
    private func shapes(_ feed: SimulatedFeed) throws -> [String: [String]] {
        var simulator = BinanceSimulator(seed: 1, start: Self.start, feed: feed, assets: [.btc])
        _ = simulator.connect(at: Self.start)
        var seen: [String: [String]] = [:]
        for message in simulator.advance(to: Self.start + 5 * Self.second) {
            let object = try jsonObject(message.bytes)
            let stream = try #require(object["stream"] as? String)
            let data = try #require(object["data"] as? [String: Any])
            let kind = stream.split(separator: "@", maxSplits: 1)[1]
            seen[String(kind)] = data.keys.sorted()
        }
        return seen
    }
}
