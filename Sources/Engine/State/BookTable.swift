/// The books of the engine, by dense slot. Owns them; they are changed in place.
struct BookTable: ~Copyable {
    private var base: UnsafeMutablePointer<BookState>
    private var capacity = 8
    /// Books.
    private(set) var count = 0

    init() { base = .allocate(capacity: capacity) }

    deinit {
        base.deinitialize(count: count)
        base.deallocate()
    }

    /// The book in `slot`, read or changed in place.
    subscript(slot: Int) -> BookState {
        @inline(__always) _read {
            precondition(slot >= 0 && slot < count, "slot of a book")
            yield base[slot]
        }
        @inline(__always) _modify {
            precondition(slot >= 0 && slot < count, "slot of a book")
            yield &base[slot]
        }
    }

    /// Adds an empty book and gives its slot.
    mutating func add(_ book: consuming BookState) -> Int {
        if count == capacity { grow() }
        (base + count).initialize(to: book)
        count += 1
        return count - 1
    }

    private mutating func grow() {
        let wider = UnsafeMutablePointer<BookState>.allocate(capacity: capacity * 2)
        wider.moveInitialize(from: base, count: count)
        base.deallocate()
        base = wider
        capacity *= 2
    }
}
