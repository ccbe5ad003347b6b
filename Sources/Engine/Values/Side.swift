/// The side of resting interest.
public enum Side: UInt8, Sendable {
    /// Buyers' resting interest; the best bid is the highest price.
    case bid = 0
    /// Sellers' resting interest; the best ask is the lowest price.
    case ask = 1
}

/// The side of whoever crossed the spread.
public enum TakerSide: UInt8, Sendable {
    /// The venue does not say.
    case unknown = 0
    /// The taker bought.
    case buy = 1
    /// The taker sold.
    case sell = 2
}

/// One price with its total size, as mantissas at the instrument's exponents.
/// In a delta, size 0 removes the level.
public struct PriceLevel: Equatable, Sendable, BitwiseCopyable {
    /// Price mantissa, above 0.
    public var price: Int64
    /// Size mantissa in the venue's own unit, not negative.
    public var size: Int64

    /// A level of `size` at `price`.
    @inlinable public init(price: Int64, size: Int64) {
        self.price = price
        self.size = size
    }
}
