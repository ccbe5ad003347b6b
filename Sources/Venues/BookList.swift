import Engine

/// The books of one connection, found by the slot of their instrument.
struct BookList<Book: AnyObject> {
    private(set) var all: [Book] = []
    /// Index into `all` by slot of the instrument table, −1 where there is none.
    private var indexOfSlot: [Int32] = []

    @inline(__always) subscript(slot: Int) -> Book? {
        guard slot < indexOfSlot.count, indexOfSlot[slot] >= 0 else { return nil }
        return all[Int(indexOfSlot[slot])]
    }

    /// Adds the book of a slot that has none.
    mutating func insert(_ book: Book, at slot: Int) throws(WireError) {
        guard all.count < Limits.booksMax else { throw .tooLarge }
        while indexOfSlot.count <= slot { indexOfSlot.append(-1) }
        indexOfSlot[slot] = Int32(all.count)
        all.append(book)
    }
}
