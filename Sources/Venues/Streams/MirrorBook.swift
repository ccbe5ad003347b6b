import Engine

/// A level as the venue's own book has it.
struct MirrorLevel: BitwiseCopyable {
    var price: Int64
    var size: Int64
    var digits: WireDigits
}

/// One side of a mirrored book: sorted, the best level last, so that what changes often is near
/// the end.
struct MirrorSide {
    private(set) var levels: [MirrorLevel] = []
    private let isBid: Bool

    init(isBid: Bool) { self.isBid = isBid }

    mutating func clear() { levels.removeAll(keepingCapacity: true) }

    /// Where a level of `price` stands or would stand.
    private func index(of price: Int64) -> Int {
        var low = 0
        var high = levels.count
        while low < high {
            let middle = (low &+ high) >> 1
            let found = levels[middle].price
            let isWorse = isBid ? found < price : found > price
            if isWorse { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// Sets a level; size 0 removes it, and removing what is not there is normal.
    mutating func set(_ level: MirrorLevel) {
        let index = index(of: level.price)
        let isThere = index < levels.count && levels[index].price == level.price
        if level.size == 0 {
            if isThere { levels.remove(at: index) }
        } else if isThere {
            levels[index] = level
        } else {
            levels.insert(level, at: index)
        }
    }

    /// Moves the worst levels beyond `depth` out, as removals behind the levels in `removed`.
    mutating func cut(to depth: Int, _ removed: LevelBuffer) throws(WireError) {
        let excess = levels.count - depth
        guard excess > 0 else { return }
        for index in 0..<excess {
            try removed.append(PriceLevel(price: levels[index].price, size: 0))
        }
        levels.removeFirst(excess)
    }

    /// Rescales all levels. When one does not fit, nothing is right any more.
    mutating func rescale(from old: LevelScale, to finer: LevelScale) throws(WireError) {
        for index in levels.indices {
            let level = PriceLevel(price: levels[index].price, size: levels[index].size)
            let moved = try old.convert(level, to: finer)
            levels[index].price = moved.price
            levels[index].size = moved.size
        }
    }
}

/// The best levels of a book exactly as the venue keeps them: cut to a depth after every message,
/// with the digits of the wire. It tells which levels fell out, so that the log says so, and the
/// text over which the venue computes its checksum (ADR 0014).
final class MirrorBook {
    private(set) var bids = MirrorSide(isBid: true)
    private(set) var asks = MirrorSide(isBid: false)
    /// Levels a side that the venue keeps.
    var depth: Int
    private var scale = LevelScale.coarsest

    init(depth: Int) { self.depth = depth }

    func clear() {
        bids.clear()
        asks.clear()
    }

    /// Sets the levels in the two buffers, which were read at `newScale`, and appends a removal for
    /// every level that falls out of the depth. A snapshot replaces all, and is not cut.
    func apply(
        _ newBids: LevelBuffer, _ bidDigits: LevelDigits?, _ newAsks: LevelBuffer,
        _ askDigits: LevelDigits?, _ newScale: LevelScale, isSnapshot: Bool
    ) throws(WireError) {
        if isSnapshot { clear() }
        if newScale != scale {
            try bids.rescale(from: scale, to: newScale)
            try asks.rescale(from: scale, to: newScale)
            scale = newScale
        }
        MirrorBook.set(newBids, bidDigits, &bids)
        MirrorBook.set(newAsks, askDigits, &asks)
        if isSnapshot { return }
        try bids.cut(to: depth, newBids)
        try asks.cut(to: depth, newAsks)
    }

    private static func set(
        _ buffer: LevelBuffer, _ digits: LevelDigits?, _ side: inout MirrorSide
    ) {
        let levels = buffer.levels
        let known = digits?.all ?? []
        for index in levels.indices {
            side.set(
                MirrorLevel(
                    price: levels[index].price, size: levels[index].size,
                    digits: index < known.count ? known[index] : WireDigits()))
        }
    }

    /// Exponents of the mantissas in the levels.
    var exponents: (price: Int, size: Int) { (scale.priceExponent, scale.sizeExponent) }
}
