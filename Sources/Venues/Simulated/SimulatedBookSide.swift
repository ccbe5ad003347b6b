import Engine

/// One side of a simulated book.
///
/// Levels are kept by *key*, worst first: the price in ticks for bids, its negative for asks.
/// So on both sides a better price is a greater key, the touch is the last element, and the
/// code that moves a book is written once.
struct SimulatedBookSide: Sendable {
    let side: Side
    private(set) var keys: [Int64] = []
    private(set) var sizes: [Int64] = []
    /// Keys touched since the last window was taken; may hold repetitions.
    private(set) var changedKeys: [Int64] = []

    init(side: Side) { self.side = side }

    var count: Int { keys.count }

    /// The greatest key, or nil on an empty side.
    var bestKey: Int64? { keys.last }

    /// The price in ticks of a key, and the key of a price.
    func price(_ key: Int64) -> Int64 { side == .bid ? key : -key }

    /// The level of `rank`, 0 at the touch.
    func level(rank: Int) -> PriceLevel {
        let index = count - 1 - rank
        return PriceLevel(price: price(keys[index]), size: sizes[index])
    }

    /// Levels from the touch away, at most `limit`.
    func levels(limit: Int) -> [PriceLevel] {
        (0..<min(limit, count)).map { level(rank: $0) }
    }

    /// Sets the size at a key; 0 removes it.
    mutating func set(_ key: Int64, size: Int64) {
        let index = firstIndex(notBelow: key)
        let isHeld = index < count && keys[index] == key
        changedKeys.append(key)
        if size == 0 {
            guard isHeld else { return }
            keys.remove(at: index)
            sizes.remove(at: index)
        } else if isHeld {
            sizes[index] = size
        } else {
            keys.insert(key, at: index)
            sizes.insert(size, at: index)
        }
    }

    /// The net changes since the last call, each key once, from the touch away.
    mutating func takeChanges() -> [PriceLevel] {
        changedKeys.sort(by: >)
        var changes: [PriceLevel] = []
        changes.reserveCapacity(changedKeys.count)
        var previous: Int64?
        for key in changedKeys where key != previous {
            previous = key
            changes.append(PriceLevel(price: price(key), size: size(at: key)))
        }
        changedKeys.removeAll(keepingCapacity: true)
        return changes
    }

    /// The size at a key, 0 where there is no level.
    private func size(at key: Int64) -> Int64 {
        let index = firstIndex(notBelow: key)
        return index < count && keys[index] == key ? sizes[index] : 0
    }

    /// The index of the worst level whose key is at least `key`; `count` where there is none.
    func firstIndex(notBelow key: Int64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
