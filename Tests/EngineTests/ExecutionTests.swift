import TestSupport
import Testing

@testable import Engine

/// A sweep by brute force: all levels of all venues in one list, sorted by cross-multiplied
/// fractions, walked with plain integers.
private struct PlainSweep {
    var fills: [(venue: Int, price: Int64, size: Int64)] = []
    var filled: Int128 = 0
    var isComplete = false

    init(
        _ levels: [(venue: Int, price: Int64, size: Int64, inserted: Int)], fees: [Int64],
        isBuy: Bool, notional: Int128
    ) {
        let sorted = levels.sorted { a, b in
            let left =
                Int128(a.price)
                * Int128(isBuy ? 1_000_000 + fees[a.venue] : 1_000_000 - fees[a.venue])
            let right =
                Int128(b.price)
                * Int128(isBuy ? 1_000_000 + fees[b.venue] : 1_000_000 - fees[b.venue])
            if left != right { return isBuy ? left < right : left > right }
            if a.inserted != b.inserted { return a.inserted < b.inserted }
            return a.venue < b.venue
        }
        var rest = notional
        for level in sorted {
            let size = min(Int128(level.size), rest / Int128(level.price))
            if size > 0 { fills.append((level.venue, level.price, Int64(size))) }
            filled += size * Int128(level.price)
            rest -= size * Int128(level.price)
            if size < Int128(level.size) || rest == 0 {
                isComplete = true
                return
            }
        }
    }
}

@Suite struct ExecutionTests {
    @Test func `random sweeps equal a sorted list walked by brute force`() {
        var random = SeededRandom(seed: 21)
        var fills = 0
        for round in 0..<400 {
            var market = SmallMarket()
            var levels: [(venue: Int, price: Int64, size: Int64, inserted: Int)] = []
            let isBuy = round % 2 == 0
            for (index, venue) in [Venue.binance, .coinbase, .kraken].enumerated() {
                market.define(venue)
                var rows: [Int64: Int64] = [:]
                for _ in 0..<Int(random.next() % 8 + 1) {
                    let distance = Int64(random.next() % 12)
                    rows[10_000 + (isBuy ? distance : -distance)] = Int64(random.next() % 300) + 1
                }
                let text = rows.map { ("\(Double($0.key) / 100)", "\(Double($0.value) / 100)") }
                let other = [(isBuy ? "50" : "150", "1")]
                market.book(index, bids: isBuy ? other : text, asks: isBuy ? text : other)
                for (price, size) in rows { levels.append((index, price, size, index)) }
            }
            let fees = [Int64(random.next() % 3) * 100, Int64(random.next() % 3) * 100, 0]
            let notional = Int64(random.next() % 100_000) + 1
            let plain = PlainSweep(
                levels, fees: fees, isBuy: isBuy, notional: Int128(notional) * 100)
            let answer = market.execute(
                order(
                    "\(Double(notional) / 100)", buys: isBuy,
                    fees: [
                        (.binance, "\(Double(fees[0]) / 100)"),
                        (.coinbase, "\(Double(fees[1]) / 100)"),
                        (.kraken, "0"),
                    ]))
            guard let routed = answer.firstRange(of: "\"sor\":") else {
                Issue.record("no answer: \(answer)")
                continue
            }
            let text = String(answer[routed.upperBound...])
            let expected = plain.fills.map {
                let venue = ["binance", "coinbase", "kraken"][$0.venue]
                return
                    "{\"venue\":\"\(venue)\",\"px\":\(number($0.price)),\"qty\":\(number($0.size)),"
            }
            let shown = field("fills", in: text)
            #expect(expected.allSatisfy { shown.contains($0) }, "round \(round): \(answer)")
            #expect(shown.ranges(of: "\"venue\"").count == expected.count)
            #expect(field("complete", in: text) == "\(plain.isComplete)")
            #expect(field("filled_notional", in: text) == rounded(plain.filled))
            fills += plain.fills.count
        }
        print("execution: 400 orders, \(fills) fills equal to brute force")
    }

    private func number(_ mantissa: Int64, _ exponent: UInt8 = 2) -> String {
        var bytes: [UInt8] = []
        DecimalText.append(Decimal(mantissa: mantissa, exponent: exponent), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func rounded(_ mantissa: Int128) -> String {
        let value = Rounding.halfEven(mantissa, over: 100, decimals: 0) ?? 0
        return number(Int64(value))
    }

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
