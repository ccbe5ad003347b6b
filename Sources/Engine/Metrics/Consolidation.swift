/// What a consolidated instrument looks like at one moment, before windows are laid.
struct Consolidation {
    /// Slot of each member's book; −1 where there is none.
    var slots: [Int] = []
    /// Whether each member's book is usable.
    var isUsable: [Bool] = []
    /// Highest bid plus lowest ask of the usable books at `priceExponent`; nil when one is missing.
    var midTwice: Int128?
    /// Lowest ask less highest bid at `priceExponent`.
    var spread: Int128 = 0
    /// Finest price exponent of the usable books.
    var priceExponent = 0
    /// Digits after the point with which mid is shown.
    var midDecimals = 2
}

extension Engine {
    /// The book that stands for `instrument`: the lowest live connection's, else the lowest one's.
    func primaryBook(of instrument: Int) -> Int {
        guard instrument >= 0 else { return -1 }
        let books = instruments[instrument].books
        for slot in books where self.books[slot].validity == .live { return slot }
        return books.first ?? -1
    }

    /// Fills `result` for `table` at time `now`.
    func consolidate(
        _ table: borrowing ConsolidatedTable, now: Int64, into result: inout Consolidation
    ) {
        result.slots.removeAll(keepingCapacity: true)
        result.isUsable.removeAll(keepingCapacity: true)
        result.priceExponent = 0
        result.midDecimals = 2
        for member in table.members {
            let slot = primaryBook(of: member.instrument)
            let isUsable =
                slot >= 0
                && books[slot].isUsable(now: now, staleAfter: configuration.staleAfterNanos)
            result.slots.append(slot)
            result.isUsable.append(isUsable)
            guard member.instrument >= 0 else { continue }
            let definition = instruments[member.instrument].definition
            result.midDecimals = max(result.midDecimals, definition.tickDecimals + 1)
            if isUsable {
                result.priceExponent = max(result.priceExponent, Int(definition.priceExponent))
            }
        }
        findTouch(table, &result)
    }

    private func findTouch(_ table: borrowing ConsolidatedTable, _ result: inout Consolidation) {
        var bestBid: Int128?
        var bestAsk: Int128?
        for index in result.slots.indices where result.isUsable[index] {
            let definition = instruments[table.members[index].instrument].definition
            let gap = result.priceExponent - Int(definition.priceExponent)
            let scale = Int128(PowersOfTen.int64(gap))
            if let bid = books[result.slots[index]].book.bids.best {
                let price = Int128(bid.price) * scale
                bestBid = bestBid.map { max($0, price) } ?? price
            }
            if let ask = books[result.slots[index]].book.asks.best {
                let price = Int128(ask.price) * scale
                bestAsk = bestAsk.map { min($0, price) } ?? price
            }
        }
        result.midTwice = nil
        if let bestBid, let bestAsk {
            result.midTwice = bestBid + bestAsk
            result.spread = bestAsk - bestBid
        }
    }
}
