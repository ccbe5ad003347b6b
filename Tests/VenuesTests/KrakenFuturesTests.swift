import Engine
import Testing

@testable import Venues

@Suite("Kraken Futures")
struct KrakenFuturesTests {
    private let bench = AdapterBench(.krakenFutures)

    private func snapshot(_ seq: Int, product: String = "PI_XBTUSD") -> Outcome {
        bench.feed(
            "{\"feed\":\"book_snapshot\",\"product_id\":\"\(product)\",\"timestamp\":1612269825817,"
                + "\"seq\":\(seq),\"tickSize\":null,\"bids\":[{\"price\":34892.5,\"qty\":6385.0},"
                + "{\"price\":34892,\"qty\":0}],\"asks\":[{\"price\":34911.5,\"qty\":20598}]}")
    }

    private func delta(
        _ seq: Int, _ side: String = "sell", _ price: String = "34981", _ qty: String = "5",
        product: String = "PI_XBTUSD"
    ) -> Outcome {
        bench.feed(
            "{\"feed\":\"book\",\"product_id\":\"\(product)\",\"side\":\"\(side)\",\"seq\":\(seq),"
                + "\"price\":\(price),\"qty\":\(qty),\"timestamp\":1612269953629}")
    }

    private func trade(
        _ seq: Int, _ type: String = "fill", side: String = "sell", feed: String = "trade"
    ) -> String {
        "{\"feed\":\"\(feed)\",\"product_id\":\"PI_XBTUSD\",\"uid\":\"05af78ac-a774-478c\","
            + "\"side\":\"\(side)\",\"type\":\"\(type)\",\"seq\":\(seq),\"time\":1612266317519,"
            + "\"qty\":15000,\"price\":34969.5}"
    }

    @Test("a snapshot is live at once, and each change is the next number")
    func chain() {
        #expect(delta(9) == .unused(.waitingForSnapshot))
        #expect(snapshot(10) == .used)
        #expect(bench.words == ["define 2,2", "snapshot 10"])
        guard case .bookSnapshot(let event)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(event.flags == [])
        #expect(event.sourceTime == 1_612_269_825_817_000_000)
        #expect(event.bids == [PriceLevel(price: 3_489_250, size: 638_500)])
        #expect(delta(11, "buy", "34892.5", "0") == .used)
        #expect(bench.words == ["delta 11-11"])
        guard case .bookDelta(let change)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(change.bids == [PriceLevel(price: 3_489_250, size: 0)] && change.asks.isEmpty)
        #expect(delta(12) == .used)
        #expect(delta(12) == .unused(.duplicate))
        #expect(delta(3) == .unused(.duplicate))
        #expect(delta(13) == .used)
    }

