import Engine
import Testing

@testable import Venues

@Suite("Bybit: trades and liquidations")
struct BybitTradeTests {
    private func feed(_ bench: AdapterBench, _ elements: String...) -> Outcome {
        bench.feed(BybitMessage.trades(elements))
    }

    @Test("the side is the taker's, the time that of the fill; a UUID is no number")
    func derivatives() {
        let bench = AdapterBench(.bybit, market: .linear)
        let id = "20f43950-d8dd-5b31-9112-a178eb6023af"
        let outcome = feed(
            bench, BybitMessage.trade(id), BybitMessage.trade(id, side: "Sell", size: "1.25"))
        #expect(outcome == .used)
        #expect(bench.words == ["define 2,3", "trade -1 buy", "trade -1 sell"])
        guard case .trade(let trade) = bench.events[2] else { return #expect(Bool(false)) }
        #expect(trade.sourceTime == 1_672_304_486_865_000_000)
        #expect(trade.price == 1_657_850 && trade.size == 1_250)
        #expect(feed(bench, BybitMessage.trade(id)) == .used, "repeats are not seen there")
    }

    @Test("spot ids of nineteen digits are kept, and tell what was recorded before")
    func spot() {
        let bench = AdapterBench(.bybit, market: .spot)
        let first = "2290000000050703789"
        let second = "2290000000050703790"
        #expect(feed(bench, BybitMessage.trade(first)) == .used)
        #expect(bench.words.last == "trade 2290000000050703789 buy")
        #expect(feed(bench, BybitMessage.trade(first)) == .unused(.duplicate))
        #expect(feed(bench, BybitMessage.trade(first), BybitMessage.trade(second)) == .used)
        #expect(bench.words == ["trade 2290000000050703790 buy"])
        #expect(feed(bench, BybitMessage.trade("2280000000000000001")) == .used)
        #expect(feed(bench, BybitMessage.trade("2280000000000000001")) == .unused(.duplicate))
        bench.connection(.down)
        #expect(feed(bench, BybitMessage.trade("2280000000000000001")) == .used)
    }

    @Test("an id beyond what an integer holds, or with a zero in front, is no number")
    func oddIDs() {
        let bench = AdapterBench(.bybit, market: .spot)
        for id in ["9999999999999999999", "007", "12345678901234567890", "-5", "1a"] {
            #expect(feed(bench, BybitMessage.trade(id)) == .used)
            #expect(bench.words.last == "trade -1 buy", "\(id)")
        }
        #expect(feed(bench, BybitMessage.trade("9223372036854775807")) == .used)
        #expect(bench.words == ["trade 9223372036854775807 buy"])
        #expect(feed(bench, BybitMessage.trade("0")) == .used)
        #expect(feed(bench, BybitMessage.trade("")) == .rejected(.missingField))
    }

    @Test("a block trade is no market trade, one against retail price improvement is")
    func kinds() {
        let bench = AdapterBench(.bybit, market: .linear)
        let block = BybitMessage.trade("a", more: ",\"BT\":true")
        #expect(feed(bench, block) == .unused(.notMarketTrade))
        #expect(bench.words == [])
        let improved = BybitMessage.trade("b", more: ",\"BT\":false,\"RPI\":true")
        #expect(feed(bench, block, improved, block) == .used)
        #expect(bench.words == ["define 2,3", "trade -1 buy"])
        #expect(feed(bench, BybitMessage.trade("c", more: "")) == .used)
    }

    @Test(
        "one trade that cannot be read rejects the whole message",
        arguments: [
            BybitMessage.trade("1", side: "None"), BybitMessage.trade("1", price: "x"),
            BybitMessage.trade("1", size: "0"), BybitMessage.trade("1", price: "0"),
            BybitMessage.trade("1", symbol: "?"), BybitMessage.trade("1", more: ",\"BT\":1"),
            BybitMessage.trade("1", price: "1.1234567890123"), "{}", "7",
        ])
    func whole(wrong: String) {
        let bench = AdapterBench(.bybit, market: .linear)
        guard case .rejected = feed(bench, BybitMessage.trade("1"), wrong) else {
            return #expect(Bool(false))
        }
        #expect(bench.words.count == 1)
        #expect(feed(bench, BybitMessage.trade("1")) == .used)
        #expect(bench.words == ["define 2,3", "trade 1 buy"])
    }

    @Test("trades of one message with different digits keep their values")
    func mixedDigits() {
        let bench = AdapterBench(.bybit, market: .linear)
        let outcome = feed(
            bench, BybitMessage.trade("1", price: "3.5", size: "2"),
            BybitMessage.trade("2", price: "3.12345", size: "2.00010"))
        #expect(outcome == .used)
        #expect(bench.words == ["define 5,4", "trade 1 buy", "trade 2 buy"])
        guard case .trade(let trade) = bench.events[1] else { return #expect(Bool(false)) }
        #expect(trade.price == 350_000 && trade.size == 20_000)
    }

    @Test("options tell the trades of several symbols in one message")
    func options() {
        let bench = AdapterBench(.bybit, market: .option)
        let call = "BTC-26DEC25-100000-C"
        let put = "BTC-26DEC25-90000-P"
        let outcome = bench.feed(
            BybitMessage.trades(
                [
                    BybitMessage.trade("1", symbol: call), BybitMessage.trade("2", symbol: put),
                    BybitMessage.trade("3", symbol: call),
                ], topic: "BTC"))
        #expect(outcome == .used)
        #expect(
            bench.words == [
                "define 2,3", "trade 1 buy", "define 2,3", "trade 2 buy", "trade 3 buy",
            ])
    }

    @Test("the side of a liquidation is the position's, in both topics")
    func liquidations() {
        let bench = AdapterBench(.bybit, market: .linear)
        func all(_ sides: [String]) -> Outcome {
            let list = sides.map {
                "{\"T\":1739502302929,\"s\":\"ROSEUSDT\",\"S\":\"\($0)\",\"v\":\"20000\","
                    + "\"p\":\"0.04499\"}"
            }
            return bench.feed(
                "{\"topic\":\"allLiquidation.ROSEUSDT\",\"type\":\"snapshot\","
                    + "\"ts\":1739502303204,\"data\":[\(list.joined(separator: ","))]}")
        }
        func old(_ side: String, more: String = "") -> Outcome {
            bench.feed(
                "{\"topic\":\"liquidation.BTCUSDT\",\"type\":\"snapshot\",\"ts\":1703485237953,"
                    + "\"data\":{\"updatedTime\":1703485237950,\"symbol\":\"BTCUSDT\","
                    + "\"side\":\"\(side)\",\"size\":\"0.003\",\"price\":\"43511.70\"\(more)}}")
        }
        #expect(all(["Sell", "Buy"]) == .used)
        #expect(bench.words == ["define 2,2", "liquidation short", "liquidation long"])
        guard case .liquidation(let event)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(event.price.trimmed == Decimal(mantissa: 4_499, exponent: 5))
        #expect(event.size.trimmed == Decimal(mantissa: 20_000, exponent: 0))
        #expect(event.sourceTime == 1_739_502_302_929_000_000)
        #expect(old("Buy") == .used)
        #expect(bench.words == ["define 2,2", "liquidation long"])
        guard case .liquidation(let older)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(older.sourceTime == 1_703_485_237_950_000_000)
        #expect(older.price.trimmed == Decimal(mantissa: 435_117, exponent: 1))
        #expect(old("Sell") == .used)
        #expect(bench.words == ["liquidation short"])
        #expect(all(["Buy", "None"]) == .rejected(.missingField))
        #expect(bench.words == ["rejected missingField"], "a message counts whole")
        #expect(old("") == .rejected(.missingField))
        #expect(all([]) == .rejected(.missingField))
    }
}
