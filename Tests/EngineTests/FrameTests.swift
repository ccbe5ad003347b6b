import Testing

@testable import Engine

@Suite struct FrameTests {
    private let bids = [("100", "1")]
    private let asks = [("101", "1")]

    @Test func `a book without update for more than three seconds is stale, not at three seconds`()
    {
        var market = SmallMarket()
        market.define(.binance)
        market.define(.coinbase)
        market.book(0, bids: bids, asks: asks)
        market.book(1, bids: bids, asks: asks)
        market.wait(2_500_000_000)
        let atLimit = market.tick()[0]
        #expect(!atLimit.contains("\"stale\":true"))
        market.book(0, bids: [], asks: [], kind: .bookDelta)
        let later = market.tick()[0]
        #expect(
            later.contains(
                #""venue":"binance","spread_bps":99.5,"share":1,"latency_ms":500,"stale":false"#))
        #expect(
            later.contains(
                #""venue":"coinbase","spread_bps":99.5,"share":0,"latency_ms":3500,"stale":true"#))
    }

    @Test func `a missing side gives null mid and spread and zeros`() {
        var market = SmallMarket()
        market.define(.binance)
        market.book(0, bids: bids, asks: [])
        let frame = market.tick()[0]
        #expect(frame.contains(#""mid":null,"hhi":0,"imbalance":0"#))
        #expect(frame.contains(#""venue":"binance","spread_bps":null,"share":0"#))
        #expect(frame.contains(#"],"spread_bps":null,"seq""#))
    }

    @Test func `crossing between venues is a negative spread, within one venue it is unusable`() {
        var market = SmallMarket()
        market.define(.binance)
        market.define(.coinbase)
        market.book(0, bids: [("101", "1")], asks: [("102", "1")])
        market.book(1, bids: [("99", "1")], asks: [("100", "1")])
        #expect(market.tick()[0].contains(#"],"spread_bps":-99.5,"seq""#))
        market.book(1, bids: [("100", "1")], asks: [], kind: .bookDelta)
        let frame = market.tick()[0]
        #expect(frame.contains(#""venue":"coinbase","spread_bps":0,"share":0"#))
        #expect(frame.contains(#"],"spread_bps":98.5,"seq""#))
    }

    @Test func `a book crossed for more than ten of its events is invalid until a snapshot`() {
        var market = SmallMarket()
        market.define(.binance)
        market.book(0, bids: bids, asks: asks)
        for _ in 0..<10 { market.book(0, bids: [("101", "1")], asks: [], kind: .bookDelta) }
        #expect(market.engine.bookSummaries[0].validity == .live)
        market.book(0, bids: [("101", "1")], asks: [], kind: .bookDelta)
        #expect(market.engine.bookSummaries[0].validity == .invalid(.crossed))
        market.book(0, bids: bids, asks: asks, kind: .bookDelta)
        #expect(market.engine.bookSummaries[0].counters.ignored == 1)
        market.book(0, bids: bids, asks: asks)
        #expect(market.engine.bookSummaries[0].validity == .live)
    }

    @Test func `a snapshot that is crossed in itself is unusable at once`() {
        var market = SmallMarket()
        market.define(.binance)
        market.define(.coinbase)
        market.book(0, bids: bids, asks: asks)
        market.book(1, bids: [("101", "1")], asks: [("100", "1")])
        let frame = market.tick()[0]
        #expect(frame.contains(#""venue":"coinbase","spread_bps":-99.5,"share":0"#), "\(frame)")
        #expect(!market.execute(order("50")).contains(#"[{"venue":"coinbase""#))
    }

    @Test func `the USD book of a venue stands for it, else USDT, else USDC`() {
        var market = SmallMarket()
        for (quote, symbol) in [("USDC", "C"), ("USDT", "T"), ("USD", "U")] {
            market.define(.binance) {
                $0.quote = Array(quote.utf8)
                $0.venueSymbol = Array(symbol.utf8)
            }
        }
        market.book(0, bids: [("10", "1")], asks: [("11", "1")])
        market.book(1, bids: [("20", "1")], asks: [("21", "1")])
        #expect(field("mid", in: market.tick()[0]) == "null")
        market.book(2, bids: [("30", "1")], asks: [("31", "1")])
        let frames = market.tick()
        #expect(frames.count == 4 && field("mid", in: frames[0]) == "30.5")
    }

    @Test func `perpetuals and inverse contracts have tables of their own`() {
        var market = SmallMarket()
        market.define(.binance)
        market.define(.binanceUSDM) {
            $0.kind = .perpetual
            $0.suffix = Array("-PERP".utf8)
        }
        market.define(.binanceCoinM) {
            $0.kind = .perpetual
            $0.suffix = Array("-PERP@BTC".utf8)
            $0.isInverse = true
            $0.contractMultiplier = Decimal(mantissa: 100, exponent: 0)
        }
        let names = market.engine.symbols.map { String(decoding: $0, as: UTF8.self) }
        #expect(names == ["BTC-USD", "BTC-USD-PERP", "BTC-USD-PERP@BTC"])
        market.book(2, bids: [("100", "3")], asks: [("101", "1")])
        var state: [UInt8] = []
        StateEncoder.append(market.engine, levels: 1, to: &state)
        #expect(
            String(decoding: state, as: UTF8.self).contains(#""bid_depth":300,"ask_depth":100"#))
        var inverse = order("1000")
        inverse.symbol = Array("BTC-USD-PERP@BTC".utf8)
        #expect(market.execute(inverse) == "notRoutable")
    }

    @Test func `an explicit group keeps its order and shows members that never came`() {
        var configuration = EngineConfiguration()
        configuration.groups = [
            RoutingGroup(
                name: Array("BTC-USD".utf8),
                members: [
                    GroupMember(venue: .kraken, venueSymbol: Array("X".utf8)),
                    GroupMember(venue: .binance, venueSymbol: Array("X".utf8)),
                ])
        ]
        var market = SmallMarket(configuration: configuration)
        market.define(.binance)
        market.book(0, bids: bids, asks: asks)
        let frame = market.tick()[0]
        #expect(
            frame.contains(
                #""venues":[{"venue":"kraken","spread_bps":null,"share":0,"latency_ms":null,"stale":true},{"venue":"binance""#
            ))
        #expect(market.execute(order("100")).contains(#""mixed":true"#))
    }

    @Test func `finer digits rescale the book and change no number but the shown decimals`() {
        var market = SmallMarket()
        market.define(.binance)
        market.book(0, bids: bids, asks: [("100.01", "1")])
        #expect(field("mid", in: market.tick()[0]) == "100.005")
        let before = market.execute(order("50"))
        var finer = market.engine.definitions[0]
        finer.priceExponent = 4
        finer.sizeExponent = 6
        var outputs = OutputBuffer(wantsFrames: false)
        let isDefined = market.engine.define(finer, into: &outputs)
        #expect(isDefined)
        #expect(field("mid", in: market.tick()[0]) == "100.005")
        let after = market.execute(order("50"))
        #expect(field("fills", in: after).contains(#""qty":0.49995"#), "\(after)")
        #expect(field("fills", in: before).contains(#""qty":0.49,"#), "\(before)")
    }

    @Test func `velocities compare with the last tick at least one second ago`() {
        var market = SmallMarket()
        market.define(.binance)
        market.book(0, bids: bids, asks: asks)
        _ = market.tick()
        _ = market.tick()
        func state() -> String {
            var bytes: [UInt8] = []
            StateEncoder.append(market.engine, levels: 1, to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
        #expect(field("mid_velocity", in: state()) == "null")
        market.book(0, bids: [("100.5", "2")], asks: [], kind: .bookDelta)
        _ = market.tick()
        #expect(field("mid_velocity", in: state()) == "0.25")
        #expect(field("imbalance_velocity", in: state()) == "0.5")
    }
}
