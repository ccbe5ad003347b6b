import Engine
import TestSupport
import Testing

@testable import Venues

@Suite("Bybit: what cannot be read")
struct BybitDamageTests {
    private func live() -> AdapterBench {
        let bench = AdapterBench(.bybit, market: .linear)
        for symbol in ["BTCUSDT", "ETHUSDT"] {
            _ = bench.feed(BybitMessage.book("snapshot", 100, seq: 500, symbol: symbol))
        }
        return bench
    }

    private static let delta = BybitMessage.book(
        "delta", 101, seq: 501, bids: "[\"99.00\",\"1.00\"],[\"98.5\",\"0\"]",
        asks: "[\"102.00\",\"3.00\"]", cts: 1_700_000_000_001)

    @Test(
        "a delta that cannot be read makes its book invalid, and no other",
        arguments: [
            ("\"99.00\"", "\"99.0x\"", "badNumber", "parse"),
            ("\"99.00\"", "\"-99.00\"", "outOfRange", "overflow"),
            ("\"99.00\"", "\"0\"", "outOfRange", "overflow"),
            ("\"99.00\"", "\"99.1234567890123\"", "outOfRange", "overflow"),
            ("\"u\":101,", "", "missingField", "parse"),
            ("\"u\":101", "\"u\":-4", "outOfRange", "overflow"),
            ("\"u\":101", "\"u\":1.5", "badNumber", "parse"),
            ("\"seq\":501", "\"seq\":-7", "outOfRange", "overflow"),
            ("\"b\":[", "\"c\":[", "missingField", "parse"),
            ("\"type\":\"delta\"", "\"type\":\"other\"", "unknownMessage", "parse"),
            ("\"ts\":1700000000002", "\"ts\":-2", "badNumber", ""),
            ("\"cts\":1700000000001", "\"cts\":-1", "badNumber", "parse"),
            ("\"s\":\"BTCUSDT\",", "", "missingField", "parse"),
            ("orderbook.50", "orderbook.51", "unknownMessage", "parse"),
            ("orderbook.50", "orderbook.x", "unknownMessage", "parse"),
            ("}", "},", "malformed", "parse"),
        ])
    func unreadable(part: String, wrong: String, reason: String, state: String) {
        let bench = live()
        let outcome = bench.feed(BybitDamageTests.delta.replacing(part, with: wrong))
        if state.isEmpty {
            // The system's time is not read where the matching engine's stands.
            return #expect(outcome == .used)
        }
        guard case .rejected(let why) = outcome else { return #expect(Bool(false), "\(outcome)") }
        #expect("\(why)" == reason)
        #expect(bench.words == ["rejected \(reason)", "invalid(\(state))"])
        #expect(bench.commands.count == 1)
        let other = BybitMessage.book("delta", 101, seq: 501, symbol: "ETHUSDT")
        #expect(bench.feed(other) == .used)
        #expect(
            bench.feed(BybitMessage.book("delta", 102, seq: 502)) == .unused(.waitingForSnapshot))
        #expect(bench.feed(BybitMessage.book("snapshot", 102, seq: 502)) == .used)
    }

    @Test("a message that names two symbols, or none that can be read, makes every book invalid")
    func whichBook() {
        for text in [
            BybitDamageTests.delta.replacing("\"s\":\"BTCUSDT\"", with: "\"s\":\"ETHUSDT\""),
            BybitDamageTests.delta.replacing("\"topic\"", with: "\"subject\""),
            BybitDamageTests.delta.replacing("\"orderbook.50.BTCUSDT\"", with: "7"),
            "{\"topic\":\"orderbook.50.BTC", "", "[]", "7", "{}",
        ] {
            let bench = live()
            guard case .rejected = bench.feed(text) else { return #expect(Bool(false), "\(text)") }
            #expect(
                bench.words.dropFirst() == ["invalid(parse)", "invalid(parse)"], "\(text)")
            #expect(bench.commands.count == 2)
        }
    }

    @Test("a message about something else that cannot be read leaves the books alone")
    func harmless() {
        for text in [
            BybitMessage.trades([BybitMessage.trade("1", price: "-1")]),
            BybitMessage.trades([]), "{\"topic\":\"publicTrade.BTCUSDT\",\"data\":[",
            BybitMessage.ticker("snapshot", [("markPrice", "x")]),
            BybitMessage.ticker("other", [("markPrice", "1")]),
            "{\"success\":true,\"ret_msg\":\"subscribe\",\"conn_id\"", "{\"op\":\"subscribe\"}",
            "{\"topic\":\"orderBookL2_25.BTCUSD\",\"type\":\"snapshot\",\"data\":[]}",
        ] {
            let bench = live()
            guard case .rejected = bench.feed(text) else { return #expect(Bool(false), "\(text)") }
            #expect(bench.words.count == 1, "\(text)")
            #expect(bench.commands.isEmpty)
            #expect(bench.feed(BybitDamageTests.delta) == .used)
        }
    }

    @Test("a symbol that nobody can name rejects its own message only")
    func unknownSymbol() {
        let bench = live()
        for symbol in ["?", "BTC-XYZ", String(repeating: "A", count: 60) + "USDT"] {
            guard case .rejected = bench.feed(BybitMessage.book("snapshot", 1, symbol: symbol))
            else { return #expect(Bool(false), "\(symbol)") }
            #expect(bench.words.count == 1 && bench.commands.isEmpty, "\(symbol)")
        }
        #expect(bench.feed(BybitDamageTests.delta) == .used)
    }

    @Test("every prefix of a message is rejected")
    func prefixes() {
        let messages = [
            BybitDamageTests.delta, BybitMessage.trades([BybitMessage.trade("22")]),
            BybitMessage.ticker("snapshot", [("markPrice", "7.5"), ("fundingRate", "0.0001")]),
            "{\"topic\":\"allLiquidation.BTCUSDT\",\"type\":\"snapshot\",\"ts\":1739502303204,"
                + "\"data\":[{\"T\":1739502302929,\"s\":\"BTCUSDT\",\"S\":\"Sell\",\"v\":\"20\","
                + "\"p\":\"0.04499\"}]}",
            "{\"success\":true,\"ret_msg\":\"pong\",\"conn_id\":\"0970e817\",\"op\":\"ping\"}",
        ]
        for message in messages {
            let bytes = Array(message.utf8)
            let whole = live().feed(bytes: bytes)
            if case .rejected = whole { #expect(Bool(false), "\(message)") }
            for count in bytes.indices {
                guard case .rejected = live().feed(bytes: Array(bytes[..<count])) else {
                    return #expect(Bool(false), "\(count) of \(message)")
                }
            }
        }
    }

    @Test("any damage ends as an outcome, and no book is live behind an unreadable delta")
    func damage() {
        var random = SeededRandom(seed: 12)
        var rejected = 0
        var invalid = 0
        for _ in 0..<3_000 {
            var bytes = Array(BybitDamageTests.delta.utf8)
            bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(
                truncatingIfNeeded: random.next())
            let bench = live()
            guard case .rejected = bench.feed(bytes: bytes) else { continue }
            rejected += 1
            let text = String(decoding: bytes, as: UTF8.self)
            // The topic itself may have become another one, which is nobody's book.
            guard text.contains("\"topic\":\"orderbook.50.BTCUSDT\"") else { continue }
            #expect(bench.words.contains { $0.hasPrefix("invalid") }, "\(text): \(bench.words)")
            invalid += 1
        }
        #expect(rejected > 1_000 && invalid > 500)
    }
}
