import Engine
import Testing

@testable import Venues

@Suite("Coinbase: a snapshot that was lost")
struct MissingSnapshotTests {
    private func text(_ feed: CoinbaseFeed, _ type: String, _ sequence: Int) -> String {
        if feed == .advanced {
            return "{\"channel\":\"l2_data\",\"sequence_num\":\(sequence),\"events\":[{\"type\":"
                + "\"\(type)\",\"product_id\":\"BTC-USD\",\"updates\":[]}]}"
        }
        let levels = type == "update" ? "\"changes\":[]" : "\"bids\":[],\"asks\":[]"
        return "{\"type\":\"\(type == "update" ? "l2update" : type)\","
            + "\"product_id\":\"BTC-USD\",\(levels)}"
    }

    @Test(
        "costs a new connection when deltas come for 10 s without it, three times at most",
        arguments: [CoinbaseFeed.exchange, .advanced])
    func newConnection(feed: CoinbaseFeed) {
        let bench = AdapterBench(.coinbase, feed: feed)
        var asked = 0
        for connection in 1...5 {
            #expect(bench.feed(text(feed, "snapshot", 0).replacing("[]", with: "[1")) != .used)
            for sequence in 1...31 {
                bench.now += 399_000_000
                let outcome = bench.feed(text(feed, "update", sequence))
                #expect(outcome == .unused(.waitingForSnapshot))
                asked += bench.commands.count
                let isDue = connection <= 3 && sequence > 26
                #expect(asked == min(3, isDue ? connection : connection - 1))
            }
            bench.connection(.down)
        }
        #expect(bench.feed(text(feed, "snapshot", 0)) == .used)
        #expect(bench.feed(text(feed, "update", 1)) == .used)
        bench.connection(.down)
        #expect(bench.feed(text(feed, "update", 0)) == .unused(.waitingForSnapshot))
        bench.now += 11_000_000_000
        #expect(bench.feed(text(feed, "update", 1)) == .unused(.waitingForSnapshot))
        #expect(bench.commands == [.reconnect(afterNanos: 0)])
    }

    @Test("costs nothing when the instrument cannot be defined")
    func undefinable() {
        let bench = AdapterBench(.coinbase, feed: .exchange)
        for index in 0..<Limits.instrumentsMax {
            let product = "A\(index)-USD"
            _ = bench.feed(text(.exchange, "snapshot", 0).replacing("BTC-USD", with: product))
        }
        #expect(bench.feed(text(.exchange, "snapshot", 0)) == .rejected(.tooLarge))
        for _ in 0..<3 {
            bench.now += 11_000_000_000
            #expect(bench.feed(text(.exchange, "update", 0)) == .unused(.waitingForSnapshot))
            #expect(bench.commands.isEmpty)
        }
    }
}
