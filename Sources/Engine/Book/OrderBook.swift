/// The levels of one book: bids and asks. What they may be used for is `BookState`'s matter.
struct OrderBook: ~Copyable {
    var bids: BookSide
    var asks: BookSide

    init(key: BookKey) {
        bids = BookSide(isBid: true, salt: Mixing.salt(key, .bid))
        asks = BookSide(isBid: false, salt: Mixing.salt(key, .ask))
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

    /// Whether `side` stays within the cap of levels when `levels` are set.
    static func fits(_ side: borrowing BookSide, _ levels: UnsafeBufferPointer<PriceLevel>) -> Bool
    {
        if side.count + levels.count <= Limits.levelsPerSideMax { return true }
        var added = 0
        for level in levels where level.size != 0 && !side.contains(price: level.price) {
            added += 1
        }
        return side.count + added <= Limits.levelsPerSideMax
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
