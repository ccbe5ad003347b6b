import Testing

@testable import Engine

@Suite struct ExecutionTests {
    @Test func `equal prices with fee go to the level that was inserted first`() {
        var market = SmallMarket()
        market.define(.binance)
        market.define(.coinbase)
        market.book(1, bids: [("99", "1")], asks: [("100", "1")])
        market.book(0, bids: [("99", "1")], asks: [("100", "1")])
        #expect(field("fills", in: market.execute(order("50"))).hasPrefix(#"[{"venue":"coinbase""#))
        market.book(1, bids: [], asks: [("100", "0")], kind: .bookDelta)
        market.book(1, bids: [], asks: [("100", "1")], kind: .bookDelta)
        #expect(field("fills", in: market.execute(order("50"))).hasPrefix(#"[{"venue":"binance""#))
    }

    @Test func `a thin book is compared on the smaller filled notional`() {
        var market = SmallMarket()
        market.define(.binance)
        market.define(.coinbase)
        market.book(0, bids: [("99", "1")], asks: [("100", "1")])
        market.book(1, bids: [("99", "1")], asks: [("101", "1")])
        let answer = market.execute(order("150"))
        #expect(field("compared_notional", in: answer) == "100")
        #expect(field("slippage_saved_bps", in: answer) == "0")
        #expect(answer.contains(#""complete":true,"filled_notional":149.49"#), "\(answer)")
    }

    @Test func `an order without an answer says why`() {
        var market = SmallMarket()
        market.define(.binance)
        #expect(market.execute(order("0")) == "badNotional")
        #expect(market.execute(order("1000000001")) == "badNotional")
        #expect(market.execute(order("10", naive: .coinbase)) == "venueNotUsable")
        var other = order("10")
        other.symbol = Array("DOGE-USD".utf8)
        #expect(market.execute(other) == "unknownSymbol")
        let empty = market.execute(order("10"))
        #expect(empty.contains(#""mid_t0":null,"naive":{"venue":null,"vwap":null"#), "\(empty)")
        #expect(field("slippage_saved_bps", in: empty) == "null")
    }

    @Test func `selling mirrors buying and rebates are negative fees`() {
        var market = SmallMarket()
        market.define(.binance)
        market.book(0, bids: [("100", "10")], asks: [("102", "10")])
        let sold = market.execute(order("500", buys: false, fees: [(.binance, "-100")]))
        #expect(field("vwap", in: sold) == "101" && field("slippage_bps", in: sold) == "0")
        let bought = market.execute(order("510", fees: [(.binance, "1000")]))
        #expect(
            field("vwap", in: bought) == "112.2" && field("slippage_bps", in: bought) == "1108.9")
    }
}
