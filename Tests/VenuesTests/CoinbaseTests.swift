import Engine
import Testing

@testable import Venues

@Suite("Coinbase: both feeds")
struct CoinbaseTests {
    private func levels(
        _ sequence: Int, _ type: String, _ updates: String, product: String = "BTC-USD"
    )
        -> String
    {
        "{\"channel\":\"l2_data\",\"timestamp\":\"2026-04-07T14:30:00.1Z\",\"sequence_num\":"
            + "\(sequence),\"events\":[{\"type\":\"\(type)\",\"product_id\":\"\(product)\","
            + "\"updates\":[\(updates)]}]}"
    }

    private func level(_ side: String, _ price: String, _ size: String) -> String {
        "{\"side\":\"\(side)\",\"event_time\":\"2026-04-07T14:30:00.123456Z\",\"price_level\":"
            + "\"\(price)\",\"new_quantity\":\"\(size)\"}"
    }

    @Test("a snapshot on the stream is live at once, and a delta follows it")
    func advanced() {
        let bench = AdapterBench(.coinbase)
        let both = level("bid", "68900.00", "1.5") + "," + level("offer", "68901.00", "0.5")
        #expect(bench.feed(levels(0, "update", both)) == .unused(.waitingForSnapshot))
        #expect(bench.feed(levels(1, "snapshot", both)) == .used)
        guard case .bookSnapshot(let event)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(event.flags == [])
        #expect(event.sourceTime == 1_775_572_200_123_456_000)
        #expect(event.bids == [PriceLevel(price: 6_890_000, size: 150)])
        #expect(bench.feed(levels(2, "update", level("bid", "68900.00", "0"))) == .used)
    }

