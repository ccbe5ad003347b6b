import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

@Suite("Simulated: Kraken")
struct SimulatedKrakenTests {
    static let start = SimulatedSession.defaultStart
    static let second: Int64 = 1_000_000_000

    private func text(_ messages: [SimulatedMessage]) -> [String] {
        messages.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    private func send(_ text: String, _ simulator: inout KrakenSimulator) -> [String] {
        self.text(simulator.receive(Array(text.utf8)))
    }

    private func request(
        _ method: String, _ channel: String, _ symbols: String = "", depth: Int? = nil
    ) -> String {
        let depth = depth.map { ",\"depth\":\($0)" } ?? ""
        return "{\"method\":\"\(method)\",\"params\":{\"channel\":\"\(channel)\",\"symbol\":"
            + "[\(symbols)]\(depth)},\"req_id\":7}"
    }

    /// The levels of one side of a message, as text.
    private func levels(_ side: String, _ text: String) -> [KrakenVenueBook.Level] {
        guard let tail = text.components(separatedBy: "\"\(side)\":[").dropFirst().first,
            let list = tail.components(separatedBy: "]").first
        else { return [] }
        return list.components(separatedBy: "{\"price\":").dropFirst().map {
            let numbers = $0.components(separatedBy: ",\"qty\":")
            return (numbers[0], String(numbers[1].prefix { $0 != "}" }))
        }
    }

    @Test("a connection is greeted, and nothing flows before it is subscribed")
    func greeting() throws {
        var simulator = KrakenSimulator(seed: 3, start: Self.start)
        let opening = text(simulator.open(at: Self.start + Self.second))
        #expect(opening.count == 1)
        #expect(opening[0].hasPrefix("{\"channel\":\"status\",\"type\":\"update\""))
        let id = opening[0].components(separatedBy: "\"connection_id\":")[1].prefix { $0 != "}" }
        #expect(try #require(UInt64(id)) > 1 << 63)
        #expect(simulator.advance(to: Self.start + 4 * Self.second).isEmpty)
        #expect(simulator.address == "wss://ws.kraken.com/v2")
    }

    @Test("each pair of a request has its own answer, and the snapshots follow")
    func opening() {
        var simulator = KrakenSimulator(seed: 3, start: Self.start, assets: [.btc, .eth])
        let all = text(simulator.connect(at: Self.start + Self.second))
        let kinds = all.map { message in
            ["method", "channel"].first { message.hasPrefix("{\"\($0)\"") }.map {
                String(message.dropFirst($0.count + 5).prefix { $0 != "\"" })
            } ?? message
        }
        #expect(
            kinds == [
                "status", "subscribe", "instrument", "subscribe", "subscribe", "book", "book",
                "subscribe", "subscribe", "trade", "trade",
            ])
        #expect(
            all[3].hasPrefix(
                "{\"method\":\"subscribe\",\"result\":{\"channel\":\"book\",\"depth\":1000,"
                    + "\"snapshot\":true,\"symbol\":\"BTC/USD\"},\"success\":true,\"time_in\":"))
        #expect(
            simulator.subscribeMessages
                == KrakenAdapter(connection: 0, instruments: InstrumentTable()).subscriptions(
                    symbols: simulator.symbols.map { Array($0.utf8) }))
    }

    @Test(
        "at every depth the levels on the wire, cut by the reader, are the best ones of the book",
        arguments: [10, 25, 100], [UInt64(1), 77])
    func cut(depth: Int, seed: UInt64) throws {
        var simulator = KrakenSimulator(seed: seed, start: Self.start, assets: [.btc])
        _ = simulator.open(at: Self.start)
        let subscription = request("subscribe", "book", "\"BTC/USD\"", depth: depth)
        let answers = send(subscription, &simulator)
        #expect(answers.count == 2)
        var book = KrakenVenueBook(depth: depth)
        book.set(bids: levels("bids", answers[1]), asks: levels("asks", answers[1]))
        for second in 1...4 {
            let time = Self.start + Int64(second) * Self.second
            for message in text(simulator.advance(to: time)) where message.contains("\"book\"") {
                book.set(bids: levels("bids", message), asks: levels("asks", message))
                #expect(message.contains("\"checksum\":\(book.checksum),"))
            }
            let root = try jsonObject(try #require(simulator.snapshot(symbol: "BTC/USD")))
            let result = try #require(root["result"] as? [String: [String: [[Any]]]])
            let truth = try #require(result["BTC/USD"])
            #expect(book.bids.map(\.price) == rows(truth["bids"], 0, depth))
            #expect(book.asks.map(\.size) == rows(truth["asks"], 1, depth))
        }
    }

    @Test("a view tells what happens inside its depth, what comes back into it, and nothing else")
    func view() {
        for seed in UInt64(1)...8 {
            var random = SeededRandom(seed: seed)
            var book = SimulatedBook(
                asset: .btc, feed: .krakenSpot, seed: seed, start: Self.start)
            var view = SimulatedKrakenView(depth: 10, book)
            var held = book.bids.levels(limit: 10)
            var returned = 0
            for _ in 0..<400 {
                for _ in 0...(random.next() % 3) {
                    let rank = Int(random.next() % 25)
                    let key = book.bids.keys[book.bids.count - 1 - rank]
                    let isGone = random.next() % 2 == 0
                    book.set(isGone ? key : key - 1, size: isGone ? 0 : 7, on: .bid)
                    book.set(key + Int64(random.next() % 2), size: Int64(seed), on: .bid)
                }
                guard let window = book.takeWindow() else { continue }
                let before = held
                let told = view.changes(window, book)
                #expect(told.asks.isEmpty)
                for level in told.bids {
                    let isInside = level.size == 0 || book.bids.levels(limit: 10).contains(level)
                    #expect(isInside, "seed \(seed)")
                    held.removeAll { $0.price == level.price }
                    if level.size > 0 { held.append(level) }
                    let isChanged = window.bids.contains { $0.price == level.price }
                    if !isChanged, !before.contains(level) { returned += 1 }
                }
                held = Array(held.sorted { $0.price > $1.price }.prefix(10))
                #expect(held == book.bids.levels(limit: 10), "seed \(seed)")
            }
            #expect(returned > 20)
        }
    }

    private func rows(_ side: [[Any]]?, _ part: Int, _ depth: Int) -> [String] {
        (side ?? []).prefix(depth).compactMap { $0[part] as? String }
    }

    @Test(
        "read by the real adapter, the books are the simulator's own, every second",
        arguments: [10, 1_000], [UInt64(1), 77])
    func adapter(depth: Int, seed: UInt64) throws {
        var simulator = KrakenSimulator(seed: seed, start: Self.start)
        let reader = SimulatedReader(.kraken)
        reader.receive(simulator.open(at: Self.start))
        let symbols = simulator.symbols.map { "\"\($0)\"" }.joined(separator: ",")
        for text in [
            request("subscribe", "instrument"), request("subscribe", "trade", symbols),
            request("subscribe", "book", symbols, depth: depth),
        ] {
            reader.receive(simulator.receive(Array(text.utf8)))
        }
        for second in 1...8 {
            reader.receive(simulator.advance(to: Self.start + Int64(second) * Self.second))
            for symbol in simulator.symbols {
                let book = try #require(reader.book(symbol))
                let root = try jsonObject(try #require(simulator.snapshot(symbol: symbol)))
                let result = try #require(root["result"] as? [String: [String: [[Any]]]])
                let truth = try #require(result[symbol])
                for (name, side) in [("bids", book.bids), ("asks", book.asks)] {
                    let all = zip(rows(truth[name], 0, depth), rows(truth[name], 1, depth))
                    let expected = all.map {
                        PriceLevel(
                            price: mantissa($0, book.priceExponent),
                            size: mantissa($1, book.sizeExponent))
                    }
                    #expect(side.top(.max) == expected, "\(symbol) \(name), second \(second)")
                }
                #expect(book.crossed == 0 && book.validity == .live)
            }
        }
        let checked = reader.books.values.reduce(0) { $0 + $1.checksumsPassed }
        #expect(checked > 800)
        #expect(reader.books.values.allSatisfy { $0.checksumsFailed == 0 && $0.trades > 3 })
        #expect(reader.rejected == 0 && reader.commands.isEmpty)
        print("kraken simulated, depth \(depth), seed \(seed): \(checked) checksums passed")
    }

    private func mantissa(_ text: String, _ exponent: UInt8) -> Int64 {
        (try? DecimalText.parse(Array(text.utf8)))?.mantissa(at: exponent) ?? -1
    }

    @Test("a book whose checksum was wrong is subscribed anew and is right again")
    func lie() throws {
        var simulator = KrakenSimulator(seed: 5, start: Self.start, assets: [.btc])
        let reader = SimulatedReader(.kraken)
        reader.receive(simulator.connect(at: Self.start))
        var messages = simulator.advance(to: Self.start + Self.second)
        let index = try #require(
            messages.firstIndex { LineFaults.withWrongChecksum($0.bytes) != $0.bytes })
        messages[index].bytes = LineFaults.withWrongChecksum(messages[index].bytes)
        reader.receive(messages)
        let book = try #require(reader.book("BTC/USD"))
        #expect(book.checksumsFailed == 1 && book.messagesApplied == 1)
        #expect(reader.commands.count == 1)
        for case .resubscribe(_, let requests) in reader.commands {
            for request in requests { reader.receive(simulator.receive(request)) }
        }
        #expect(book.snapshots == 2)
        reader.receive(simulator.advance(to: Self.start + 2 * Self.second))
        #expect(book.checksumsFailed == 1 && book.messagesApplied > 20)
    }

    @Test("what cannot be done is refused in the venue's way, and garbage too")
    func refusals() {
        var simulator = KrakenSimulator(seed: 3, start: Self.start, assets: [.btc])
        #expect(send("{}", &simulator).isEmpty, "there is no connection")
        _ = simulator.open(at: Self.start)
        func error(_ text: String) -> String {
            let answers = send(text, &simulator)
            guard answers.count == 1, let answer = try? jsonObject(Array(answers[0].utf8)),
                answer["success"] as? Bool == false
            else { return "\(answers)" }
            return answer["error"] as? String ?? ""
        }
        let pair = "\"BTC/USD\""
        #expect(
            error(request("subscribe", "book", "\"A/B\"")) == "Currency pair not supported A/B")
        #expect(
            error(request("subscribe", "book", pair, depth: 11)) == "Depth not supported BTC/USD")
        #expect(error(request("unsubscribe", "book", pair)) == "Subscription Not Found BTC/USD")
        #expect(send(request("subscribe", "book", pair, depth: 25), &simulator).count == 2)
        #expect(error(request("subscribe", "book", pair)) == "Already subscribed BTC/USD")
        #expect(
            error(request("unsubscribe", "book", pair, depth: 10))
                == "Subscription Not Found BTC/USD")
        #expect(send(request("unsubscribe", "book", pair, depth: 25), &simulator).count == 1)
        #expect(error(request("unsubscribe", "trade", pair)) == "Subscription Not Found BTC/USD")
        #expect(error(request("subscribe", "ohlc", pair)) == "Channel not supported")
        #expect(error(request("subscribe", "book")) == "Symbol(s) not found")
        #expect(error(request("unsubscribe", "instrument")) == "Subscription Not Found")
        #expect(error(request("add_order", "book", pair)) == "Method not supported")
        for text in [
            "", "x", "{", "[]", "{\"method\":5}", "{\"method\":\"subscribe\",\"params\":5}",
        ] {
            #expect(error(text) == "Malformed request", "\(text)")
        }
        var random = SeededRandom(seed: 4)
        let whole = Array(request("subscribe", "trade", pair).utf8)
        for count in 0..<whole.count {
            let text = String(decoding: whole.prefix(count), as: UTF8.self)
            #expect(error(text) == "Malformed request", "\(text)")
        }
        for _ in 0..<2_000 {
            var message = whole
            message[Int(random.next() % UInt64(whole.count))] = UInt8(
                truncatingIfNeeded: random.next())
            for answer in simulator.receive(message) { _ = answer.bytes.count }
        }
    }

    @Test("only what is subscribed flows, with a heartbeat each second from the first one on")
    func flow() {
        var simulator = KrakenSimulator(seed: 3, start: Self.start)
        _ = simulator.open(at: Self.start)
        #expect(
            send("{\"method\":\"ping\",\"req_id\":42}", &simulator)[0].hasSuffix("\"req_id\":42}"))
        #expect(simulator.advance(to: Self.start + 2 * Self.second).isEmpty)
        let trades = send(request("subscribe", "trade", "\"ETH/USD\""), &simulator)
        #expect(trades.count == 2 && trades[0].hasSuffix(",\"req_id\":7}"))
        let flow = text(simulator.advance(to: Self.start + 12 * Self.second))
        #expect(flow.count { $0 == "{\"channel\":\"heartbeat\"}" } == 10)
        let others = flow.filter { !$0.contains("heartbeat") }
        #expect(others.count > 5)
        #expect(others.allSatisfy { $0.contains("\"trade\"") && $0.contains("ETH/USD") })
        _ = send(request("unsubscribe", "trade", "\"ETH/USD\""), &simulator)
        let quiet = text(simulator.advance(to: Self.start + 15 * Self.second))
        #expect(quiet.count == 3)
        simulator.disconnect()
        #expect(simulator.advance(to: Self.start + 17 * Self.second).isEmpty)
        #expect(simulator.open(at: Self.start + 17 * Self.second).count == 1)
        #expect(simulator.advance(to: Self.start + 19 * Self.second).isEmpty)
    }

    @Test("the same seed gives the same bytes, whoever is connected, and the session is golden")
    func determinism() {
        var first = KrakenSimulator(seed: 8, start: Self.start)
        var second = KrakenSimulator(seed: 8, start: Self.start)
        let messages = first.connect(at: Self.start) + first.advance(to: Self.start + Self.second)
        #expect(
            messages
                == second.connect(at: Self.start) + second.advance(to: Self.start + Self.second))
        var alone = KrakenSimulator(seed: 8, start: Self.start)
        _ = alone.advance(to: Self.start + Self.second)
        #expect(alone.snapshot(symbol: "ETH/USD") == first.snapshot(symbol: "ETH/USD"))
        #expect(alone.snapshot(symbol: "XRP/USD") == nil)
        var digest = SHA256()
        SimulatedSession(durationNanos: 2 * Self.second, feeds: [.krakenSpot]).run {
            digest.update($0 + [0x0a])
        }
        #expect(
            digest.finish() == "efce55249f390a765761e4b6636c4fdb6f118b4a67188d2d5993ec611e7f180c")
    }
}
