import TestSupport
import Testing

@testable import Engine

/// The router against `PlainRouter` on small random books, whole answers compared.
@Suite struct RouterReferenceTests {
    /// A market in the engine and the same one in plain fractions.
    private struct Round: ~Copyable {
        var market: SmallMarket
        var random: SeededRandom
        var plain: PlainRouter
        var fees: [Int64?] = []
        private var digits: [(price: UInt8, size: UInt8)] = []
        static let venues: [Venue] = [.binance, .binanceUS, .coinbase, .kraken]

        init(seed: UInt64) {
            random = SeededRandom(seed: seed)
            var configuration = EngineConfiguration()
            configuration.defaultFee = [0, 50_000][Int(random.next() % 2)]
            market = SmallMarket(configuration: configuration)
            plain = PlainRouter(
                venues: [], isBuy: random.next() % 2 == 0, notional: Rational(0), midDecimals: 2)
            for venue in Self.venues { define(venue, configuration.defaultFee) }
            for place in [2, 0, 3, 1] where below(6) > 0 { setBook(place, isSnapshot: true) }
            for _ in 0..<below(9) { setBook(below(4), isSnapshot: below(6) == 0) }
        }

        mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

        private mutating func define(_ venue: Venue, _ defaultFee: Int64) {
            let price = UInt8(below(3) + 1)
            let size = UInt8(below(3) + 1)
            let contract = [Decimal(mantissa: 1, exponent: 0), Decimal(mantissa: 25, exponent: 1)]
            let multiplier = contract[below(5) / 4]
            market.define(venue, price: price, size: size) { $0.contractMultiplier = multiplier }
            digits.append((price, size))
            let bps: [Int64?] = [nil, 0, 0, 100, 500, 1_000, -100]
            let fee = bps[below(7)].map { $0 * 10_000 }
            fees.append(fee)
            plain.midDecimals = max(plain.midDecimals, Int(price) + 1)
            plain.venues.append(
                PlainRouter.Venue(
                    name: "\(venue.id)", isUsable: false, bids: [], asks: [],
                    sizeDecimals: Int(size),
                    multiplier: Rational(
                        Int128(multiplier.mantissa), multiplier.exponent == 0 ? 1 : 10),
                    fee: Rational(Int128(fee ?? defaultFee), 100_000_000)))
        }

        /// Prices that tie with fees: 100·1.1 = 110, 100·1.01 = 101, 110·0.9 = 99.
        private static let prices = [95, 99, 100, 101, 102, 105, 110]

        private mutating func side(_ isBid: Bool, _ place: Int) -> [(String, String)] {
            var chosen: [Int: (String, String)] = [:]
            for _ in 0..<below(5) {
                // Within a venue bids stay below asks, nearly always.
                let shift = isBid && below(30) > 0 ? -40 : 0
                let price = Self.prices[below(7)] + shift
                let fraction = below(6) == 0 ? ".\(below(9) + 1)" : ""
                let size = "\(below(20)).\(below(10))"
                chosen[price] = ("\(price)\(fraction)", size)
            }
            return chosen.keys.sorted().compactMap { chosen[$0] }
        }

        /// Sets some levels of a book in both markets.
        mutating func setBook(_ place: Int, isSnapshot: Bool) {
            let (bids, asks) = (side(true, place), side(false, place))
            market.book(
                place, bids: bids, asks: asks, kind: isSnapshot ? .bookSnapshot : .bookDelta)
            guard isSnapshot || isLoaded[place] else { return }
            if isSnapshot {
                plain.venues[place].bids = []
                plain.venues[place].asks = []
                isLoaded[place] = true
            }
            let sequence = market.engine.sequence
            Self.set(bids, in: &plain.venues[place].bids, sequence)
            Self.set(asks, in: &plain.venues[place].asks, sequence)
            let bid = plain.venues[place].bids.map(\.price).max()
            let ask = plain.venues[place].asks.map(\.price).min()
            let isCrossed = bid.flatMap { bid in ask.map { bid >= $0 } } ?? false
            plain.venues[place].isUsable = !isCrossed
        }

        private var isLoaded = [false, false, false, false]

        private static func set(
            _ rows: [(String, String)], in levels: inout [PlainRouter.Level], _ sequence: UInt64
        ) {
            for (priceText, sizeText) in rows {
                let price = Rational(Int128(mantissa(priceText, 3)), 1_000)
                let size = Rational(Int128(mantissa(sizeText, 3)), 1_000)
                let old = levels.first { $0.price == price }
                levels.removeAll { $0.price == price }
                if size == Rational(0) { continue }
                levels.append(
                    PlainRouter.Level(
                        price: price, size: size, inserted: old?.inserted ?? sequence))
            }
        }

        /// Asks for just what the best few levels hold.
        private mutating func setNotionalToWholeLevels() {
            let all = plain.sweep(Array(plain.venues.indices), Rational(1_000_000_000)).fills
            guard !all.isEmpty else { return }
            plain.notional = all.prefix(below(all.count) + 1).reduce(Rational(0)) {
                $0 + $1.price * $1.size * plain.venues[$1.venue].multiplier
            }
        }

        /// The engine's answer and the plain one.
        mutating func answers() -> (engine: String, plain: String) {
            let cents = below(4) == 0 ? below(2_000_000) + 1 : below(300_000) + 1
            plain.notional = Rational(Int128(cents), 100)
            plain.named = below(4) == 0 ? below(4) : nil
            if below(5) == 0 { setNotionalToWholeLevels() }
            var order = order(plain.notional.text(9), buys: plain.isBuy)
            order.naiveVenue = plain.named.map { Self.venues[$0] }
            for (place, fee) in fees.enumerated() {
                guard let fee else { continue }
                order.fees.append(VenueFee(venue: Self.venues[place], fee: fee))
            }
            let answer = market.execute(order)
            guard let start = answer.firstRange(of: "\"mid_t0\":")?.lowerBound,
                let end = answer.firstRange(of: ",\"fees\":")?.lowerBound
            else { return (answer, plain.text) }
            return (String(answer[start..<end]), plain.text)
        }
    }

    @Test func `random orders get the answer of a sorted list in exact fractions`() {
        var (complete, partial, empty, unusable, fills, ties) = (0, 0, 0, 0, 0, 0)
        for seed in 0..<4_000 as Range<UInt64> {
            var round = Round(seed: seed)
            let (engine, plain) = round.answers()
            if let named = round.plain.named, !round.plain.venues[named].isUsable {
                #expect(engine == "venueNotUsable", "seed \(seed)")
                unusable += 1
                continue
            }
            #expect(engine == plain, "seed \(seed)")
            fills += plain.ranges(of: "\"px_eff\"").count
            ties += round.plain.hasTie ? 1 : 0
            let isEmpty = plain.contains("\"fills\":[],\"legs\"")
            if isEmpty { empty += 1 }
            if plain.contains("\"compared_notional\":null") { complete += 1 } else { partial += 1 }
        }
        print(
            "router: \(complete) complete, \(partial) not, \(empty) without a fill, \(unusable)",
            "refused; \(fills) fills, \(ties) orders met levels of equal price with fee")
        #expect(complete > 500 && partial > 500 && empty > 20 && unusable > 50)
        #expect(fills > 10_000 && ties > 300)
    }
}
