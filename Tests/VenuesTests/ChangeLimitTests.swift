import Engine
import Testing

@testable import Venues

@Suite("Coinbase Exchange: changes at the limit of a side")
struct ChangeLimitTests {
    /// Changes of one side after the other.
    private func update(_ bids: Int, _ asks: Int, isBidLast: Bool, isOdd: Bool) -> String {
        // An odd one is written in another way than its neighbours and read on its own.
        func change(_ side: String, _ index: Int) -> String {
            isOdd && index % 3 == 0
                ? "[\"\(side)\", \"\(index + 1)\",\"1\"]"
                : "[\"\(side)\",\"\(index + 1).00\",\"1.00\"]"
        }
        let sides = [
            (0..<bids).map { change("buy", $0) }, (0..<asks).map { change("sell", $0 + 100_000) },
        ]
        let all = isBidLast ? sides[1] + sides[0] : sides[0] + sides[1]
        return "{\"type\":\"l2update\",\"product_id\":\"BTC-USD\",\"changes\":["
            + all.joined(separator: ",") + "]}"
    }

    @Test(
        "a side at the limit is taken, whatever the other one has; one level more is not",
        arguments: [true, false], [true, false])
    func limit(isBidLast: Bool, isOdd: Bool) {
        let most = Limits.levelsPerSideMax
        for (bids, asks) in [
            (most, 0), (most, 1), (1, most), (most, most), (most + 1, 0), (0, most + 1),
            (most + 1, most),
        ] {
            let bench = AdapterBench(.coinbase, feed: .exchange)
            _ = bench.feed(
                "{\"type\":\"snapshot\",\"product_id\":\"BTC-USD\",\"bids\":[],\"asks\":[]}")
            let text = update(bids, asks, isBidLast: isBidLast, isOdd: isOdd)
            let outcome = bench.feed(text)
            guard max(bids, asks) <= most else {
                #expect(outcome == .rejected(.tooLarge), "\(bids) and \(asks)")
                #expect(bench.words == ["rejected tooLarge", "invalid(overflow)"])
                continue
            }
            #expect(outcome == .used, "\(bids) and \(asks)")
            guard case .bookDelta(let event)? = bench.events.last else { continue }
            #expect(event.bids.count == bids && event.asks.count == asks)
            #expect(event.bids.last?.price == (bids > 0 ? Int64(bids) * 100 : nil))
            #expect(event.asks.first?.price == (asks > 0 ? 10_000_100 : nil))
        }
    }
}
