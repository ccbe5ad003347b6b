import Engine
import Testing

@testable import Venues

/// JSON objects have no order: a message says the same however its keys stand.
@Suite("Keys: every order of a message's keys gives the same event")
struct KeyOrderTests {
    /// What the instrument's scale is before the message, by a level that needs it.
    static let scales = [
        Scale(price: 2, size: 2, level: "[\"97.00\",\"5.00\"]"),
        Scale(price: 2, size: 8, level: "[\"97.00\",\"5.00000001\"]"),
        Scale(price: 5, size: 3, level: "[\"97.00001\",\"5.001\"]"),
    ]

    struct Scale: CustomTestStringConvertible, Sendable {
        let price: Int
        let size: Int
        let level: String
        var testDescription: String { "\(price),\(size)" }
    }

    /// Levels of the message: bids, then asks; both coarse, or one finer than all scales.
    private static let sides = [
        ("[[\"98.00\",\"7.00\"]]", "[[\"102.00\",\"9.00\"]]"),
        ("[[\"98.00\",\"7.00\"]]", "[[\"102.000001\",\"9.000000001\"]]"),
        ("[[\"98.000001\",\"7.000000001\"],[\"97.5\",\"1\"]]", "[[\"102.00\",\"9.00\"]]"),
        ("[]", "[[\"102.00\",\"9.00\"]]"),
    ]

