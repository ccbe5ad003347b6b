import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

@Suite("Simulated: Bybit")
struct SimulatedBybitTests {
    static let second: Int64 = 1_000_000_000

    private func subscription(_ topics: [String], op: String = "subscribe") -> [UInt8] {
        let list = topics.map { "\"\($0)\"" }.joined(separator: ",")
        return Array("{\"req_id\":\"7\",\"op\":\"\(op)\",\"args\":[\(list)]}".utf8)
    }

    private func texts(_ messages: [SimulatedMessage]) -> [String] {
        messages.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test(
        "at every second the adapter's book is the venue's, in every level of the depth",
        arguments: [1, 50, 200, 1_000], [UInt64(1), 77])
    func equal(depth: Int, seed: UInt64) throws {
        let line = BybitLine(seed: seed)
        line.open([
            subscription(line.simulator.symbols.map { "orderbook.\(depth).\($0)" })
        ])
        for _ in 0..<8 {
            line.advance(by: Self.second)
            for symbol in line.simulator.symbols {
                #expect(try line.isTrue(symbol, depth: depth), "\(symbol) at \(line.time)")
                #expect(line.book(symbol).crossed == 0 && line.book(symbol).statuses.isEmpty)
            }
        }
        #expect(line.outcomes.keys.allSatisfy { !$0.hasPrefix("rejected") }, "\(line.outcomes)")
        let snapshots = line.books.values.map(\.snapshots)
        #expect(depth == 1 ? snapshots.allSatisfy { $0 > 20 } : snapshots == [1, 1, 1])
        // The venue does not delete everything that falls out: the adapter's events do.
        let added = line.books.values.reduce(0) { $0 + $1.levelsApplied } - line.levelsSent
        #expect(depth == 50 || depth == 200 ? added > 10 : added == 0, "\(added)")
        print("bybit \(depth), seed \(seed): \(line.outcomes)")
    }

    @Test("the adapter's own subscriptions are understood, and the window of 50 bps is covered")
    func own() throws {
        let line = BybitLine(seed: 5)
        let symbols = line.simulator.symbols
        let requests = line.adapter.subscriptions(symbols: symbols.map { Array($0.utf8) })
        #expect(requests == line.simulator.subscribeMessages)
        line.open(requests)
        for _ in 0..<20 { line.advance(by: Self.second) }
        #expect(line.outcomes["unused(Venues.UnusedReason.subscriptionAnswer)"] == requests.count)
        #expect(line.outcomes["unused(Venues.UnusedReason.duplicate)"] == nil)
        #expect(line.trades > 50)
        for symbol in symbols {
            #expect(try line.isTrue(symbol, depth: 1_000))
            let book = line.book(symbol)
            let best = book.bids.top(1)[0].price
            let worst = try #require(book.bids.top(.max).last?.price)
            #expect((best - worst) * 10_000 > best * 50, "\(symbol)")
            let bestAsk = book.asks.top(1)[0].price
            let worstAsk = try #require(book.asks.top(.max).last?.price)
            #expect((worstAsk - bestAsk) * 10_000 > bestAsk * 50, "\(symbol)")
        }
    }

    @Test("the adapter's way out of a gap is understood: unsubscribe, subscribe, snapshot")
    func wayOut() throws {
        let line = BybitLine(seed: 9, assets: [.btc])
        line.open(line.simulator.subscribeMessages)
        line.advance(by: Self.second)
        let last = line.book("BTCUSDT").lastID
        _ = line.simulator.advance(to: line.time + Self.second)
        line.advance(by: 2 * Self.second)
        #expect(line.book("BTCUSDT").statuses == [.invalid(.gap)])
        #expect(line.book("BTCUSDT").snapshots == 2)
        #expect(line.book("BTCUSDT").lastID > last + 5)
        #expect(try line.isTrue("BTCUSDT", depth: 1_000))
        #expect(line.outcomes["unused(Venues.UnusedReason.errorAnswer)"] == nil)
    }

    @Test("the service begins anew with u 1, and the book follows")
    func restart() throws {
        let line = BybitLine(seed: 2, assets: [.btc, .sol])
        line.open([
            subscription(["orderbook.50.BTCUSDT", "orderbook.1000.SOLUSDT"])
        ])
        line.advance(by: Self.second)
        line.deliver(line.simulator.restart())
        #expect(line.book("BTCUSDT").lastID == 1 && line.book("SOLUSDT").lastID == 1)
        line.advance(by: Self.second)
        #expect(line.book("BTCUSDT").lastID > 5 && line.book("SOLUSDT").lastID == 6)
        #expect(try line.isTrue("BTCUSDT", depth: 50))
        #expect(try line.isTrue("SOLUSDT", depth: 1_000))
        #expect(line.books.values.allSatisfy { $0.statuses.isEmpty && $0.snapshots == 2 })
    }

    @Test("nothing is said before it is asked for, and only what is subscribed flows")
    func subscribed() throws {
        var simulator = BybitSimulator(seed: 3, start: SimulatedSession.defaultStart)
        var time = SimulatedSession.defaultStart
        #expect(simulator.receive(subscription(["publicTrade.BTCUSDT"])).isEmpty)
        #expect(simulator.open(at: time).isEmpty)
        time += 5 * Self.second
        #expect(simulator.advance(to: time).isEmpty)
        let answers = texts(
            simulator.receive(subscription(["orderbook.200.ETHUSDT", "publicTrade.SOLUSDT"])))
        #expect(answers.count == 2)
        #expect(answers[0].hasPrefix("{\"success\":true,\"ret_msg\":\"subscribe\",\"conn_id\":\""))
        #expect(answers[0].hasSuffix("\",\"req_id\":\"7\",\"op\":\"subscribe\"}"))
        #expect(answers[1].hasPrefix("{\"topic\":\"orderbook.200.ETHUSDT\",\"ts\":1767571205000,"))
        time += 5 * Self.second
        func topics() throws -> Set<String> {
            Set(
                try simulator.advance(to: time).map {
                    try #require(try jsonObject($0.bytes)["topic"] as? String)
                })
        }
        #expect(try topics() == ["orderbook.200.ETHUSDT", "publicTrade.SOLUSDT"])
        let end = texts(
            simulator.receive(subscription(["orderbook.200.ETHUSDT"], op: "unsubscribe")))
        #expect(end.count == 1 && end[0].hasPrefix("{\"success\":true,"))
        time += 5 * Self.second
        #expect(try topics() == ["publicTrade.SOLUSDT"])
        simulator.disconnect()
        time += Self.second
        #expect(simulator.advance(to: time).isEmpty)
        _ = simulator.open(at: time)
        time += Self.second
        #expect(simulator.advance(to: time).isEmpty, "a new connection has no subscriptions")
    }

    @Test("the numbers of a stream go on by one, and further while nobody watches")
    func chain() throws {
        var simulator = BybitSimulator(seed: 4, start: SimulatedSession.defaultStart)
        let start = SimulatedSession.defaultStart
        _ = simulator.open(at: start)
        func numbers(_ messages: [SimulatedMessage]) throws -> [(u: Int, seq: Int)] {
            try messages.compactMap { message in
                guard let data = try jsonObject(message.bytes)["data"] as? [String: Any] else {
                    return nil
                }
                return (data["u"] as? Int ?? 0, data["seq"] as? Int ?? 0)
            }
        }
        let topic = ["orderbook.50.BTCUSDT"]
        let first = try numbers(
            simulator.receive(subscription(topic)) + simulator.advance(to: start + Self.second))
        #expect(first.count > 10)
        for (before, after) in zip(first, first.dropFirst()) {
            #expect(after.u == before.u + 1 && after.seq > before.seq)
        }
        _ = simulator.receive(subscription(topic, op: "unsubscribe"))
        _ = simulator.advance(to: start + 2 * Self.second)
        let second = try numbers(simulator.receive(subscription(topic)))
        #expect(second[0].u > first[first.count - 1].u)
        #expect(second[0].seq > first[first.count - 1].seq)
    }

    @Test(
        "a request that the venue refuses is refused whole, with the venue's words",
        arguments: [
            (["orderbook.500.BTCUSDT"], "error:handler not found,topic:orderbook.500.BTCUSDT"),
            (["orderbook.050.BTCUSDT"], "error:handler not found,topic:orderbook.050.BTCUSDT"),
            (["publicTrade.BTCUSDT", "x"], "error:handler not found,topic:x"),
            ([""], "error:handler not found,topic:"),
            (["publicTrade.NOPE"], "Invalid symbol :[publicTrade.NOPE]"),
            (["orderbook.50.NOPE"], "Invalid symbol :[orderbook.50.NOPE]"),
            (
                ["publicTrade.ETHUSDT", "orderbook.1.BTCUSDT"],
                "error:already subscribed,topic:orderbook.1.BTCUSDT"
            ),
            (
                ["publicTrade.ETHUSDT", "publicTrade.ETHUSDT"],
                "error:already subscribed,topic:publicTrade.ETHUSDT"
            ),
            ((0..<11).map { "orderbook.50.X\($0)" }, "args size >10"),
        ])
    func refused(topics: [String], words: String) throws {
        var simulator = BybitSimulator(seed: 3, start: SimulatedSession.defaultStart)
        _ = simulator.open(at: SimulatedSession.defaultStart)
        #expect(simulator.receive(subscription(["orderbook.1.BTCUSDT"])).count == 2)
        let answers = simulator.receive(subscription(topics))
        #expect(answers.count == 1)
        let answer = try jsonObject(answers[0].bytes)
        #expect(answer["success"] as? Bool == false)
        #expect(answer["ret_msg"] as? String == words)
        #expect(answer["req_id"] as? String == "7")
        #expect(AdapterBench(.bybit).feed(bytes: answers[0].bytes) == .unused(.errorAnswer))
        let later = simulator.advance(to: SimulatedSession.defaultStart + Self.second)
        #expect(
            try later.allSatisfy {
                try jsonObject($0.bytes)["topic"] as? String == "orderbook.1.BTCUSDT"
            })
    }

