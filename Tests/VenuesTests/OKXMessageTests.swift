import Engine
import Testing

@testable import Venues

@Suite("OKX: what else its messages say")
struct OKXMessageTests {
    @Test("the side of a trade is the taker's; ids may skip, and what is not above is a repeat")
    func trades() {
        let okx = OKXBench().bench
        #expect(okx.feed(OKXBench.trade(7)) == .used)
        #expect(okx.words == ["define 2,2", "trade 7 buy"])
        #expect(okx.feed(OKXBench.trade(7)) == .unused(.duplicate))
        #expect(okx.feed(OKXBench.trade(6)) == .unused(.duplicate))
        #expect(okx.feed(OKXBench.trade(12)) == .used)
        let sell = OKXBench.trade(13).replacing("\"buy\"", with: "\"sell\"")
        #expect(okx.feed(sell) == .used)
        #expect(okx.words == ["trade 13 sell"])
        #expect(okx.feed(OKXBench.trade(14, px: "100.123")) == .used)
        #expect(okx.words == ["define 3,2", "trade 14 buy"])
        guard case .trade(let trade)? = okx.events.last else { return #expect(Bool(false)) }
        #expect(trade.price == 100_123 && trade.size == 200)
        #expect(trade.sourceTime == 1_630_048_897_897_000_000)
    }

    @Test("after a reconnect the venue repeats the latest trade: once is enough")
    func repeatedTrade() {
        let okx = OKXBench().bench
        _ = okx.feed(OKXBench.trade(7))
        okx.connection(.down)
        #expect(okx.feed(OKXBench.trade(7)) == .unused(.latestTradeRepeated))
        #expect(okx.feed(OKXBench.trade(8)) == .used)
        okx.connection(.down)
        // Others happened meanwhile, or the venue counts anew: both are new here.
        #expect(okx.feed(OKXBench.trade(3)) == .used)
        #expect(okx.feed(OKXBench.trade(3)) == .unused(.duplicate))
    }

    @Test("several trades of one message are recorded oldest first, or none of them")
    func severalTrades() {
        func message(_ ids: [String]) -> String {
            let rows = ids.map {
                "{\"instId\":\"BTC-USDT\",\"tradeId\":\"\($0)\",\"px\":\"1.\($0)\",\"sz\":\"1\","
                    + "\"side\":\"buy\",\"ts\":\"1630048897897\"}"
            }
            return "{\"arg\":{\"channel\":\"trades\",\"instId\":\"BTC-USDT\"},\"data\":["
                + rows.joined(separator: ",") + "]}"
        }
        let okx = OKXBench().bench
        #expect(okx.feed(message(["4", "x"])) == .rejected(.badNumber))
        #expect(okx.words == ["rejected badNumber"])
        #expect(okx.feed(message(["4", "3", "1234"])) == .used)
        #expect(
            okx.words == [
                "define 2,2", "trade 3 buy", "trade 4 buy", "define 4,2",
                "trade 1234 buy",
            ])
        #expect(okx.feed(message([])) == .rejected(.missingField))
    }

    @Test(
        "what breaks a trade",
        arguments: [
            ("\"px\":\"100.5\"", "\"px\":\"0\""), ("\"sz\":\"2\"", "\"sz\":\"0\""),
            ("\"side\":\"buy\"", "\"side\":\"BUY\""), ("\"tradeId\":\"7\"", "\"tradeId\":\"-7\""),
            ("\"ts\":\"1630048897897\"", "\"ts\":\"-1\""), ("\"px\":\"100.5\",", ""),
            ("[{\"instId\":\"BTC-USDT\"", "[{\"instId\":\"ETH-USDT\""),
            ("\"px\":\"100.5\"", "\"px\":\"0.0000000000001\""),
        ])
    func badTrade(good: String, bad: String) {
        let okx = OKXBench().bench
        let text = OKXBench.trade(7)
        #expect(text.contains(good))
        guard case .rejected = okx.feed(text.replacing(good, with: bad)) else {
            return #expect(Bool(false), "\(bad) is taken")
        }
        #expect(okx.words.count == 1)
    }

    @Test("trades-all tells the same trades: the kind that comes first is recorded")
    func tradeKinds() {
        let okx = OKXBench().bench
        #expect(okx.feed(OKXBench.trade(7)) == .used)
        let all = OKXBench.trade(8).replacing("\"trades\"", with: "\"trades-all\"")
        #expect(okx.feed(all) == .unused(.otherTradeKind))
        #expect(okx.feed(OKXBench.trade(8)) == .used)
    }

