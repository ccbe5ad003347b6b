/// What is going to happen, by time; at one time in the order in which it was planned.
struct EventQueue<Item> {
    private var heap: [(at: Int64, number: UInt64, item: Item)] = []
    private var planned: UInt64 = 0

    /// When the next thing happens.
    var next: Int64? { heap.first?.at }

    mutating func removeAll() { heap.removeAll() }

    mutating func plan(_ item: Item, at time: Int64) {
        planned += 1
        heap.append((time, planned, item))
        var child = heap.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes the next thing out.
    mutating func take() -> (at: Int64, item: Item)? {
        guard !heap.isEmpty else { return nil }
        heap.swapAt(0, heap.count - 1)
        let taken = heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && isBefore(child, least) {
                least = child
            }
            if least == parent { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return (taken.at, taken.item)
    }

    private func isBefore(_ first: Int, _ second: Int) -> Bool {
        (heap[first].at, heap[first].number) < (heap[second].at, heap[second].number)
    }
}
