/// A fraction in lowest terms; traps when 128 bits are not enough.
struct Rational: Comparable {
    let top: Int128
    let bottom: Int128

    init(_ top: Int128, _ bottom: Int128 = 1) {
        precondition(bottom != 0)
        var (a, b) = (top.magnitude, bottom.magnitude)
        while b != 0 { (a, b) = (b, a % b) }
        let divisor = bottom < 0 ? -Int128(a) : Int128(a)
        self.top = top / divisor
        self.bottom = bottom / divisor
    }

    static func + (a: Rational, b: Rational) -> Rational {
        Rational(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom)
    }
    static func - (a: Rational, b: Rational) -> Rational { a + Rational(-b.top, b.bottom) }
    static func * (a: Rational, b: Rational) -> Rational {
        let (left, right) = (Rational(a.top, b.bottom), Rational(b.top, a.bottom))
        return Rational(left.top * right.top, left.bottom * right.bottom)
    }
    static func / (a: Rational, b: Rational) -> Rational { a * Rational(b.bottom, b.top) }
    static func < (a: Rational, b: Rational) -> Bool { (a - b).top < 0 }

    /// The largest whole number that is not above.
    var floor: Int128 {
        let cut = top / bottom
        return top < 0 && cut * bottom != top ? cut - 1 : cut
    }

    /// In text with at most so many decimals, half to even, without trailing zeros.
    func text(_ decimals: Int) -> String {
        let scale = Int128.tenTo(decimals)
        let scaled = self * Rational(scale)
        var whole = scaled.floor
        let rest = scaled - Rational(whole)
        let half = Rational(1, 2)
        if rest > half || (rest == half && whole % 2 != 0) { whole += 1 }
        var digits = String(whole.magnitude)
        digits = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        var fraction = digits.suffix(decimals)
        while fraction.last == "0" { fraction.removeLast() }
        return (whole < 0 ? "-" : "") + digits.dropLast(decimals)
            + (fraction.isEmpty ? "" : "." + fraction)
    }
}

/// The router of `docs/METRICS.md` 6, slowly: all levels of all venues in one sorted list, every
/// number a fraction. It shares no line with the engine's.
struct PlainRouter {
    struct Level {
        var price: Rational
        var size: Rational
        /// Sequence of the event that brought the price in.
        var inserted: UInt64
    }

    struct Venue {
        var name: String
        var isUsable: Bool
        var bids: [Level]
        var asks: [Level]
        /// Digits after the point of sizes.
        var sizeDecimals: Int
        var multiplier: Rational
        /// A fraction: 0.001 is 10 bps.
        var fee: Rational
    }

    struct Fill {
        var venue: Int
        var price: Rational
        var size: Rational
    }

    struct Result {
        var fills: [Fill] = []
        var filled = Rational(0)
        var isComplete = false
    }

    /// In table order.
    var venues: [Venue]
    var isBuy: Bool
    var notional: Rational
    /// Digits with which mid is shown.
    var midDecimals: Int
    /// Place of the venue that the order names.
    var named: Int?

    func effective(_ price: Rational, _ venue: Int) -> Rational {
        price * (isBuy ? Rational(1) + venues[venue].fee : Rational(1) - venues[venue].fee)
    }

    private func levels(_ venue: Int) -> [Level] {
        guard venues[venue].isUsable else { return [] }
        return isBuy ? venues[venue].asks : venues[venue].bids
    }

    var mid: Rational? {
        let usable = venues.filter(\.isUsable)
        guard let bid = usable.flatMap(\.bids).map(\.price).max(),
            let ask = usable.flatMap(\.asks).map(\.price).min()
        else { return nil }
        return (bid + ask) / Rational(2)
    }

    /// Better price first, then older, then the earlier venue.
    private func isBefore(
        _ a: (price: Rational, inserted: UInt64, venue: Int),
        _ b: (price: Rational, inserted: UInt64, venue: Int)
    ) -> Bool {
        if a.price != b.price { return isBuy ? a.price < b.price : a.price > b.price }
        return (a.inserted, a.venue) < (b.inserted, b.venue)
    }

    /// The venue of the naive order: the one named, else the best raw touch.
    var naiveVenue: Int? {
        if let named { return named }
        let all = venues.indices.flatMap { venue in
            levels(venue).map { (price: $0.price, inserted: $0.inserted, venue: venue) }
        }
        return all.min(by: isBefore)?.venue
    }

    func sweep(_ places: [Int], _ notional: Rational) -> Result {
        let all = places.flatMap { venue in levels(venue).map { (venue: venue, level: $0) } }
        let sorted = all.sorted { a, b in
            isBefore(
                (effective(a.level.price, a.venue), a.level.inserted, a.venue),
                (effective(b.level.price, b.venue), b.level.inserted, b.venue))
        }
        var result = Result()
        if notional == Rational(0) { return result }
        for (venue, level) in sorted {
            let unit = level.price * venues[venue].multiplier
            let rest = notional - result.filled
            var size = level.size
            if unit * size > rest {
                let step = Rational(1, Int128.tenTo(venues[venue].sizeDecimals))
                size = Rational((rest / unit / step).floor) * step
                result.isComplete = true
            } else if unit * size == rest {
                result.isComplete = true
            }
            if size > Rational(0) {
                result.fills.append(Fill(venue: venue, price: level.price, size: size))
            }
            result.filled = result.filled + unit * size
            if result.isComplete { break }
        }
        return result
    }

    /// Whether levels of two venues that were taken have one price with fee.
    var hasTie: Bool {
        let prices = sweep(Array(venues.indices), notional).fills.map {
            effective($0.price, $0.venue)
        }
        return zip(prices, prices.dropFirst()).contains { $0 == $1 }
    }

    /// Volume-weighted price of fills; nil without any.
    func vwap(_ fills: [Fill], withFees: Bool) -> Rational? {
        var (cost, quantity) = (Rational(0), Rational(0))
        for fill in fills {
            let amount = fill.size * venues[fill.venue].multiplier
            cost = cost + (withFees ? effective(fill.price, fill.venue) : fill.price) * amount
            quantity = quantity + amount
        }
        return fills.isEmpty ? nil : cost / quantity
    }

    /// Slippage against mid in bps.
    func slippage(_ result: Result) -> Rational? {
        guard let mid, let price = vwap(result.fills, withFees: true) else { return nil }
        let ratio = price / mid
        return Rational(10_000) * (isBuy ? ratio - Rational(1) : Rational(1) - ratio)
    }
}

extension Int128 {
    /// Ten to the power of `decimals`.
    static func tenTo(_ decimals: Int) -> Int128 {
        (0..<decimals).reduce(1) { power, _ in power * 10 }
    }
}