    private func permutations(_ keys: [String]) -> [[String]] {
        if keys.count < 2 { return [keys] }
        return keys.indices.flatMap { index -> [[String]] in
            var rest = keys
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }

    private func object(_ members: [String]) -> String {
        "{" + members.joined(separator: ",") + "}"
    }

    /// Feeds every text to an adapter of its own and compares what they give.
    private func expectEqual(
        _ texts: [String], rest url: String? = nil, _ words: [String],
        _ bench: () -> AdapterBench
    ) {
        var first: (events: [EventBody], text: String)?
        for text in texts {
            let bench = bench()
            #expect(bench.feed(text, rest: url) == .used, "\(text)")
            guard let known = first else {
                first = (bench.events, text)
                #expect(bench.words.last == words.last, "\(text)")
                continue
            }
            #expect(bench.events == known.events, "\(text) is not \(known.text)")
        }
    }

    /// An instrument of this scale whose book is live.
    private func live(_ venue: Venue, _ scale: Scale) -> AdapterBench {
        let bench = AdapterBench(venue)
        _ = bench.snapshot(160, bids: scale.level)
        let isFutures = venue == .binanceUSDM
        #expect(bench.delta(160, 161, previous: isFutures ? 160 : nil) == .used)
        return bench
    }

    private func depth(_ bids: String, _ asks: String) -> [String] {
        [
            "\"e\":\"depthUpdate\"", "\"E\":1700000000002", "\"s\":\"BTCUSDT\"", "\"U\":162",
            "\"u\":162", "\"b\":\(bids)", "\"a\":\(asks)",
        ]
    }

    @Test("a delta of Binance", arguments: scales)
    func depthUpdate(scale: Scale) {
        for (bids, asks) in KeyOrderTests.sides.prefix(1) {
            let texts = permutations(depth(bids, asks)).map(object)
            expectEqual(texts, ["delta 162-162"]) { live(.binance, scale) }
        }
        // The order of the others means nothing to the levels.
        for (bids, asks) in KeyOrderTests.sides.dropFirst() {
            let all = depth(bids, asks)
            let texts = permutations([all[2], all[4], all[5], all[6]]).map {
                object($0 + [all[0], all[1], all[3]])
            }
            expectEqual(texts, ["delta 162-162"]) { live(.binance, scale) }
        }
    }

    @Test("a delta of Binance in the envelope of a combined stream", arguments: scales)
    func combined(scale: Scale) {
        for (bids, asks) in KeyOrderTests.sides {
            let all = depth(bids, asks)
            let texts = permutations([all[2], all[4], all[5], all[6]]).flatMap { part in
                let data = "\"data\":" + object([all[0], all[1], all[3]] + part)
                return permutations([data, "\"stream\":\"btcusdt@depth@100ms\""]).map(object)
            }
            expectEqual(texts, ["delta 162-162"]) { live(.binance, scale) }
        }
    }

    @Test("a delta of futures", arguments: scales)
    func futures(scale: Scale) {
        for (bids, asks) in KeyOrderTests.sides {
            let all = depth(bids, asks)
            let texts = permutations([all[2], "\"pu\":161", all[5], all[6]]).map {
                object([all[0], "\"T\":1700000000001"] + $0 + [all[1], all[3], all[4]])
            }
            expectEqual(texts, ["delta 162-162"]) { live(.binanceUSDM, scale) }
        }
    }

    @Test(
        "a snapshot of Binance, by request and on a stream, whose symbol may come late",
        arguments: scales)
    func snapshot(scale: Scale) {
        for (bids, asks) in KeyOrderTests.sides {
            let parts = [
                "\"lastUpdateId\":200", "\"bids\":\(bids)", "\"asks\":\(asks)",
                "\"s\":\"BTCUSDT\"",
            ]
            let bridging: () -> AdapterBench = {
                let bench = AdapterBench()
                _ = bench.snapshot(160, bids: scale.level)
                return bench
            }
            let url = "/api/v3/depth?symbol=BTCUSDT&limit=1000"
            expectEqual(
                permutations(parts).map(object), rest: url, ["snapshot 200"], bridging)
            let streamed = permutations(parts).flatMap { part in
                permutations([
                    "\"data\":" + object(part), "\"stream\":\"btcusdt@depthSnapshot\"",
                ]).map(object)
            }
            expectEqual(streamed, ["snapshot 200"], bridging)
        }
    }

    @Test("the levels of a buffered delta", arguments: scales)
    func buffered(scale: Scale) {
        let all = depth("[[\"98.00\",\"7.00\"]]", "[[\"102.00\",\"9.00\"]]")
        var first: [EventBody]?
        for part in permutations([all[2], all[4], all[5], all[6]]) {
            let bench = AdapterBench()
            _ = bench.feed(object([all[0], all[1], all[3]] + part))
            #expect(bench.snapshot(161, bids: scale.level) == .used)
            #expect(bench.words.last == "delta 162-162")
            if first == nil { first = bench.events }
            #expect(bench.events == first, "\(part)")
        }
    }

    @Test("changes of Coinbase Exchange", arguments: scales)
    func changes(scale: Scale) {
        for (bids, asks) in KeyOrderTests.sides.dropLast() {
            let buy = bids.dropFirst().dropLast().replacing("[\"", with: "[\"buy\",\"")
            let sell = asks.dropFirst().dropLast().replacing("[\"", with: "[\"sell\",\"")
            let parts = [
                "\"type\":\"l2update\"", "\"product_id\":\"BTC-USD\"",
                "\"time\":\"2026-08-09T21:05:48.228568Z\"", "\"changes\":[\(buy),\(sell)]",
            ]
            expectEqual(permutations(parts).map(object), ["delta -1--1"]) {
                let bench = AdapterBench(.coinbase, feed: .exchange)
                _ = bench.feed(
                    "{\"type\":\"snapshot\",\"product_id\":\"BTC-USD\",\"bids\":[\(scale.level)],"
                        + "\"asks\":[]}")
                #expect(bench.words.first == "define \(scale.price),\(scale.size)")
                return bench
            }
        }
    }

    @Test("a delta of Bybit", arguments: scales)
    func bybit(scale: Scale) {
        for (bids, asks) in KeyOrderTests.sides {
            let data = ["\"s\":\"BTCUSDT\"", "\"b\":\(bids)", "\"a\":\(asks)", "\"u\":162"]
            let texts = permutations(data).flatMap { part in
                permutations([
                    "\"topic\":\"orderbook.50.BTCUSDT\"", "\"type\":\"delta\"",
                    "\"data\":" + object(part + ["\"seq\":7"]),
                ]).map { object($0 + ["\"ts\":1700000000002", "\"cts\":1700000000001"]) }
            }
            expectEqual(texts, ["delta 162-162"]) {
                let bench = AdapterBench(.bybit)
                _ = bench.feed(BybitMessage.book("snapshot", 161, seq: 6, bids: scale.level))
                #expect(bench.words.first == "define \(scale.price),\(scale.size)")
                return bench
            }
        }
    }

    @Test("updates of Coinbase Advanced Trade", arguments: scales)
    func updates(scale: Scale) {
        let words = scale.level.split(separator: "\"").map(String.init)
        func message(_ sequence: Int, _ event: [String]) -> [String] {
            [
                "\"channel\":\"l2_data\"", "\"sequence_num\":\(sequence)",
                "\"events\":[\(object(event))]",
            ]
        }
        func event(_ type: String, _ price: String, _ size: String) -> [String] {
            [
                "\"type\":\"\(type)\"", "\"product_id\":\"BTC-USD\"",
                "\"updates\":[{\"side\":\"bid\",\"price_level\":\"\(price)\","
                    + "\"new_quantity\":\"\(size)\"}]",
            ]
        }
        let texts = permutations(event("update", "98.00", "7.00")).flatMap {
            permutations(message(1, $0)).map(object)
        }
        expectEqual(texts, ["delta 1-1"]) {
            let bench = AdapterBench(.coinbase)
            _ = bench.feed(object(message(0, event("snapshot", words[1], words[3]))))
            #expect(bench.words.first == "define \(scale.price),\(scale.size)")
            return bench
        }
    }
}
