public import Engine

/// One book of a simulated venue as a client has it that got every message so far: what a book
/// folded from the messages is compared with. Cheap to keep: levels are shared until they change.
public struct SimulatedTruth: Sendable {
    /// Worst level first, as `SimulatedBookSide` keeps them, or best first, as a feed shows them.
    private enum Levels: Sendable {
        case kept(Side, keys: [Int64], sizes: [Int64])
        case shown([PriceLevel])
    }

    private let bids: Levels
    private let asks: Levels
    private let profile: SimulatedProfile

    /// The whole book.
    init(_ book: SimulatedBook) {
        bids = .kept(.bid, keys: book.bids.keys, sizes: book.bids.sizes)
        asks = .kept(.ask, keys: book.asks.keys, sizes: book.asks.sizes)
        profile = book.profile
    }

    /// The levels that a feed has shown.
    init(bids: [PriceLevel], asks: [PriceLevel], of profile: SimulatedProfile) {
        self.bids = .shown(bids)
        self.asks = .shown(asks)
        self.profile = profile
    }

    /// Levels of one side, best first, at most `count`, as mantissas at these exponents; a number
    /// that has more digits than that becomes −1.
    public func levels(
        _ side: Side, count: Int, priceExponent: UInt8, sizeExponent: UInt8
    ) -> [PriceLevel] {
        let price = scale(profile.priceDecimals, Int(priceExponent))
        let size = scale(profile.sizeDecimals, Int(sizeExponent))
        func level(_ ticks: Int64, _ units: Int64) -> PriceLevel {
            PriceLevel(
                price: scaled(ticks * profile.tickUnits, price), size: scaled(units, size))
        }
        switch side == .bid ? bids : asks {
        case .shown(let levels): return levels.prefix(count).map { level($0.price, $0.size) }
        case .kept(let side, let keys, let sizes):
            return (0..<min(count, keys.count)).map { rank in
                let index = keys.count - 1 - rank
                return level(side == .bid ? keys[index] : -keys[index], sizes[index])
            }
        }
    }

    /// What a number with `decimals` digits is multiplied with, or divided by, to have `exponent`.
    private func scale(_ decimals: Int, _ exponent: Int) -> (factor: Int64, divisor: Int64) {
        exponent >= decimals
            ? (power(exponent - decimals), 1) : (1, power(decimals - exponent))
    }

    private func power(_ exponent: Int) -> Int64 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }

    private func scaled(_ number: Int64, _ scale: (factor: Int64, divisor: Int64)) -> Int64 {
        number % scale.divisor == 0 ? number / scale.divisor * scale.factor : -1
    }
}

extension BinanceSimulator {
    /// See `VenueSimulator`.
    public func truth(_ index: Int) -> SimulatedTruth { SimulatedTruth(market.books[index]) }
}

extension CoinbaseSimulator {
    /// See `VenueSimulator`.
    public func truth(_ index: Int) -> SimulatedTruth { SimulatedTruth(market.books[index]) }
}

extension KrakenSimulator {
    /// See `VenueSimulator`.
    public func truth(_ index: Int) -> SimulatedTruth { SimulatedTruth(market.books[index]) }
}

extension BybitSimulator {
    /// See `VenueSimulator`.
    public func truth(_ index: Int) -> SimulatedTruth { SimulatedTruth(market.books[index]) }
}

extension OKXSimulator {
    /// See `VenueSimulator`: the best 400 levels of the last flush.
    public func truth(_ index: Int) -> SimulatedTruth {
        SimulatedTruth(
            bids: depths[index].bids, asks: depths[index].asks, of: market.books[index].profile)
    }
}
