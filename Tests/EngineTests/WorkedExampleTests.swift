import Testing

@testable import Engine

/// The examples of `docs/METRICS.md` 8, worked out there by hand.
@Suite struct WorkedExampleTests {
    @Test func `HHI of depths 600, 300 and 100 is 0.46`() {
        var market = SmallMarket()
        for (index, venue) in [Venue.binance, .coinbase, .kraken].enumerated() {
            market.define(venue)
            let size = ["3", "1.5", "0.5"][index]
            market.book(index, bids: [("100", size)], asks: [("100.02", size)])
        }
        let frame = market.tick()[0]
        #expect(field("hhi", in: frame) == "0.46")
        #expect(frame.contains("\"venue\":\"binance\",\"spread_bps\":2,\"share\":0.6,"))
        #expect(frame.contains("\"venue\":\"kraken\",\"spread_bps\":2,\"share\":0.1,"))
    }

    @Test func `both ends of the depth window count`() {
        var market = SmallMarket()
        market.define(.binance)
        market.book(
            0, bids: [("99.9", "2"), ("99.5", "1"), ("99.0", "5")],
            asks: [("100.1", "1"), ("100.5", "4"), ("101", "9")])
        let frame = market.tick()[0]
        #expect(field("window_bps", in: frame) == "50" && field("mid", in: frame) == "100")
        #expect(field("imbalance", in: frame) == "-0.2531")
        var state: [UInt8] = []
        StateEncoder.append(market.engine, levels: 1, to: &state)
        let text = String(decoding: state, as: UTF8.self)
        #expect(text.contains("\"bid_depth\":299.3,\"ask_depth\":502.1"))
    }

    @Test func `the routed order takes the levels by price with fee`() {
        var market = SmallMarket()
        market.define(.binance)
        market.define(.coinbase)
        market.book(0, bids: [("99", "1")], asks: [("100", "100"), ("101", "100")])
        market.book(1, bids: [("99", "1")], asks: [("99.9", "50"), ("100.2", "100")])
        let answer = market.execute(
            order("15000", fees: [(.binance, "10"), (.coinbase, "40")]))
        let fills =
            #""sor":{"vwap":100.16665,"vwap_fee_free":99.96673,"slippage_bps":72.1,"complete":true,"#
            + #""filled_notional":14999.01,"fills":["#
            + #"{"venue":"binance","px":100,"qty":100,"px_eff":100.1},"#
            + #"{"venue":"coinbase","px":99.9,"qty":50,"px_eff":100.2996},"#
            + #"{"venue":"coinbase","px":100.2,"qty":0.04,"px_eff":100.6008}]"#
        #expect(answer.contains(fills), "\(answer)")
        #expect(answer.contains(#""naive":{"venue":"coinbase""#))
        #expect(field("compared_notional", in: answer) == "null")
        #expect(
            answer.hasPrefix(#"{"ts":"2026-01-05T00:00:00.000Z","symbol":"BTC-USD","side":"buy""#))
    }
}
