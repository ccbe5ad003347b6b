import TestSupport
import Testing

@testable import Engine

/// A depth message as somebody reads it who has only the table in the documents.
struct PlainDepth: Equatable {
    var version = 0
    var digits = 0
    var sequence: UInt64 = 0
    var time: Int64 = 0
    var midTwice: Int64 = 0
    var step: Int64 = 0
    var firstBid: Int64 = 0
    var firstAsk: Int64 = 0
    var bids: [UInt64] = []
    var asks: [UInt64] = []
    var trades: [[Int64]] = []
    var leftOut = 0

    init(_ bytes: [UInt8]) {
        func number(_ at: Int, _ count: Int) -> UInt64 {
            (0..<count).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
        }
        func signed(_ at: Int) -> Int64 { Int64(bitPattern: number(at, 8)) }
        func amount(_ at: Int) -> UInt64 {
            let code = number(at, 2)
            return (code & 0x7ff) << (code >> 11)
        }
        version = Int(bytes[0])
        digits = Int(bytes[2])
        let (bidCount, askCount) = (Int(number(4, 2)), Int(number(6, 2)))
        leftOut = Int(number(10, 2))
        sequence = number(16, 8)
        time = signed(24)
        midTwice = signed(32)
        step = signed(40)
        firstBid = signed(48)
        firstAsk = signed(56)
        bids = (0..<bidCount).map { amount(64 + 2 * $0) }
        asks = (0..<askCount).map { amount(64 + 2 * (bidCount + $0)) }
        let start = 64 + 2 * (bidCount + askCount)
        trades = (0..<Int(number(8, 2))).map { index in
            let at = start + 12 * index
            return [
                signed(at), Int64(amount(at + 8)), Int64(bytes[at + 10]), Int64(bytes[at + 11]),
            ]
        }
        precondition(bytes.count == start + 12 * trades.count)
    }
}

@Suite struct DepthFeedTests {
    private func message(
        _ market: borrowing SmallMarket, step: String, levels: Int, trades: [ShownTrade] = []
    ) -> PlainDepth? {
        var bytes: [UInt8] = []
        let step = try? DecimalText.parse(Array(step.utf8))
        guard let step,
            market.engine.appendDepth(
                of: Array("BTC-USD".utf8), step: step, levels: levels, trades: trades, to: &bytes)
        else { return nil }
        return PlainDepth(bytes)
    }

    private func frame(_ market: borrowing SmallMarket, _ venue: Venue) -> String? {
        var bytes: [UInt8] = []
        let isThere = market.engine.appendBookFrame(
            of: Array("BTC-USD".utf8), venue: venue, levels: 1, digest: market.engine.digest,
            to: &bytes)
        return isThere ? String(decoding: bytes, as: UTF8.self) : nil
    }

    @Test func `levels fall into buckets away from the touch, over all usable venues`() throws {
        var market = SmallMarket()
        market.define(.binance)
        market.define(.coinbase)
        market.book(
            0, bids: [("104", "2"), ("100", "1"), ("99.9", "10"), ("94", "1")],
            asks: [("106", "1"), ("110", "2"), ("110.1", "1")])
        market.book(1, bids: [("103", "1")], asks: [("107", "3")])
        _ = market.tick()
        let shownFound = message(market, step: "5", levels: 3)
        let shown = try #require(shownFound)
        #expect(shown.version == 1 && shown.digits == 2)
        #expect(shown.sequence == market.engine.sequence && shown.time == market.engine.time)
        #expect(shown.midTwice == 10_400 + 10_600 && shown.step == 500)
        // Bids: 104, 103 and 100 in [100, 105); 99.9 in [95, 100); 94 in [90, 95).
        #expect(shown.firstBid == 20 && shown.bids == [208 + 103 + 100, 999, 94])
        // Asks: 106, 107, 110 in (105, 110]; 110.1 in (110, 115].
        #expect(shown.firstAsk == 22 && shown.asks == [106 + 321 + 220, 110, 0])
    }

    @Test func `a stale venue takes no part, and without a side there are no buckets`() throws {
        var market = SmallMarket()
        market.define(.binance)
        market.book(0, bids: [("104", "2")], asks: [("106", "1")])
        market.wait(4_000_000_000)
        _ = market.tick()
        let shownFound = message(market, step: "5", levels: 3)
        let shown = try #require(shownFound)
        #expect(shown.bids == [] && shown.asks == [] && shown.midTwice == 0)
    }

    @Test func `a step that no price can have, or an unknown symbol, is refused`() {
        var market = SmallMarket()
        market.define(.binance)
        market.book(0, bids: [("104", "2")], asks: [("106", "1")])
        let tooFine = message(market, step: "0.001", levels: 3)
        let nothing = message(market, step: "0", levels: 3)
        #expect(tooFine == nil && nothing == nil)
        var bytes: [UInt8] = []
        let isThere = market.engine.appendDepth(
            of: Array("ETH-USD".utf8), step: Decimal(mantissa: 1, exponent: 0), levels: 3,
            trades: [], to: &bytes)
        #expect(!isThere && bytes.isEmpty)
    }

    @Test func `trades stand behind the buckets, those beyond the limit are counted`() throws {
        var market = SmallMarket()
        market.define(.binance)
        market.book(0, bids: [("104", "2")], asks: [("106", "1")])
        let trade = ShownTrade(
            key: BookKey(instrument: 0, connection: 0), takerSide: .sell, price: 10_450, size: 300,
            priceExponent: 2, sizeExponent: 2)
        let shownFound = message(market, step: "1", levels: 1, trades: [trade])
        let shown = try #require(shownFound)
        let size = Int64(market.engine.definitions[0].sizeExponent)
        let amount = 10_450 * 300 / 100 / PowersOfTen.int64(Int(size))
        #expect(shown.trades == [[10_450, amount, 2, Int64(Venue.binance.rawValue)]])
        let many = Array(repeating: trade, count: 1_005)
        let cutFound = message(market, step: "1", levels: 1, trades: many)
        let cut = try #require(cutFound)
        #expect(cut.trades.count == 1_000 && cut.leftOut == 5)
    }

