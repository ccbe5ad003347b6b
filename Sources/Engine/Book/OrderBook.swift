/// The levels of one book: bids and asks. What they may be used for is `BookState`'s matter.
struct OrderBook: ~Copyable {
    var bids: BookSide
    var asks: BookSide

    init(key: BookKey, rule: NotionalRule) {
        bids = BookSide(isBid: true, salt: Mixing.salt(key, .bid), rule: rule)
        asks = BookSide(isBid: false, salt: Mixing.salt(key, .ask), rule: rule)
    }

    /// Removes all levels.
    mutating func clear() {
        bids.clear()
        asks.clear()
    }

    /// Whether both sides have levels and the best bid is at or above the best ask.
    @inline(__always) var isCrossed: Bool {
        guard let bid = bids.best, let ask = asks.best else { return false }
        return bid.price >= ask.price
    }

    /// Whether both sides stay within the cap of levels when `newBids` and `newAsks` are set.
    @inline(__always)
    mutating func fits(
        bids newBids: UnsafeBufferPointer<PriceLevel>,
        asks newAsks: UnsafeBufferPointer<PriceLevel>
    ) -> Bool {
        let bidsMost = bids.count &+ newBids.count
        let asksMost = asks.count &+ newAsks.count
        if bidsMost <= Limits.levelsPerSideMax && asksMost <= Limits.levelsPerSideMax {
            return true
        }
        return bids.fits(newBids) && asks.fits(newAsks)
    }

    /// Sets the levels of both sides.
    @inline(__always)
    mutating func set(
        bids newBids: UnsafeBufferPointer<PriceLevel>,
        asks newAsks: UnsafeBufferPointer<PriceLevel>, sequence: UInt64
    ) {
        for level in newBids {
            bids.set(price: level.price, size: level.size, sequence: sequence)
        }
        for level in newAsks {
            asks.set(price: level.price, size: level.size, sequence: sequence)
        }
    }
}
