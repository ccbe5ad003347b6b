/// The memory behind the words of a ladder: pages of 64 slots, which never move. A page that is
/// handed out is empty; one that is given back must be. Not copyable: it owns its memory.
struct PagePool: ~Copyable {
    private static let slotsPerPage = 64
    private static let firstCount = 32

    private var chunks: [UnsafeMutablePointer<BookSide.Slot>] = []
    private var free: [UnsafeMutablePointer<BookSide.Slot>] = []
    /// Pages of the newest chunk, and how many of them were handed out so far.
    private var capacity = 0
    private var used = 0

    deinit {
        for chunk in chunks { chunk.deallocate() }
    }

    /// An empty page.
    mutating func take() -> UnsafeMutablePointer<BookSide.Slot> {
        if let page = free.popLast() { return page }
        if used == capacity { grow() }
        let page = chunks[chunks.count - 1] + used * PagePool.slotsPerPage
        // Memory is touched when it is needed and not before.
        page.initialize(
            repeating: BookSide.Slot(size: 0, insertedAt: 0), count: PagePool.slotsPerPage)
        used += 1
        return page
    }

    /// Takes a page back whose sizes are all 0.
    mutating func give(_ page: UnsafeMutablePointer<BookSide.Slot>) { free.append(page) }

    private mutating func grow() {
        capacity = capacity == 0 ? PagePool.firstCount : capacity * 2
        used = 0
        chunks.append(.allocate(capacity: capacity * PagePool.slotsPerPage))
        free.reserveCapacity(2 * capacity)
    }
}