    @Test("a break of sequence_num makes every book of the connection invalid at once")
    func sequenceBreak() {
        let bench = AdapterBench(.coinbase)
        _ = bench.feed(levels(0, "snapshot", level("bid", "1.00", "1")))
        _ = bench.feed(levels(1, "snapshot", level("bid", "2.00", "1"), product: "ETH-USD"))
        #expect(bench.feed(levels(3, "update", level("bid", "1.00", "2"))) == .unused(.gap))
        #expect(bench.words == ["invalid(gap)", "invalid(gap)"])
        #expect(bench.commands.contains(.reconnect(afterNanos: 0)))
        #expect(
            bench.feed(levels(4, "update", level("bid", "1.00", "2")))
                == .unused(.waitingForSnapshot))
        #expect(bench.feed(levels(5, "snapshot", level("bid", "1.00", "3"))) == .used)
    }

    @Test("a malformed level of a snapshot is left out, kept as evidence and reported")
    func malformedLevel() {
        let bench = AdapterBench(.coinbase, feed: .exchange)
        let outcome = bench.feed(
            "{\"type\":\"snapshot\",\"product_id\":\"BTC-USD\",\"bids\":[[\"10.00\",\"0.-10000\"],"
                + "[\"9.00\",\"1\"]],\"asks\":[[\"11.00\",\"2\"]]}")
        #expect(outcome == .usedWithout(levels: 1))
        #expect(bench.words == ["define 2,2", "snapshot -1", "rejected badNumber"])
        guard case .bookSnapshot(let event) = bench.events[1] else { return #expect(Bool(false)) }
        #expect(event.bids == [PriceLevel(price: 900, size: 100)])
    }

    @Test("a change of year 1 has no venue time, and sides may alternate")
    func oddTime() {
        let bench = AdapterBench(.coinbase, feed: .exchange)
        _ = bench.feed(
            "{\"type\":\"snapshot\",\"product_id\":\"BTC-EUR\",\"bids\":[],\"asks\":[]}")
        let outcome = bench.feed(
            "{\"type\":\"l2update\",\"product_id\":\"BTC-EUR\",\"changes\":[[\"buy\",\"2\",\"1\"],"
                + "[\"sell\",\"3\",\"1\"],[\"buy\",\"1\",\"0\"]],"
                + "\"time\":\"0001-01-01T00:00:00.000000Z\"}")
        #expect(outcome == .used)
        guard case .bookDelta(let event)? = bench.events.last else { return #expect(Bool(false)) }
        #expect(event.sourceTime == Timestamp.none)
        #expect(event.bids.map(\.price) == [200, 100])
        #expect(event.asks.map(\.price) == [300])
    }

    @Test("the side of a trade is the maker's, so the taker is the other")
    func takerSide() {
        let bench = AdapterBench(.coinbase, feed: .exchange)
        let match =
            "{\"type\":\"match\",\"trade_id\":5,\"side\":\"buy\",\"size\":\"0.97\",\"price\":"
            + "\"4.978\",\"product_id\":\"ETC-GBP\",\"time\":\"2019-08-01T00:00:03.816000Z\"}"
        #expect(bench.feed(match) == .used)
        #expect(bench.words == ["define 3,2", "trade 5 sell"])
        #expect(bench.feed(match) == .unused(.duplicate))
        #expect(
            bench.feed(match.replacing("match", with: "last_match"))
                == .unused(.latestTradeRepeated))
    }

    @Test("trades of the snapshot fill the hole of a reconnect, oldest first")
    func tradeSnapshot() {
        let bench = AdapterBench(.coinbase)
        func trades(_ sequence: Int, _ type: String, _ ids: [Int]) -> String {
            let list = ids.map {
                "{\"trade_id\":\"\($0)\",\"product_id\":\"BTC-USD\",\"price\":\"1\",\"size\":\"1\","
                    + "\"side\":\"BUY\",\"time\":\"2026-04-07T14:30:02.789012Z\"}"
            }
            return "{\"channel\":\"market_trades\",\"sequence_num\":\(sequence),\"events\":[{"
                + "\"type\":\"\(type)\",\"trades\":[\(list.joined(separator: ","))]}]}"
        }
        #expect(bench.feed(trades(0, "snapshot", [3, 2, 1])) == .unused(.latestTradeRepeated))
        #expect(bench.feed(trades(1, "update", [5, 4])) == .used)
        #expect(bench.words == ["define 2,2", "trade 4 sell", "trade 5 sell"])
        bench.connection(.down)
        #expect(bench.feed(trades(0, "snapshot", [7, 6, 5, 4])) == .used)
        #expect(bench.words == ["trade 6 sell", "trade 7 sell"])
    }

    @Test("an unreadable message without a product makes every book invalid")
    func unreadable() {
        let bench = AdapterBench(.coinbase, feed: .exchange)
        _ = bench.feed("{\"type\":\"snapshot\",\"product_id\":\"A-B\",\"bids\":[],\"asks\":[]}")
        _ = bench.feed("{\"type\":\"snapshot\",\"product_id\":\"C-D\",\"bids\":[],\"asks\":[]}")
        #expect(bench.feed("{\"type\":\"ticker\",\"price\":") == .rejected(.malformed))
        #expect(bench.words == ["rejected malformed"])
        #expect(bench.feed("{\"ty") == .rejected(.malformed))
        #expect(bench.words == ["rejected malformed", "invalid(parse)", "invalid(parse)"])
    }

    @Test("an unreadable trade rejects the message and leaves the books alone")
    func unreadableTrade() {
        let bench = AdapterBench(.coinbase)
        _ = bench.feed(levels(0, "snapshot", level("bid", "1.00", "1")))
        let trades =
            "{\"channel\":\"market_trades\",\"sequence_num\":1,\"events\":[{\"type\":"
            + "\"update\",\"trades\":[{\"trade_id\":\"1\",\"product_id\":\"BTC-USD\",\"price\":"
            + "\"-1\",\"size\":\"1\",\"side\":\"BUY\",\"time\":\"2026-04-07T14:30:02Z\"}]}]}"
        #expect(bench.feed(trades) == .rejected(.outOfRange))
        #expect(bench.words == ["rejected outOfRange"])
        #expect(bench.feed(levels(2, "update", level("bid", "1.00", "2"))) == .used)
        let broken = levels(3, "update", level("bid", "1.0x", "2"))
        #expect(bench.feed(broken) == .rejected(.badNumber))
        #expect(bench.words == ["rejected badNumber", "invalid(parse)"])
    }

    @Test("times have 0 to 9 digits behind the point and an offset")
    func times() throws {
        func nanos(_ text: String) throws -> Int64 {
            try Array(text.utf8).withUnsafeBufferPointer { try RFC3339.nanos($0) }
        }
        #expect(try nanos("1970-01-01T00:00:01Z") == 1_000_000_000)
        #expect(try nanos("2026-08-09T21:05:48.228568804Z") == 1_786_309_548_228_568_804)
        #expect(try nanos("2026-08-09T23:05:48.2+02:00") == 1_786_309_548_200_000_000)
        #expect(try nanos("0001-01-01T00:00:00.000000Z") == Timestamp.none)
        for text in [
            "2026-13-09T21:05:48Z", "2026-02-30T21:05:48Z", "2026-08-09T21:05:48",
            "2026-08-09T21:05:48.Z", "2026-08-09T21:05:48.1234567891Z", "2026-08-09 21:05:48ZZ",
        ] {
            #expect(throws: WireError.badTime) { try nanos(text) }
        }
    }
}