    @Test("a hole in the numbers makes the book invalid at once, and it is subscribed anew")
    func gap() {
        _ = snapshot(10)
        _ = snapshot(70, product: "PF_ETHUSD")
        #expect(delta(12) == .unused(.gap))
        #expect(bench.words == ["invalid(gap)"])
        guard case .resubscribe(_, let messages)? = bench.commands.first else {
            return #expect(Bool(false))
        }
        let rest = "\"feed\":\"book\",\"product_ids\":[\"PI_XBTUSD\"]}"
        #expect(
            messages.map { String(decoding: $0, as: UTF8.self) } == [
                "{\"event\":\"unsubscribe\"," + rest, "{\"event\":\"subscribe\"," + rest,
            ])
        #expect(delta(13) == .unused(.waitingForSnapshot))
        #expect(delta(71, product: "PF_ETHUSD") == .used)
        #expect(snapshot(20) == .used)
        #expect(delta(21) == .used)
    }

    @Test("numbers that begin anew are a gap and no repetition")
    func restarted() {
        _ = snapshot(326_072_249)
        #expect(delta(326_071_249) == .unused(.duplicate))
        #expect(delta(326_071_248) == .unused(.gap))
    }

    @Test("finer digits bring a definition before the change that needs them")
    func refined() {
        _ = snapshot(10)
        #expect(delta(11, "buy", "34892.125", "0.5") == .used)
        #expect(bench.words == ["define 3,2", "delta 11-11"])
    }

    @Test("a liquidation is a trade and a liquidation of the side that was closed")
    func liquidation() {
        #expect(bench.feed(trade(5, "liquidation")) == .used)
        #expect(bench.words == ["define 2,2", "trade 5 sell", "liquidation long"])
        guard case .liquidation(let value)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(value.price == Decimal(mantissa: 349_695, exponent: 1))
        #expect(value.size == Decimal(mantissa: 15_000, exponent: 0))
        #expect(value.sourceTime == 1_612_266_317_519_000_000)
        #expect(bench.feed(trade(5, "liquidation")) == .unused(.duplicate))
        #expect(bench.events.isEmpty)
        #expect(bench.feed(trade(6, "liquidation", side: "buy")) == .used)
        #expect(bench.words == ["trade 6 buy", "liquidation short"])
    }

    @Test(
        "what happens outside the book is no trade",
        arguments: ["assignment", "termination", "block"])
    func outside(type: String) {
        #expect(bench.feed(trade(5, type)) == .unused(.notMarketTrade))
        #expect(bench.feed(trade(5, "fill")) == .used)
    }

    @Test("trades from before the subscription fill the hole of a reconnect, oldest first")
    func tradeSnapshot() {
        func list(_ ids: [Int]) -> Outcome {
            let rows = ids.map { trade($0) }.joined(separator: ",")
            return bench.feed(
                "{\"feed\":\"trade_snapshot\",\"product_id\":\"PI_XBTUSD\",\"trades\":[\(rows)]}")
        }
        #expect(list([3, 2, 1]) == .unused(.latestTradeRepeated))
        #expect(list([]) == .unused(.latestTradeRepeated))
        #expect(bench.feed(trade(4)) == .used)
        bench.connection(.down)
        #expect(list([7, 6, 5, 4]) == .used)
        #expect(bench.words == ["trade 5 sell", "trade 6 sell", "trade 7 sell"])
    }

    @Test("a ticker states mark price, index, open interest and the rate that is a fraction")
    func ticker() throws {
        let text =
            "{\"time\":1676393235406,\"product_id\":\"PI_XBTUSD\",\"funding_rate\":-6.2604214e-11,"
            + "\"relative_funding_rate\":-1.380384722222e-6,\"next_funding_rate_time\":"
            + "1676394000000,\"feed\":\"ticker\",\"bid\":21978.5,\"ask\":21987.0,\"bid_size\":"
            + "2536.0,\"ask_size\":13948.0,\"index\":21984.54,\"openInterest\":30072580.0,"
            + "\"markPrice\":21979.68641534714}"
        #expect(bench.feed(text) == .used)
        #expect(bench.words == ["define 2,2", "markPrice", "openInterest", "funding"])
        #expect(
            bench.events.dropFirst() == [
                .markPrice(
                    MarkPrice(
                        instrument: 0, mark: Decimal(mantissa: 2_197_968_641_534_714, exponent: 11),
                        index: Decimal(mantissa: 2_198_454, exponent: 2),
                        sourceTime: 1_676_393_235_406_000_000)),
                .openInterest(
                    OpenInterest(
                        instrument: 0, size: Decimal(mantissa: 30_072_580, exponent: 0),
                        sourceTime: 1_676_393_235_406_000_000)),
                .funding(
                    Funding(
                        instrument: 0, rate: Decimal(mantissa: -1_380_384_722_222, exponent: 18),
                        nextTime: 1_676_394_000_000_000_000,
                        sourceTime: 1_676_393_235_406_000_000)),
            ])
        _ = snapshot(10)
        #expect(bench.feed(text.replacing("21979.68641534714", with: "null")) == .used)
        #expect(bench.words == ["openInterest", "funding"])
        let touch = try #require(bench.adapter.touch)
        #expect(touch.bid == Decimal(mantissa: 219_785, exponent: 1))
        #expect(touch.askSize == Decimal(mantissa: 13_948, exponent: 0))
        #expect(bench.feed(text.replacing("30072580.0", with: "-1")) == .rejected(.outOfRange))
        #expect(bench.words == ["rejected outOfRange"])
    }

    @Test("a ticker of a dated future has no funding, and ticker_lite best bid and ask alone")
    func lite() throws {
        _ = snapshot(10, product: "FI_XBTUSD_210924")
        let lite =
            "{\"feed\":\"ticker_lite\",\"product_id\":\"FI_XBTUSD_210924\",\"bid\":439.3,"
            + "\"ask\":439.6,\"tag\":\"month\",\"maturityTime\":1627657200000}"
        #expect(bench.feed(lite) == .unused(.bestBidAsk))
        let touch = try #require(bench.adapter.touch)
        #expect(touch.bidSize == nil && touch.ask == Decimal(mantissa: 4_396, exponent: 1))
        let full = lite.replacing("_lite", with: "").dropLast() + ",\"markPrice\":439.5}"
        #expect(bench.feed(String(full)) == .used)
        #expect(bench.words == ["markPrice"])
    }

    @Test(
        "a wrong part of a change makes its book invalid",
        arguments: [
            "\"seq\":11|\"seq\":-11", "\"seq\":11|\"seq\":1.5", "\"seq\"|\"sec\"",
            "\"sell\"|\"none\"", "\"qty\":5|\"qty\":-5", "\"price\":34981|\"price\":0",
            "\"price\":34981|\"price\":\"abc\"", "\"price\":34981|\"price\":1,\"price\":2",
        ])
    func wrongPart(change: String) {
        let parts = change.split(separator: "|").map(String.init)
        _ = snapshot(10)
        _ = snapshot(70, product: "PF_ETHUSD")
        let text =
            "{\"feed\":\"book\",\"product_id\":\"PI_XBTUSD\",\"side\":\"sell\",\"seq\":11,"
            + "\"price\":34981,\"qty\":5,\"timestamp\":1612269953629}"
        guard case .rejected(let reason) = bench.feed(text.replacing(parts[0], with: parts[1]))
        else { return #expect(Bool(false), "\(change)") }
        let validity = reason == .outOfRange ? "invalid(overflow)" : "invalid(parse)"
        #expect(bench.words == ["rejected \(reason)", validity])
        #expect(delta(11) == .unused(.waitingForSnapshot))
    }

    @Test("an unreadable message without a product makes every book invalid, a trade none")
    func losses() {
        _ = snapshot(10)
        _ = snapshot(70, product: "PF_ETHUSD")
        #expect(bench.feed("{\"feed\":\"trade\",\"product_id\":") == .rejected(.malformed))
        #expect(bench.words == ["rejected malformed"])
        #expect(bench.feed(trade(5, "other")) == .rejected(.unknownMessage))
        #expect(bench.feed("{\"feed\":\"book\",\"prod") == .rejected(.malformed))
        #expect(bench.words == ["rejected malformed", "invalid(parse)", "invalid(parse)"])
        #expect(bench.commands.count == 2)
    }

    @Test("an acknowledged end leaves the books empty")
    func unsubscribed() {
        _ = snapshot(10)
        let text = "{\"event\":\"unsubscribed\",\"feed\":\"book\",\"product_ids\":[\"PI_XBTUSD\"]}"
        #expect(bench.feed(text.replacing("book", with: "trade")) == .unused(.subscriptionAnswer))
        #expect(bench.words.isEmpty)
        #expect(bench.feed(text) == .unused(.subscriptionAnswer))
        #expect(bench.words == ["empty"])
        #expect(delta(11) == .unused(.waitingForSnapshot))
    }

    @Test("events are told apart")
    func events() {
        for (text, expected) in [
            ("\"event\":\"info\",\"version\":1", Outcome.unused(.notRecorded)),
            ("\"event\":\"subscribed\",\"feed\":\"book\"", .unused(.subscriptionAnswer)),
            ("\"event\":\"error\",\"message\":\"Invalid product id\"", .unused(.errorAnswer)),
            ("\"event\":\"alert\",\"message\":\"Bad request\"", .unused(.errorAnswer)),
            ("\"feed\":\"heartbeat\",\"time\":1534262350627", .unused(.heartbeat)),
            ("\"event\":\"news\"", .rejected(.unknownMessage)),
            ("\"feed\":\"news\"", .rejected(.unknownMessage)),
        ] {
            #expect(bench.feed("{\(text)}") == expected, "\(text)")
        }
        let messages = bench.adapter.subscriptions(symbols: [Array("PI_XBTUSD".utf8)])
        #expect(
            messages.map { String(decoding: $0, as: UTF8.self) }
                == ["book", "trade", "ticker"].map {
                    "{\"event\":\"subscribe\",\"feed\":\"\($0)\",\"product_ids\":[\"PI_XBTUSD\"]}"
                })
    }

    @Test("the list gives tick, lot and contract; symbols in small letters are those in capitals")
    func instruments() {
        let list =
            "{\"result\":\"success\",\"instruments\":[{\"symbol\":\"in_xbtusd\",\"type\":"
            + "\"spot index\"},{\"symbol\":\"pi_xbtusd\",\"type\":\"futures_inverse\",\"tickSize\":"
            + "0.5,\"contractSize\":1},{\"symbol\":\"PF_XBTUSD\",\"type\":\"flexible_futures\","
            + "\"tickSize\":1,\"contractSize\":1,\"contractValueTradePrecision\":4},{\"symbol\":"
            + "\"PF_SHIBUSD\",\"type\":\"flexible_futures\",\"tickSize\":0.000000001,"
            + "\"contractSize\":1,\"contractValueTradePrecision\":-3}]}"
        let url = "https://futures.kraken.com/derivatives/api/v3/instruments"
        #expect(bench.feed(list, rest: url) == .unused(.instrumentList))
        #expect(bench.words.isEmpty)
        var definitions: [InstrumentDefinition] = []
        for product in ["PI_XBTUSD", "PF_XBTUSD", "PF_SHIBUSD"] {
            _ = snapshot(1, product: product)
            for case .instrumentDefinition(let value) in bench.events { definitions.append(value) }
        }
        #expect(definitions.map(\.isInverse) == [true, false, false])
        #expect(definitions.map(\.tickSize.exponent) == [1, 0, 9])
        #expect(definitions.map(\.lotSize.mantissa) == [1, 1, 1_000])
        #expect(definitions.map(\.sizeExponent) == [2, 4, 2])
        #expect(definitions.allSatisfy { $0.kind == .perpetual })
        #expect(definitions.first?.canonicalID == Array("BTC-USD-PERP@BTC".utf8))
        for odd in ["{}", "[]", "{\"instruments\":", "{\"instruments\":5}"] {
            guard case .rejected = bench.feed(odd, rest: url) else {
                return #expect(Bool(false), "\(odd)")
            }
        }
    }
}
