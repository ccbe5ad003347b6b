/// The part of a book's side far from the touch: levels sorted best first, found by bisection.
struct Overflow: ~Copyable {
    private var base: UnsafeMutablePointer<KeptLevel>
    private var capacity = 16
    /// Levels.
    private(set) var count = 0

    init() { base = .allocate(capacity: capacity) }

    deinit { base.deallocate() }

    /// The level at `index`.
    subscript(index: Int) -> KeptLevel {
        get {
            precondition(index >= 0 && index < count, "index within the overflow")
            return base[index]
        }
        set {
            precondition(index >= 0 && index < count, "index within the overflow")
            base[index] = newValue
        }
    }

    /// Where a level of `price` lies or would be inserted.
    func index(of price: Int64, isBid: Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low &+ high) >> 1
            let isBefore = isBid ? base[middle].price > price : base[middle].price < price
            if isBefore { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// Inserts a level at `index`.
    mutating func insert(_ level: KeptLevel, at index: Int) {
        precondition(index <= count, "index within the overflow")
        if count == capacity { grow() }
        (base + index + 1).update(from: base + index, count: count - index)
        base[index] = level
        count += 1
    }

    /// Removes the level at `index`.
    mutating func remove(at index: Int) {
        precondition(index >= 0 && index < count, "index within the overflow")
        count -= 1
        (base + index).update(from: base + index + 1, count: count - index)
    }

    /// Removes all levels and keeps the memory.
    mutating func removeAll() { count = 0 }

    private mutating func grow() {
        let wider = UnsafeMutablePointer<KeptLevel>.allocate(capacity: capacity * 2)
        wider.update(from: base, count: count)
        base.deallocate()
        base = wider
        capacity *= 2
    }
}
