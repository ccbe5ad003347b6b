/// The order-book metrics of one book at one moment, exact (`docs/METRICS.md` 5).
struct BookMetrics {
    var bidSize: Int128 = 0
    var askSize: Int128 = 0
    var bidWeighted: Int128 = 0
    var askWeighted: Int128 = 0
    var touchSize: Int128 = 0
    /// Best bid plus best ask; 0 where a side is empty.
    var midTwice: Int64 = 0

    /// Looks at the best `depth` levels of each side.
    init(_ book: borrowing OrderBook, depth: Int) {
        var bid: Int64 = 0
        var ask: Int64 = 0
        BookMetrics.sum(book.bids, depth, &bidSize, &bidWeighted, &touchSize, &bid)
        BookMetrics.sum(book.asks, depth, &askSize, &askWeighted, &touchSize, &ask)
        midTwice = bid != 0 && ask != 0 ? bid &+ ask : 0
    }

    private static func sum(
        _ side: borrowing BookSide, _ depth: Int, _ total: inout Int128,
        _ weighted: inout Int128, _ touch: inout Int128, _ price: inout Int64
    ) {
        var index = 0
        side.visit { level in
            if index == 0 {
                price = level.price
                touch += Int128(level.size)
            }
            total += Int128(level.size)
            weighted += Int128(level.size) * Int128(depth - index)
            index &+= 1
            return index < depth
        }
    }

    /// Ten-thousandths of (B − A)/(B + A); 0 when both are 0.
    var imbalance: Int64 { BookMetrics.ratio(bidSize - askSize, bidSize + askSize) }

    /// The same with weights that fall with the distance from the touch.
    var weightedImbalance: Int64 {
        BookMetrics.ratio(bidWeighted - askWeighted, bidWeighted + askWeighted)
    }

    /// Size at the touch over the size of the best levels.
    var topOfBookRatio: Int64 { BookMetrics.ratio(touchSize, bidSize + askSize) }

    static func ratio(_ numerator: Int128, _ denominator: Int128) -> Int64 {
        Int64(clamping: Rounding.halfEven(numerator, over: denominator, decimals: 4) ?? 0)
    }

}

extension Engine {
    /// What the book in `slot` is like now, for later ticks to compare with.
    func sample(of slot: Int) -> TickSample {
        let exponent = instruments[Int(books[slot].key.instrument)].definition.priceExponent
        guard books[slot].validity == .live else {
            return TickSample(
                time: time, isLive: false, midTwice: 0, priceExponent: exponent, bidSize: 0,
                askSize: 0)
        }
        let metrics = BookMetrics(books[slot].book, depth: Int(configuration.metricDepth))
        return TickSample(
            time: time, isLive: true, midTwice: metrics.midTwice, priceExponent: exponent,
            bidSize: metrics.bidSize, askSize: metrics.askSize)
    }
}

/// Changes per second against an earlier tick.
enum Velocity {
    /// (mid − earlier mid)/elapsed in quote currency per second at `decimals`.
    static func mid(
        _ now: TickSample, since earlier: TickSample, decimals: Int
    ) -> Int128? {
        guard now.midTwice != 0, earlier.midTwice != 0, now.time > earlier.time else { return nil }
        let exponent = max(now.priceExponent, earlier.priceExponent)
        let a = Int128(now.midTwice) * Int128(PowersOfTen.int64(Int(exponent - now.priceExponent)))
        let b =
            Int128(earlier.midTwice)
            * Int128(PowersOfTen.int64(Int(exponent - earlier.priceExponent)))
        let scale = Natural.product(
            2 * UInt128(PowersOfTen.int64(Int(exponent)).magnitude),
            UInt128((now.time - earlier.time).magnitude))
        let change = Natural.product((a - b).magnitude, UInt128(Timestamp.second.magnitude))
        guard let value = Rounding.halfEven(change, over: scale, decimals: decimals) else {
            return nil
        }
        return a < b ? -value : value
    }

    /// (imbalance − earlier imbalance)/elapsed in 1/s, ten-thousandths.
    static func imbalance(_ now: TickSample, since earlier: TickSample) -> Int64? {
        guard now.isLive, earlier.isLive, now.time > earlier.time else { return nil }
        let (a, p) = parts(now)
        let (b, q) = parts(earlier)
        // a/p − b/q = (a·q − b·p)/(p·q), each product below 2^140.
        let left = Natural.product(a.magnitude, UInt128(q))
        let right = Natural.product(b.magnitude, UInt128(p))
        guard let difference = signedSum(left, a < 0, right, b > 0),
            let top = difference.magnitude.multiplied(by: UInt128(Timestamp.second.magnitude)),
            let bottom = Natural.product(UInt128(p), UInt128(q)).multiplied(
                by: UInt128((now.time - earlier.time).magnitude)),
            let value = Rounding.halfEven(top, over: bottom, decimals: 4)
        else { return nil }
        return Int64(clamping: difference.isNegative ? -value : value)
    }

    /// Imbalance as a fraction; 0/1 when both sides are empty.
    private static func parts(_ sample: TickSample) -> (Int128, Int128) {
        let sum = sample.bidSize + sample.askSize
        return sum == 0 ? (0, 1) : (sample.bidSize - sample.askSize, sum)
    }

    /// Sum of two numbers given as magnitude and sign.
    static func signedSum(
        _ a: Natural, _ aIsNegative: Bool, _ b: Natural, _ bIsNegative: Bool
    ) -> (magnitude: Natural, isNegative: Bool)? {
        if aIsNegative == bIsNegative {
            guard let sum = a.adding(b) else { return nil }
            return (sum, aIsNegative)
        }
        return a < b ? (b.subtracting(a), bIsNegative) : (a.subtracting(b), aIsNegative)
    }
}
