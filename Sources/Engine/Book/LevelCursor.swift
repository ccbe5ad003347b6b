/// A place in a walk over one side of a book, from the best price on.
struct LevelCursor {
    fileprivate var tick = -1
    fileprivate var far = 0
    fileprivate var stage: UInt8 = 0
}

extension BookSide {
    /// The level at `cursor`, which moves on; nil behind the last one.
    @inline(__always) func next(_ cursor: inout LevelCursor) -> KeptLevel? {
        if cursor.stage == 1, cursor.tick >= 0 { return near(&cursor) }
        return nextSlowly(&cursor)
    }

    @inline(__always) private func near(_ cursor: inout LevelCursor) -> KeptLevel {
        let tick = cursor.tick
        let slot = ladder.at(tick)
        cursor.tick = ladder.next(after: tick, isBid: isBid)
        return KeptLevel(
            price: ladder.base &+ Int64(tick), size: slot.size, insertedAt: slot.insertedAt)
    }

    private func nextSlowly(_ cursor: inout LevelCursor) -> KeptLevel? {
        if cursor.stage == 0 {
            if ladder.count > 0 {
                let best = ladder.base &+ Int64(ladder.best)
                if cursor.far < overflow.count, isBetter(overflow[cursor.far].price, than: best) {
                    cursor.far &+= 1
                    return overflow[cursor.far - 1]
                }
                cursor.tick = ladder.best
            }
            cursor.stage = 1
            if cursor.tick >= 0 { return near(&cursor) }
        }
        guard cursor.far < overflow.count else { return nil }
        cursor.far &+= 1
        return overflow[cursor.far - 1]
    }
}
