import Engine

/// What one subscription of depth D shows of a book: the best D levels a side.
///
/// A change beyond them is not told, nor that a level falls out of them; what comes back into them
/// is sent again.
struct SimulatedKrakenView: Sendable {
    let depth: Int
    /// The worst key that the client holds; the least of all where it holds the whole side.
    private var bidEdge: Int64 = .min
    private var askEdge: Int64 = .min

    /// A client that was sent the snapshot of this depth.
    init(depth: Int, _ book: SimulatedBook) {
        self.depth = depth
        bidEdge = edge(of: book.bids)
        askEdge = edge(of: book.asks)
    }

    /// The key of the last level inside.
    private func edge(of side: SimulatedBookSide) -> Int64 {
        side.count >= depth ? side.keys[side.count - depth] : .min
    }

    /// What the client is told of the changes of `window`, which led to `book`.
    mutating func changes(
        _ window: SimulatedWindow, _ book: SimulatedBook
    ) -> (bids: [PriceLevel], asks: [PriceLevel]) {
        (
            changes(window.bids, book.bids, &bidEdge),
            changes(window.asks, book.asks, &askEdge)
        )
    }

    private func changes(
        _ all: [PriceLevel], _ side: SimulatedBookSide, _ edge: inout Int64
    ) -> [PriceLevel] {
        let before = edge
        edge = self.edge(of: side)
        // `price` makes a key of a price just as it makes a price of a key.
        var told = all.filter { side.price($0.price) >= ($0.size == 0 ? before : edge) }
        guard edge < before else { return told }
        // From the old edge away: what was beyond it and did not change is told as it is.
        let first = side.firstIndex(notBelow: edge)
        for index in (first..<side.firstIndex(notBelow: before)).reversed() {
            let price = side.price(side.keys[index])
            if all.contains(where: { $0.price == price }) { continue }
            told.append(PriceLevel(price: price, size: side.sizes[index]))
        }
        return told
    }
}
