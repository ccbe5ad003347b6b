import Engine
import Testing

@testable import Venues

@Suite("Digits: one absurd level does not spoil an instrument")
struct FineDigitsTests {
    @Test("a level finer than any instrument is refused, and the book starts again")
    func binanceDelta() {
        let bench = AdapterBench()
        _ = bench.snapshot(100)
        #expect(bench.delta(101, 101) == .used)
        #expect(
            bench.delta(102, 102, bids: "[\"100.00\",\"0.000000000000000001\"]")
                == .rejected(.outOfRange))
        #expect(bench.words == ["rejected outOfRange", "invalid(overflow)"])
        #expect(bench.delta(103, 103) == .unused(.waitingForSnapshot))
        #expect(bench.commands.count == 1)
        #expect(bench.snapshot(102, bids: "[\"99.00\",\"123456789.12345678\"]") == .used)
        #expect(bench.words == ["define 2,8", "snapshot 102", "delta 103-103"])
    }

    @Test("a snapshot or trade finer than any instrument is refused")
    func binanceOthers() {
        let bench = AdapterBench()
        #expect(bench.snapshot(100, bids: "[\"0.0000000000001\",\"1\"]") == .rejected(.outOfRange))
        let trade =
            "{\"e\":\"trade\",\"E\":1,\"s\":\"BTCUSDT\",\"t\":1,\"p\":\"1\",\"q\":"
            + "\"0.0000000000001\",\"T\":1,\"m\":true}"
        #expect(bench.feed(trade) == .rejected(.outOfRange))
        #expect(bench.snapshot(100) == .used)
        #expect(bench.words == ["define 2,2", "snapshot 100"])
    }

    @Test("nine digits and more are taken only where the book's levels leave room for them")
    func room() {
        let bench = AdapterBench()
        _ = bench.snapshot(100, asks: "[\"101.00\",\"5000.00\"]")
        #expect(bench.delta(101, 101, bids: "[\"99.00\",\"0.1234567891\"]") == .used)
        #expect(bench.words == ["define 2,10", "delta 101-101"])
        #expect(
            bench.delta(102, 102, bids: "[\"99.00\",\"0.123456789123\"]")
                == .rejected(.outOfRange))
    }

    @Test("one absurd level of Coinbase is refused on both feeds")
    func coinbase() {
        let bench = AdapterBench(.coinbase, feed: .exchange)
        let snapshot =
            "{\"type\":\"snapshot\",\"product_id\":\"BTC-USD\",\"bids\":[[\"10\",\"1\"]],"
            + "\"asks\":[]}"
        _ = bench.feed(snapshot)
        let update =
            "{\"type\":\"l2update\",\"product_id\":\"BTC-USD\",\"changes\":[[\"buy\",\"10\","
            + "\"0.000000000000000001\"]]}"
        #expect(bench.feed(update) == .rejected(.outOfRange))
        #expect(bench.words == ["rejected outOfRange", "invalid(overflow)"])
        #expect(bench.commands == [.reconnect(afterNanos: 0)])
        #expect(bench.feed(snapshot) == .used)
        #expect(bench.words == ["snapshot -1"])
    }

    @Test("a list with absurd digits defines nothing by them")
    func list() {
        let bench = AdapterBench()
        _ = bench.feed(
            "{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"baseAsset\":\"BTC\",\"quoteAsset\":\"USDT\","
                + "\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.01\"},"
                + "{\"filterType\":\"LOT_SIZE\",\"stepSize\":\"0.000000000000000001\"}]}]}",
            rest: "/api/v3/exchangeInfo")
        _ = bench.snapshot(1)
        #expect(bench.words == ["define 2,2", "snapshot 1"])
    }
}
