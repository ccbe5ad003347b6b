import Engine
import Testing

@testable import Venues

@Suite("Coinbase: messages with several events")
struct CoinbaseMessageTests {
    private func event(_ type: String, _ product: String, _ size: String) -> String {
        "{\"type\":\"\(type)\",\"product_id\":\"\(product)\",\"updates\":[{\"side\":\"bid\","
            + "\"event_time\":\"2026-04-07T14:30:00.1Z\",\"price_level\":\"10.00\","
            + "\"new_quantity\":\"\(size)\"}]}"
    }

    private func message(_ channel: String, _ sequence: Int, _ events: [String]) -> String {
        "{\"channel\":\"\(channel)\",\"sequence_num\":\(sequence),\"events\":["
            + events.joined(separator: ",") + "]}"
    }

    private func trades(_ ids: [Int], price: String = "1", product: String = "BTC-USD") -> String {
        let list = ids.map {
            "{\"trade_id\":\"\($0)\",\"product_id\":\"\(product)\",\"price\":\"\(price)\","
                + "\"size\":\"1\",\"side\":\"BUY\",\"time\":\"2026-04-07T14:30:02.789012Z\"}"
        }
        return "{\"type\":\"update\",\"trades\":[\(list.joined(separator: ","))]}"
    }

    private func live() -> AdapterBench {
        let bench = AdapterBench(.coinbase)
        _ = bench.feed(message("l2_data", 0, [event("snapshot", "BTC-USD", "1")]))
        _ = bench.feed(message("l2_data", 1, [event("snapshot", "ETH-USD", "1")]))
        return bench
    }

    @Test("a product that nobody can name rejects its own event only")
    func unknownProduct() {
        let bench = live()
        let events = [
            event("update", "BIP-20DEC30-CDE", "1"), event("update", "BTC-USD", "2"),
            event("update", "BIT-24APR26-CDE", "1"),
        ]
        #expect(bench.feed(message("l2_data", 2, events)) == .rejected(.unknownSymbol))
        #expect(bench.words == ["rejected unknownSymbol", "delta 2-2"])
        #expect(bench.commands.isEmpty)
        #expect(bench.feed(message("l2_data", 3, [event("update", "ETH-USD", "2")])) == .used)
        let mixed = [trades([2], product: "BIT-24APR26-CDE"), trades([1])]
        #expect(bench.feed(message("market_trades", 4, mixed)) == .rejected(.unknownSymbol))
        #expect(bench.words == ["rejected unknownSymbol", "trade 1 sell"])
    }

    @Test("an unreadable event makes every book of the connection invalid, with one reconnect")
    func unreadableEvent() {
        let bench = live()
        let events = [event("update", "BTC-USD", "2"), event("update", "ETH-USD", "2x")]
        #expect(bench.feed(message("l2_data", 2, events)) == .rejected(.badNumber))
        #expect(
            bench.words == ["delta 2-2", "rejected badNumber", "invalid(parse)", "invalid(parse)"])
        #expect(bench.commands == [.reconnect(afterNanos: 0)])
    }

    @Test(
        "an unreadable delta makes every book invalid, whatever product stands beside the events",
        arguments: ["", "\"product_id\":\"X-USD\",", "\"product_id\":\"BTC-USD\","])
    func productBesideEvents(top: String) {
        let bench = live()
        func text(_ sequence: Int, _ price: String) -> String {
            message("l2_data", sequence, [event("update", "BTC-USD", price)])
                .replacing("{\"channel\"", with: "{\(top)\"channel\"", maxReplacements: 1)
        }
        #expect(bench.feed(text(2, "5")) == .used)
        #expect(bench.feed(text(3, "abc")) == .rejected(.badNumber))
        #expect(bench.words == ["rejected badNumber", "invalid(parse)", "invalid(parse)"])
        #expect(bench.commands == [.reconnect(afterNanos: 0)])
        let cut = live()
        #expect(cut.feed("{\(top)\"sequence_num\":2") == .rejected(.malformed))
        #expect(cut.words == ["rejected malformed", "invalid(parse)", "invalid(parse)"])
    }

    @Test("a break of the sequence asks for one new connection, however many books there are")
    func oneReconnect() {
        let bench = live()
        _ = bench.feed(message("l2_data", 5, [event("update", "BTC-USD", "2")]))
        #expect(bench.words == ["invalid(gap)", "invalid(gap)"])
        #expect(bench.commands == [.reconnect(afterNanos: 0)])
    }

    @Test("trades that stand before an unreadable one are recorded, each once")
    func halfTrades() {
        let bench = live()
        let events = [
            trades([2, 1]), trades([5], product: "ETH-USD"), trades([4, 3], price: "-1"),
            trades([6]),
        ]
        #expect(bench.feed(message("market_trades", 2, events)) == .rejected(.outOfRange))
        #expect(
            bench.words == ["trade 1 sell", "trade 2 sell", "trade 5 sell", "rejected outOfRange"])
        #expect(bench.commands.isEmpty)
        #expect(bench.feed(message("market_trades", 3, [trades([3, 2, 1])])) == .used)
        #expect(bench.words == ["trade 3 sell"])
        let same = trades([8]).replacing("]}", with: ",{\"trade_id\":\"x\"}]}")
        #expect(bench.feed(message("market_trades", 4, [same])) == .rejected(.missingField))
        #expect(bench.words == ["trade 8 sell", "rejected missingField"])
        #expect(bench.feed(message("l2_data", 5, [event("update", "ETH-USD", "2")])) == .used)
    }

    @Test("trades with different digits keep their values, whichever is read first")
    func mixedDigits() {
        let bench = live()
        let events = [trades([2], price: "3.5"), trades([1], price: "3.12345")]
        #expect(bench.feed(message("market_trades", 2, events)) == .used)
        #expect(bench.words == ["define 5,2", "trade 1 sell", "trade 2 sell"])
        guard case .trade(let trade)? = bench.events.last else { return #expect(Bool(false)) }
        #expect(trade.price == 350_000)
    }

    @Test("one absurd trade id does not make duplicates of the trades behind it")
    func absurdID() {
        let bench = live()
        let absurd = 999_999_999_999_999_999
        #expect(bench.feed(message("market_trades", 2, [trades([absurd])])) == .used)
        #expect(bench.feed(message("market_trades", 3, [trades([7])])) == .used)
        #expect(bench.feed(message("market_trades", 4, [trades([absurd])])) == .used)
        #expect(bench.feed(message("market_trades", 5, [trades([8])])) == .used)
        #expect(bench.feed(message("market_trades", 6, [trades([8])])) == .unused(.duplicate))
        let other = AdapterBench()
        func trade(_ id: Int) -> Outcome {
            other.feed(
                "{\"e\":\"trade\",\"E\":1,\"s\":\"BTCUSDT\",\"t\":\(id),\"p\":\"1\",\"q\":\"1\","
                    + "\"T\":1,\"m\":true}")
        }
        #expect(trade(absurd) == .used)
        #expect(trade(5_000_000_000) == .used)
        #expect(trade(4_999_999_999) == .unused(.duplicate))
        other.connection(.down)
        #expect(trade(3) == .used)
    }
}