    private func liquidation(_ side: String, _ size: String = "13") -> String {
        "{\"arg\":{\"channel\":\"liquidation-orders\",\"instType\":\"SWAP\"},\"data\":[{"
            + "\"details\":[{\"bkLoss\":\"0\",\"bkPx\":\"0.007831\",\"ccy\":\"\",\"posSide\":"
            + "\"net\",\"side\":\"\(side)\",\"sz\":\"\(size)\",\"ts\":\"1692266434010\"}],"
            + "\"instFamily\":\"IOST-USDT\",\"instId\":\"IOST-USDT-SWAP\",\"instType\":\"SWAP\","
            + "\"uly\":\"IOST-USDT\"}]}"
    }

    @Test("a bought liquidation order closed a short position, and comes once")
    func liquidations() {
        let okx = OKXBench().bench
        #expect(okx.feed(liquidation("buy")) == .used)
        #expect(okx.words == ["define 2,2", "liquidation short"])
        guard case .liquidation(let value)? = okx.events.last else { return #expect(Bool(false)) }
        #expect(value.price == Decimal(mantissa: 7_831, exponent: 6))
        #expect(value.size == Decimal(mantissa: 13, exponent: 0))
        #expect(value.sourceTime == 1_692_266_434_010_000_000)
        #expect(okx.feed(liquidation("buy")) == .unused(.duplicate))
        #expect(okx.feed(liquidation("sell")) == .used)
        #expect(okx.words == ["liquidation long"])
        okx.connection(.down)
        #expect(okx.feed(liquidation("sell")) == .unused(.duplicate))
        #expect(okx.feed(liquidation("sell", "0")) == .rejected(.outOfRange))
        #expect(okx.feed(liquidation("net")) == .rejected(.missingField))
        let name = liquidation("buy", "14").replacing("IOST-USDT-SWAP", with: "IOST")
        #expect(okx.feed(name) == .rejected(.unknownSymbol))
    }

    @Test("only so many liquidations are remembered")
    func manyLiquidations() {
        let okx = OKXBench().bench
        for size in 1...257 { #expect(okx.feed(liquidation("buy", "\(size)")) == .used) }
        #expect(okx.feed(liquidation("buy", "2")) == .unused(.duplicate))
        #expect(okx.feed(liquidation("buy", "1")) == .used)
        #expect(okx.feed(liquidation("buy", "2")) == .used)
    }

    @Test("funding is for the settlement at fundingTime")
    func funding() {
        let okx = OKXBench().bench
        let rate = "\"fundingRate\":\"-0.0001875391284828\",\"fundingTime\":\"1700726400000\","
        let rest =
            "\"nextFundingRate\":\"\",\"nextFundingTime\":\"1700755200000\",\"ts\":"
            + "\"1700724675402\""
        #expect(okx.feed(OKXBench.row("funding-rate", "BTC-USD-SWAP", rate + rest)) == .used)
        guard case .funding(let value)? = okx.events.last else { return #expect(Bool(false)) }
        #expect(value.rate == Decimal(mantissa: -1_875_391_284_828, exponent: 16))
        #expect(value.nextTime == 1_700_726_400_000_000_000)
        #expect(value.sourceTime == 1_700_724_675_402_000_000)
        for none in ["", "\"fundingRate\":\"\","] {
            let text = OKXBench.row("funding-rate", "BTC-USD-SWAP", none + rest)
            #expect(okx.feed(text) == .unused(.valueMissing))
        }
    }

    @Test("open interest is contracts, and keeps 18 digits of the venue's arithmetic")
    func openInterest() {
        func value(_ oi: String) -> Decimal? {
            let okx = OKXBench().bench
            let row =
                "\"instType\":\"SWAP\",\"oi\":\"\(oi)\",\"oiCcy\":\"1\",\"ts\":\"1743041250440\""
            guard okx.feed(OKXBench.row("open-interest", "BTC-USDT-SWAP", row)) == .used,
                case .openInterest(let value)? = okx.events.last
            else { return nil }
            return value.size
        }
        #expect(
            value("2216113.01000000309") == Decimal(mantissa: 221_611_301_000_000_309, exponent: 11)
        )
        #expect(
            value("12216113.01000000309")
                == Decimal(mantissa: 122_161_130_100_000_031, exponent: 10))
        #expect(
            value("12216113.01000000325")
                == Decimal(mantissa: 122_161_130_100_000_032, exponent: 10))
        #expect(
            value("12216113.01000000335")
                == Decimal(mantissa: 122_161_130_100_000_034, exponent: 10))
        #expect(
            value("12216113.010000003250001")
                == Decimal(mantissa: 122_161_130_100_000_033, exponent: 10))
        #expect(value("999999999999999999.9") == nil)
        #expect(
            value("99999999999999999.99") == Decimal(mantissa: 100_000_000_000_000_000, exponent: 0)
        )
        #expect(value("0.0000000000000000004") == .zero)
        #expect(value("0.0000000000000000015") == Decimal(mantissa: 2, exponent: 18))
        for bad in [
            "-1", "1.0000000000000000000.1", "1.0000000000000000001x", "1,5",
            "10000000000000000000",
        ] {
            #expect(value(bad) == nil, "\(bad)")
        }
    }

    @Test("a mark price, and the index of a pair beside the perpetual that rests on it")
    func markAndIndex() {
        let okx = OKXBench().bench
        let index = OKXBench.row("index-tickers", "BTC-USDT", "\"idxPx\":\"64280\",\"ts\":\"5\"")
        #expect(okx.feed(index) == .unused(.indexOnly))
        let mark = OKXBench.row(
            "mark-price", "BTC-USDT-SWAP",
            "\"markPx\":\"64281.123456789012345\",\"ts\":\"1640131259180\"")
        #expect(okx.feed(mark) == .used)
        #expect(okx.words == ["define 2,2", "markPrice"])
        guard case .markPrice(let value)? = okx.events.last else { return #expect(Bool(false)) }
        #expect(value.mark == Decimal(mantissa: 642_811_234_567_890_123, exponent: 13))
        #expect(value.index == .zero)
        let later = index.replacing("\"5\"", with: "\"1640131259181\"")
        #expect(okx.feed(later) == .used)
        #expect(okx.words == ["markPrice"])
        guard case .markPrice(let both)? = okx.events.last else { return #expect(Bool(false)) }
        #expect(both.mark == .zero && both.index == Decimal(mantissa: 64_280, exponent: 0))
        #expect(both.instrument == value.instrument)
        #expect(okx.feed(later.replacing("64280", with: "")) == .unused(.valueMissing))
    }

    @Test("a ticker is the touch, checked only; without both prices it is none")
    func touch() {
        let okx = OKXBench()
        let ticker = OKXBench.row(
            "tickers", "BTC-USDT",
            "\"last\":\"1\",\"askPx\":\"101\",\"askSz\":\"5\",\"bidPx\":\"99\",\"bidSz\":\"\","
                + "\"ts\":\"1640131263109\"")
        #expect(okx.bench.feed(ticker) == .unused(.bestBidAsk))
        #expect(okx.bench.adapter.touch == nil)
        okx.snapshot()
        #expect(okx.bench.feed(ticker) == .unused(.bestBidAsk))
        #expect(
            okx.bench.adapter.touch
                == TouchObservation(
                    key: BookKey(instrument: 0, connection: 0), updateID: -1,
                    bid: Decimal(mantissa: 99, exponent: 0), bidSize: nil,
                    ask: Decimal(mantissa: 101, exponent: 0),
                    askSize: Decimal(mantissa: 5, exponent: 0)))
        let empty = ticker.replacing("\"99\"", with: "\"\"")
        #expect(okx.bench.feed(empty) == .unused(.statistics))
        #expect(okx.bench.adapter.touch == nil)
    }

    @Test(
        "channels and answers that add nothing, each with its reason",
        arguments: [
            ("pong", .heartbeat), ("{\"event\":\"subscribe\",\"arg\":{}}", .subscriptionAnswer),
            ("{\"event\":\"unsubscribe\",\"arg\":{}}", .subscriptionAnswer),
            ("{\"event\":\"login\",\"code\":\"0\"}", .subscriptionAnswer),
            ("{\"event\":\"error\",\"code\":\"60012\",\"msg\":\"x\"}", .errorAnswer),
            ("{\"event\":\"notice\",\"code\":\"1\",\"msg\":\"x\"}", .notRecorded),
            (OKXBench.row("books5", "BTC-USDT", "\"asks\":[],\"bids\":[]"), .partialDepth),
            (OKXBench.row("bbo-tbt", "BTC-USDT", "\"asks\":[],\"bids\":[]"), .partialDepth),
            (OKXBench.row("candle1m", "BTC-USDT", "\"x\":1"), .candle),
            (OKXBench.row("mark-price-candle1D", "BTC-USDT", "\"x\":1"), .candle),
            (OKXBench.row("price-limit", "BTC-USDT", "\"x\":1"), .notRecorded),
            (OKXBench.row("books-elp", "BTC-USDT", "\"x\":1"), .notRecorded),
            (OKXBench.row("event-contract-markets", "BTC-X", "\"x\":1"), .notRecorded),
            (OKXBench.row("instruments", "BTC-USDT", "\"x\":1"), .instrumentList),
        ] as [(String, UnusedReason)])
    func unused(text: String, reason: UnusedReason) {
        let okx = OKXBench().bench
        #expect(okx.feed(text) == .unused(reason))
        #expect(okx.words.isEmpty && okx.commands.isEmpty)
    }

    @Test("the notice that the venue is about to close asks for a new connection")
    func shutdown() {
        let okx = OKXBench().bench
        let notice = "{\"event\":\"notice\",\"code\":\"64008\",\"msg\":\"x\",\"connId\":\"a\"}"
        #expect(okx.feed(notice) == .unused(.serverShutdown))
        #expect(okx.commands == [], "the line is used until another one has taken over")
    }
}