    @Test func `a trade keeps its digits when its instrument is refined before it is shown`() throws
    {
        var market = SmallMarket()
        market.define(.binance)
        market.trade(0, price: 10_450, size: 300)
        market.refine(0, price: 4, size: 3)
        market.book(0, bids: [("104", "2")], asks: [("106", "1")])
        _ = market.tick()
        let shownFound = message(market, step: "1", levels: 1, trades: market.trades)
        let shown = try #require(shownFound)
        #expect(
            shown.digits == 4 && shown.trades.map { Array($0.prefix(2)) } == [[1_045_000, 313]])
    }

    /// Levels of whole sizes, best first; prices in thousandths, multiples of `unit`.
    private func levels(
        _ random: inout SeededRandom, unit: Int, isBid: Bool
    ) -> [(price: Int, size: Int)] {
        var all: [(price: Int, size: Int)] = []
        for place in Set((0..<40).map { _ in Int(random.next() % 400) }).sorted() {
            let far = 10 + place * 10
            let price = (isBid ? 50_000 - far : 51_000 + far) / unit * unit
            if all.last?.price != price { all.append((price, 1 + Int(random.next() % 9))) }
        }
        return all
    }

    /// A number of thousandths as text of `digits` decimals.
    private func text(_ thousandths: Int, digits: Int = 3) -> String {
        let rest = String(String(1_000 + thousandths % 1_000).dropFirst())
        return "\(thousandths / 1_000)" + (digits == 0 ? "" : "." + rest.prefix(digits))
    }

    @Test(arguments: [1, 2, 7, 10, 99, 100, 333, 1_000, 4_096, 25_000, 50_000, 1_000_000])
    func `buckets hold what one division a level puts there, whatever the digits`(
        step: Int
    ) throws {
        var random = SeededRandom(seed: 9)
        var market = SmallMarket()
        var bids: [Int: Int] = [:]
        var asks: [Int: Int] = [:]
        for (venue, digits) in [1, 3, 0].enumerated() {
            market.define([.binance, .coinbase, .kraken][venue], price: UInt8(digits))
            let unit = [1_000, 100, 10, 1][digits]
            let sides = [true, false].map { levels(&random, unit: unit, isBid: $0) }
            // Of each venue whole units are summed.
            let below = Dictionary(grouping: sides[0]) { $0.price / step }
            let above = Dictionary(grouping: sides[1]) { ($0.price + step - 1) / step }
            func sum(_ levels: [(price: Int, size: Int)]) -> Int {
                levels.reduce(0) { $0 + $1.price * $1.size } / 1_000
            }
            bids.merge(below.mapValues(sum), uniquingKeysWith: +)
            asks.merge(above.mapValues(sum), uniquingKeysWith: +)
            let lines = sides.map { side in
                side.map { (text($0.price, digits: digits), "\($0.size)") }
            }
            market.book(venue, bids: lines[0], asks: lines[1])
        }
        _ = market.tick()
        let shownFound = message(market, step: text(step), levels: 50)
        let shown = try #require(shownFound)
        let first = (bid: try #require(bids.keys.max()), ask: try #require(asks.keys.min()))
        func coded(_ sum: Int?) -> UInt64 { AmountCode.amount(AmountCode.code(UInt64(sum ?? 0))) }
        #expect(shown.firstBid == Int64(first.bid) && shown.firstAsk == Int64(first.ask))
        #expect(shown.bids == (0..<50).map { coded(bids[first.bid - $0]) })
        #expect(shown.asks == (0..<50).map { coded(asks[first.ask + $0]) })
    }

    @Test func `amounts are coded within a thousandth, never above`() {
        var random = SeededRandom(seed: 5)
        for bits in 0..<43 as Range<UInt64> {
            for _ in 0..<100 {
                let amount = random.next() >> (63 - bits)
                let shown = AmountCode.amount(AmountCode.code(amount))
                guard amount < 2_048 << 31 else { continue }
                #expect(shown <= amount && amount - shown <= amount / 1_024)
            }
        }
        for amount in 0..<2_048 as Range<UInt64> {
            #expect(AmountCode.amount(AmountCode.code(amount)) == amount)
        }
        #expect(AmountCode.code(.max) == .max)
    }

    @Test func `the order-book frame says what the state says, and nulls while it is not live`()
        throws
    {
        var market = SmallMarket()
        market.define(.binance)
        market.book(0, bids: [("100", "3"), ("99", "1")], asks: [("101", "1")])
        _ = market.tick()
        let liveFound = frame(market, .binance)
        let live = try #require(liveFound)
        #expect(live.contains(#""validity":"live","stale":false,"mid":100.5,"imbalance":0.6,"#))
        #expect(live.contains(#""spread_bps":99.5,"vtob_ratio":0.8,"bid_depth":4,"ask_depth":1,"#))
        #expect(live.contains(#""bids":[[100,3]],"asks":[[101,1]],"seq":"#))
        let unknown = frame(market, .kraken)
        #expect(unknown == nil)
        market.status(0, .invalid(.gap))
        let brokenFound = frame(market, .binance)
        let broken = try #require(brokenFound)
        #expect(broken.contains(#""validity":"invalid(gap)","stale":true,"mid":null,"#))
        #expect(broken.contains(#""imbalance":null,"#) && broken.contains(#""bids":[],"asks":[]"#))
    }
}
