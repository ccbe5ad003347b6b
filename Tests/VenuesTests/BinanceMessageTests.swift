import Engine
import Testing

@testable import Venues

@Suite("Binance: what else its messages say")
struct BinanceMessageTests {
    private func trade(_ kind: String, _ id: Int, extra: String = "", price: String = "100.5")
        -> String
    {
        "{\"e\":\"\(kind)\",\"E\":1700000000002,\"s\":\"BTCUSDT\",\"\(kind == "trade" ? "t" : "a")\""
            + ":\(id),\"p\":\"\(price)\",\"q\":\"0.250\",\"T\":1700000000001,\"m\":true\(extra)}"
    }

    @Test("the first kind of trade is recorded, the other is the same trades")
    func tradeKinds() {
        let bench = AdapterBench()
        #expect(bench.feed(trade("aggTrade", 1)) == .used)
        #expect(bench.words == ["define 2,2", "trade 1 sell"])
        #expect(bench.feed(trade("trade", 7)) == .unused(.otherTradeKind))
        #expect(bench.feed(trade("aggTrade", 1)) == .unused(.duplicate))
        #expect(bench.feed(trade("aggTrade", 2)) == .used)
    }

    @Test("only market trades count")
    func marketTrades() {
        let bench = AdapterBench(.binanceUSDM)
        #expect(
            bench.feed(trade("trade", 1, extra: ",\"X\":\"INSURANCE_FUND\""))
                == .unused(.notMarketTrade))
        #expect(bench.feed(trade("trade", 2, extra: ",\"X\":\"MARKET\"")) == .used)
    }

    @Test("finer digits bring a new definition before the event that needs it")
    func refinement() throws {
        let bench = AdapterBench()
        _ = bench.feed(trade("trade", 1))
        #expect(bench.feed(trade("trade", 2, price: "100.1234")) == .used)
        #expect(bench.words == ["define 4,2", "trade 2 sell"])
        guard case .trade(let value)? = bench.events.last else { return #expect(Bool(false)) }
        #expect(value.price == 1_001_234)
        #expect(value.sourceTime == 1_700_000_000_001_000_000)
        #expect(bench.feed(trade("trade", 3, price: "100.100000")) == .used)
        #expect(bench.words == ["trade 3 sell"])
    }

    @Test("microseconds are told from milliseconds by their magnitude")
    func microseconds() {
        let bench = AdapterBench()
        _ = bench.feed(
            "{\"e\":\"trade\",\"E\":1,\"s\":\"BTCUSDT\",\"t\":1,\"p\":\"1\",\"q\":\"1\","
                + "\"T\":1700000000001234,\"m\":false}")
        guard case .trade(let value)? = bench.events.last else { return #expect(Bool(false)) }
        #expect(value.sourceTime == 1_700_000_000_001_234_000)
        #expect(value.takerSide == .buy)
    }

    @Test("a sold liquidation order closed a long position, at its average price")
    func liquidation() {
        let bench = AdapterBench(.binanceUSDM)
        let outcome = bench.feed(
            "{\"stream\":\"!forceOrder@arr\",\"data\":{\"e\":\"forceOrder\",\"E\":1568014460893,"
                + "\"o\":{\"s\":\"BTCUSDT\",\"S\":\"SELL\",\"o\":\"LIMIT\",\"f\":\"IOC\",\"q\":"
                + "\"0.014\",\"p\":\"9910.00000000\",\"ap\":\"9910.12345678\",\"X\":\"FILLED\","
                + "\"l\":\"0.014\",\"z\":\"0.014\",\"T\":1568014460893}}}")
        #expect(outcome == .used)
        guard case .liquidation(let value)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(value.positionSide == .long)
        #expect(value.price == Decimal(mantissa: 991_012_345_678, exponent: 8))
    }

    @Test("a mark price carries funding where there is one")
    func markPrice() {
        let bench = AdapterBench(.binanceUSDM)
        let head = "{\"e\":\"markPriceUpdate\",\"E\":1562305380000,\"p\":\"11794.15\",\"i\":\"1\","
        #expect(
            bench.feed(head + "\"s\":\"BTCUSDT\",\"r\":\"0.0001\",\"T\":1562306400000}") == .used)
        #expect(bench.words == ["define 2,2", "markPrice", "funding"])
        #expect(bench.feed(head + "\"s\":\"BTCUSDT_261225\",\"r\":\"\",\"T\":0}") == .used)
        #expect(bench.words == ["define 2,2", "markPrice"])
    }

    @Test("every element of an array of mark prices counts")
    func markPriceArray() {
        let bench = AdapterBench(.binanceUSDM)
        let one = "{\"e\":\"markPriceUpdate\",\"E\":1562305380000,\"p\":\"1\",\"s\":\"BTCUSDT\"}"
        let two = one.replacing("BTC", with: "ETH")
        #expect(bench.feed("{\"stream\":\"!markPrice@arr\",\"data\":[\(one),\(two)]}") == .used)
        #expect(bench.words == ["define 2,2", "markPrice", "define 2,2", "markPrice"])
    }

    @Test("a partial depth is no delta")
    func partialDepth() {
        let bench = AdapterBench(.binanceUSDM)
        let outcome = bench.feed(
            "{\"stream\":\"btcusdt@depth20@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":1,"
                + "\"s\":\"BTCUSDT\",\"U\":1,\"u\":2,\"pu\":0,\"b\":[],\"a\":[]}}")
        #expect(outcome == .unused(.partialDepth))
    }

    @Test("names follow from symbols, with and without the venue's list")
    func names() {
        let cases: [(Venue, String, String)] = [
            (.binance, "BTCUSDT", "BTC-USDT"), (.binance, "RENBTCETH", "RENBTC-ETH"),
            (.binance, "BTCFDUSD", "BTC-FDUSD"), (.binance, "BNBTUSD", "BNB-TUSD"),
            (.binanceUS, "BNBUSD", "BNB-USD"), (.binanceUS, "TRXUSD", "TRX-USD"),
            (.binanceUS, "BTCBUSD", "BTC-BUSD"), (.binanceCoinM, "TRXUSD_PERP", "TRX-USD-PERP@TRX"),
            (.binanceUSDM, "BTCUSDT", "BTC-USDT-PERP"),
            (.binanceUSDM, "BTCUSDT_261225", "BTC-USDT-20261225"),
            (.binanceCoinM, "BTCUSD_PERP", "BTC-USD-PERP@BTC"),
            (.binanceCoinM, "ETHUSD_210924", "ETH-USD-20210924@ETH"),
            (.coinbase, "BTC-USD", "BTC-USD"), (.coinbase, "BTC-PERP-INTX", "BTC-USDC-PERP"),
        ]
        for (venue, symbol, expected) in cases {
            let bytes = Array(symbol.utf8)
            let name = bytes.withUnsafeBufferPointer { SymbolNames.name($0, at: venue) }
            let id = name.map { $0.base + [0x2d] + $0.quote + $0.suffix }
            #expect(id == Array(expected.utf8), "\(symbol)")
        }
        for (venue, symbol) in [(Venue.binance, "USDT"), (.binanceCoinM, "CBDC_PLN_PERP")] {
            let bytes = Array(symbol.utf8)
            #expect(bytes.withUnsafeBufferPointer { SymbolNames.name($0, at: venue) } == nil)
        }
    }

    @Test("the venue's list gives exponents, tick, contract and expiry")
    func instrumentList() {
        let bench = AdapterBench(.binanceCoinM)
        let list =
            "{\"symbols\":[{\"symbol\":\"BTCUSD_211231\",\"contractType\":\"NEXT_QUARTER\","
            + "\"deliveryDate\":1640937600000,\"contractSize\":100,\"marginAsset\":\"BTC\","
            + "\"baseAsset\":\"BTC\",\"quoteAsset\":\"USD\",\"filters\":[{\"filterType\":"
            + "\"PRICE_FILTER\",\"tickSize\":\"0.1\"},{\"filterType\":\"LOT_SIZE\",\"stepSize\":"
            + "\"1\"}]}]}"
        #expect(bench.feed(list, rest: "/dapi/v1/exchangeInfo") == .unused(.instrumentList))
        #expect(bench.words.isEmpty)
        _ = bench.snapshot(1, url: "?symbol=BTCUSD_211231")
        guard case .instrumentDefinition(let value)? = bench.events.first else {
            return #expect(Bool(false))
        }
        #expect(value.canonicalID == Array("BTC-USD-20211231@BTC".utf8))
        #expect(value.isInverse)
        #expect(value.contractMultiplier == Decimal(mantissa: 100, exponent: 0))
        #expect(value.tickSize == Decimal(mantissa: 1, exponent: 1))
        #expect(value.priceExponent == 2)
    }

    @Test("control answers and refusals are told apart from data")
    func control() {
        let bench = AdapterBench()
        #expect(bench.feed("{\"result\":null,\"id\":1}") == .unused(.subscriptionAnswer))
        #expect(bench.feed("{\"code\":2,\"msg\":\"x\"}") == .unused(.errorAnswer))
        #expect(bench.feed("{\"e\":\"serverShutdown\",\"E\":1}") == .unused(.serverShutdown))
        #expect(bench.commands == [], "the line is used until another one has taken over")
        #expect(bench.feed("{\"e\":\"news\"}") == .rejected(.unknownMessage))
    }
}
