import Engine
import Testing

@testable import Venues

@Suite("Instruments that cannot be defined leave the other books alone")
struct UndefinableTests {
    private func levels(_ sequence: Int, _ type: String, _ products: [String]) -> String {
        let events = products.map {
            "{\"type\":\"\(type)\",\"product_id\":\"\($0)\",\"updates\":[{\"side\":\"bid\","
                + "\"price_level\":\"100.5\",\"new_quantity\":\"1.5\"}]}"
        }
        return "{\"channel\":\"l2_data\",\"sequence_num\":\(sequence),\"events\":["
            + events.joined(separator: ",") + "]}"
    }

    private func trades(_ sequence: Int, _ products: [String]) -> String {
        let events = products.enumerated().map {
            "{\"type\":\"update\",\"trades\":[{\"trade_id\":\"\($0 + sequence)\",\"product_id\":"
                + "\"\($1)\",\"price\":\"5\",\"size\":\"1\",\"side\":\"BUY\"}]}"
        }
        return "{\"channel\":\"market_trades\",\"sequence_num\":\(sequence),\"events\":["
            + events.joined(separator: ",") + "]}"
    }

    @Test(
        "a product with a name beyond the limits rejects its own event on Advanced Trade",
        arguments: [49, 60, 124, 125, 200, 4_000])
    func longName(count: Int) {
        let bench = AdapterBench(.coinbase)
        let long = String(repeating: "A", count: count) + "-USD"
        #expect(bench.feed(levels(0, "snapshot", ["BTC-USD"])) == .used)
        #expect(bench.feed(levels(1, "snapshot", [long])) == .rejected(.tooLarge))
        #expect(bench.words == ["rejected tooLarge"])
        let mixed = bench.feed(levels(2, "update", [long, "BTC-USD", long]))
        #expect(mixed == .rejected(.tooLarge))
        #expect(bench.words == ["rejected tooLarge", "delta 2-2"])
        #expect(bench.feed(trades(3, [long, "BTC-USD"])) == .rejected(.tooLarge))
        #expect(bench.words == ["rejected tooLarge", "trade 4 sell"])
        #expect(bench.commands.isEmpty)
    }

    @Test("one product more than a run may have rejects its own event on Advanced Trade")
    func tooMany() {
        let bench = AdapterBench(.coinbase)
        for index in 0..<Limits.instrumentsMax {
            _ = bench.feed(levels(index, "snapshot", ["A\(index)-USD"]))
        }
        var next = Limits.instrumentsMax
        func feed(_ message: (Int) -> String) -> Outcome {
            next += 1
            return bench.feed(message(next - 1))
        }
        #expect(feed { levels($0, "snapshot", ["B-USD"]) } == .rejected(.tooLarge))
        #expect(bench.words == ["rejected tooLarge"])
        let mixed = feed { levels($0, "update", ["B-USD", "A0-USD"]) }
        #expect(mixed == .used, "B-USD has no snapshot, so its update only waits")
        #expect(bench.words == ["delta \(next - 1)-\(next - 1)"])
        #expect(feed { trades($0, ["A1-USD", "B-USD", "A2-USD"]) } == .rejected(.tooLarge))
        #expect(
            bench.words == [
                "trade \(next - 1) sell", "trade \(next + 1) sell", "rejected tooLarge",
            ])
        #expect(bench.commands.isEmpty)
        #expect(feed { levels($0, "snapshot", ["A5-USD"]) } == .used)
    }

    @Test("one product more than a run may have leaves the books of the Exchange feed alone")
    func tooManyOnExchange() {
        let bench = AdapterBench(.coinbase, feed: .exchange)
        func snapshot(_ product: String) -> Outcome {
            bench.feed(
                "{\"type\":\"snapshot\",\"product_id\":\"\(product)\",\"bids\":[],\"asks\":[]}")
        }
        for index in 0..<Limits.instrumentsMax { _ = snapshot("A\(index)-USD") }
        #expect(snapshot("B-USD") == .rejected(.tooLarge))
        #expect(bench.words == ["rejected tooLarge"])
        #expect(bench.commands.isEmpty)
    }

    @Test("a product that is written with escapes may be one of a live book")
    func escapedName() {
        let bench = AdapterBench(.coinbase)
        _ = bench.feed(levels(0, "snapshot", ["BTC-USD"]))
        #expect(bench.feed(levels(1, "update", ["BTC\\u002dUSD"])) == .rejected(.malformed))
        #expect(bench.words == ["rejected malformed", "invalid(parse)"])
    }
}
