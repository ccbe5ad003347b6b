import Engine
import Testing

@testable import Venues

@Suite("Bybit: tickers")
struct BybitTickerTests {
    private static let snapshot = [
        ("markPrice", "65117.44"), ("indexPrice", "65137.76"), ("openInterest", "59891.732"),
        ("singleOpenInterest", "29945.866"), ("nextFundingTime", "1786320000000"),
        ("fundingRate", "0.0001"), ("fundingIntervalHour", "8"), ("bid1Price", "65114.20"),
        ("bid1Size", "5.954"), ("ask1Price", "65114.30"), ("ask1Size", "10.470"),
    ]

    private func known(_ market: VenueMarket = .linear) -> AdapterBench {
        let bench = AdapterBench(.bybit, market: market)
        #expect(bench.feed(BybitMessage.ticker("snapshot", BybitTickerTests.snapshot)) == .used)
        return bench
    }

    private func delta(_ bench: AdapterBench, _ keys: (String, String)...) -> Outcome {
        bench.feed(BybitMessage.ticker("delta", keys))
    }

    @Test("a snapshot tells mark and index, funding, open interest, and best bid and ask")
    func first() {
        let bench = known()
        #expect(bench.words == ["define 2,2", "markPrice", "funding", "openInterest"])
        let time: Int64 = 1_673_272_861_686_000_000
        #expect(
            bench.events.dropFirst() == [
                .markPrice(
                    MarkPrice(
                        instrument: 0, mark: Decimal(mantissa: 6_511_744, exponent: 2),
                        index: Decimal(mantissa: 6_513_776, exponent: 2), sourceTime: time)),
                .funding(
                    Funding(
                        instrument: 0, rate: Decimal(mantissa: 1, exponent: 4),
                        nextTime: 1_786_320_000_000_000_000, sourceTime: time)),
                .openInterest(
                    OpenInterest(
                        instrument: 0, size: Decimal(mantissa: 29_945_866, exponent: 3),
                        sourceTime: time)),
            ])
        let touch = bench.adapter.touch
        #expect(touch?.updateID == -1)
        #expect(touch?.bid.trimmed == Decimal(mantissa: 651_142, exponent: 1))
        #expect(touch?.askSize?.trimmed == Decimal(mantissa: 1_047, exponent: 2))
    }

    @Test("a missing key is unchanged, and only what differs is recorded")
    func merged() {
        let bench = known()
        #expect(delta(bench, ("indexPrice", "65138.36")) == .used)
        #expect(bench.words == ["markPrice"])
        guard case .markPrice(let event)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(event.mark == Decimal(mantissa: 6_511_744, exponent: 2))
        #expect(event.index == Decimal(mantissa: 6_513_836, exponent: 2))
        #expect(delta(bench, ("markPrice", "65117.44")) == .unused(.statistics))
        #expect(delta(bench, ("nextFundingTime", "1786348800000")) == .used)
        #expect(bench.words == ["funding"])
        guard case .funding(let funding)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(funding.rate == Decimal(mantissa: 1, exponent: 4))
        #expect(delta(bench, ("fundingRate", "-0.005"), ("singleOpenInterest", "7")) == .used)
        #expect(bench.words == ["funding", "openInterest"])
        #expect(delta(bench, ("openInterest", "20")) == .unused(.statistics))
        #expect(delta(bench, ("bid1Size", "6.124")) == .unused(.bestBidAsk))
        #expect(bench.adapter.touch?.bidSize?.trimmed == Decimal(mantissa: 6_124, exponent: 3))
        #expect(bench.adapter.touch?.ask.trimmed == Decimal(mantissa: 651_143, exponent: 1))
        #expect(delta(bench, ("turnover24h", "1142257236.5897")) == .unused(.statistics))
        #expect(bench.adapter.touch == nil)
        let again = BybitMessage.ticker("snapshot", BybitTickerTests.snapshot)
        #expect(bench.feed(again) == .used)
        #expect(bench.words == ["markPrice", "funding", "openInterest"])
        #expect(bench.feed(again) == .unused(.bestBidAsk))
    }

    @Test(
        "without a one-sided figure, open interest is exactly half of the two-sided one",
        arguments: [
            ("449736676", 224_868_338, 0), ("52774.528", 26_387_264, 3), ("6.621", 33_105, 4),
            ("1", 5, 1), ("0", 0, 0), ("199999999999999999", 999_999_999_999_999_995, 1),
        ] as [(String, Int64, UInt8)])
    func half(both: String, mantissa: Int64, exponent: UInt8) {
        let bench = AdapterBench(.bybit, market: .inverse)
        let keys = [("openInterest", both)]
        #expect(bench.feed(BybitMessage.ticker("snapshot", keys, symbol: "BTCUSD")) == .used)
        guard case .openInterest(let event)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(event.size == Decimal(mantissa: mantissa, exponent: exponent))
    }

    @Test("a half that needs more than 18 digits is rejected, and nothing of the message is said")
    func tooLong() {
        let bench = AdapterBench(.bybit, market: .linear)
        let keys = [("markPrice", "1"), ("openInterest", "999999999999999999")]
        #expect(bench.feed(BybitMessage.ticker("snapshot", keys)) == .rejected(.outOfRange))
        #expect(bench.words == ["rejected outOfRange"])
    }

    @Test("a dated future has no funding, and an empty text is no value")
    func empty() {
        let bench = AdapterBench(.bybit, market: .linear)
        let keys = [
            ("markPrice", "121144.63"), ("indexPrice", ""), ("nextFundingTime", ""),
            ("fundingRate", ""), ("openInterest", ""), ("bid1Price", ""), ("ask1Price", "7"),
        ]
        #expect(bench.feed(BybitMessage.ticker("snapshot", keys, symbol: "BTC-26DEC25")) == .used)
        #expect(bench.words == ["define 2,2", "markPrice"])
        guard case .markPrice(let event)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(event.index == .zero)
        #expect(bench.adapter.touch == nil)
        guard case .instrumentDefinition(let definition) = bench.events[0] else {
            return #expect(Bool(false))
        }
        #expect(definition.suffix == Array("-20251226".utf8))
        #expect(definition.quote == Array("USDC".utf8))
    }

    @Test("a delta before the snapshot says nothing; so after the connection was gone")
    func order() {
        let bench = AdapterBench(.bybit, market: .linear)
        #expect(delta(bench, ("markPrice", "1")) == .unused(.waitingForSnapshot))
        _ = bench.feed(BybitMessage.ticker("snapshot", BybitTickerTests.snapshot))
        bench.connection(.down)
        #expect(delta(bench, ("markPrice", "1")) == .unused(.waitingForSnapshot))
        #expect(bench.feed(BybitMessage.ticker("snapshot", BybitTickerTests.snapshot)) == .used)
        #expect(bench.words == ["markPrice", "funding", "openInterest"])
    }

    @Test("an unreadable ticker changes nothing of what is known")
    func unreadable() {
        let bench = known()
        for keys in [
            ("markPrice", "-1"), ("indexPrice", "x"), ("openInterest", "-2"),
            ("fundingRate", "1.x"), ("nextFundingTime", "soon"), ("bid1Price", "-3"),
        ] {
            guard case .rejected = delta(bench, ("markPrice", "8"), keys) else {
                // Twice the same key is an error too.
                return #expect(Bool(false), "\(keys)")
            }
            #expect(bench.words.count == 1)
        }
        #expect(delta(bench, ("markPrice", "65117.44")) == .unused(.statistics))
    }

    @Test("tickers of spot are statistics, those of options are not recorded")
    func others() {
        let spot = AdapterBench(.bybit, market: .spot)
        let keys = [("lastPrice", "65140.5"), ("usdIndexPrice", "65091.459221")]
        #expect(spot.feed(BybitMessage.ticker("snapshot", keys)) == .unused(.statistics))
        let option = AdapterBench(.bybit, market: .option)
        #expect(
            option.feed(
                BybitMessage.ticker(
                    "snapshot", [("markPrice", "7.8")], symbol: "BTC-6JAN23-17500-C"))
                == .unused(.notRecorded))
        let twofold = BybitMessage.ticker("snapshot", keys)
            .replacing("tickers.BTCUSDT", with: "tickers.ETHUSDT")
        #expect(spot.feed(twofold) == .rejected(.unknownMessage))
    }
}