    @Test("a ping is answered, with the client's number where it gave one")
    func ping() throws {
        var simulator = BybitSimulator(seed: 3, start: SimulatedSession.defaultStart)
        _ = simulator.open(at: SimulatedSession.defaultStart)
        let plain = texts(simulator.receive(BybitAdapter.ping))
        #expect(plain.count == 1)
        #expect(plain[0].hasPrefix("{\"success\":true,\"ret_msg\":\"pong\",\"conn_id\":\""))
        #expect(plain[0].hasSuffix("\",\"op\":\"ping\"}") && !plain[0].contains("req_id"))
        let named = texts(simulator.receive(Array("{\"req_id\":\"100001\",\"op\":\"ping\"}".utf8)))
        #expect(named[0].hasSuffix("\",\"req_id\":\"100001\",\"op\":\"ping\"}"))
        for text in plain + named {
            #expect(AdapterBench(.bybit).feed(text) == .unused(.heartbeat))
        }
        let other = texts(simulator.receive(Array("{\"op\":\"dance\"}".utf8)))
        #expect(
            other[0].hasPrefix("{\"success\":false,") && other[0].hasSuffix("\"op\":\"dance\"}"))
    }

    @Test("garbage gets the venue's answer, and never stops it")
    func garbage() throws {
        var simulator = BybitSimulator(seed: 3, start: SimulatedSession.defaultStart)
        _ = simulator.open(at: SimulatedSession.defaultStart)
        let request = subscription(["orderbook.50.BTCUSDT", "publicTrade.ETHUSDT"])
        let broken =
            (0..<request.count).map { Array(request[..<$0]) }
            + ["[]", "7", "\"ping\"", "{\"op\":\"subscribe\",\"args\":[1]}", "{\"op\"}"]
            .map { Array($0.utf8) }
        for message in broken {
            let answers = texts(simulator.receive(message))
            #expect(answers.count == 1)
            #expect(answers[0].hasPrefix("{\"success\":false,\"ret_msg\":\"Failed to decode"))
            #expect(answers[0].hasSuffix("\",\"req_id\":\"\",\"op\":\"\"}"))
        }
        var random = SeededRandom(seed: 6)
        for _ in 0..<3_000 {
            var damaged = request
            for _ in 0..<(1 + random.next() % 3) {
                let at = Int(random.next() % UInt64(damaged.count))
                damaged[at] = UInt8(truncatingIfNeeded: random.next())
            }
            for answer in simulator.receive(damaged) { _ = try jsonObject(answer.bytes) }
        }
    }

    @Test("an unchanged best level comes again after three seconds, with the same number")
    func quiet() throws {
        let start = SimulatedSession.defaultStart
        let book = SimulatedBook(asset: .btc, feed: .bybitSpot, seed: 1, start: start)
        var random = SimulatedRandom(seed: 1, stream: 1)
        var stream = SimulatedBybitStream(index: 0, depth: .one, u: 8)
        func wire(_ after: Int64) -> SimulatedBybitWire {
            SimulatedBybitWire(book: book, sentAt: start + after)
        }
        _ = stream.snapshot(wire(0))
        #expect(stream.flush(wire(2_990_000_000), &random) == nil)
        let again = try #require(stream.flush(wire(3_000_000_000), &random))
        let data = try #require(try jsonObject(again)["data"] as? [String: Any])
        #expect(data["u"] as? Int == 8)
        #expect(stream.flush(wire(5_990_000_000), &random) == nil)
        #expect(stream.flush(wire(6_000_000_000), &random) != nil)
        var moved = book
        moved.set(book.bids.keys[book.bids.count - 1], size: 1, on: .bid)
        _ = stream.flush(SimulatedBybitWire(book: moved, sentAt: start + 6_010_000_000), &random)
        #expect(stream.u == 9)
    }

    @Test("a session beside Binance has two books of the same name and no doubt about them")
    func session() throws {
        var bytes: [UInt8] = []
        SimulatedSession(
            seed: 6, durationNanos: 4 * Self.second, feeds: [.binanceSpot, .bybitSpot],
            assets: [.btc]
        ).run { line in bytes += line + [0x0a] }
        let run = CaptureRun()
        try run.read(bytes: bytes)
        #expect(run.rejections.isEmpty, "\(run.outcomes)")
        let names = run.definitions.values.map {
            "\($0.venue) \(String(decoding: $0.base, as: UTF8.self))"
        }
        #expect(names.sorted() == ["binance BTC", "bybit BTC"])
        #expect(run.books.count == 2)
        #expect(run.books.values.allSatisfy { $0.validity == .live && $0.messagesApplied > 5 })
        let tops = run.books.values.map { $0.topText($0.bids) }
        #expect(tops[0] != tops[1])
        #expect(run.trades("BTCUSDT") > 10)
    }
}
