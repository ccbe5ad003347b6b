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

    /// The book in `slot`, read or changed in place. Addresses, because a coroutine that is not
    /// inlined takes its frame from the heap.
    subscript(slot: Int) -> BookState {
        @inline(__always) unsafeAddress {
            precondition(slot >= 0 && slot < count, "slot of a book")
            return UnsafePointer(base + slot)
        }
        @inline(__always) unsafeMutableAddress {
            precondition(slot >= 0 && slot < count, "slot of a book")
            return base + slot
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
