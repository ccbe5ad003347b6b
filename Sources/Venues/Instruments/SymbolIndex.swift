import Engine

/// Looks up slots by (venue, symbol) without making a key: open addressing over a power of two.
struct SymbolIndex {
    /// Slot + 1; 0 is free.
    private var cells: [Int32] = Array(repeating: 0, count: 256)
    private var count = 0

    private static func hash(_ venue: Venue, _ symbol: Bytes) -> Int {
        var hash = UInt64(venue.rawValue) ^ 0xcbf2_9ce4_8422_2325
        var index = 0
        while index < symbol.count {
            hash = (hash ^ UInt64(symbol[index])) &* 0x100_0000_01b3
            index &+= 1
        }
        return Int(truncatingIfNeeded: hash ^ hash >> 29) & Int.max
    }

    /// The slot of `symbol`, if it was inserted.
    @inline(__always)
    func find(_ venue: Venue, _ symbol: Bytes, in instruments: [Instrument]) -> Int? {
        let mask = cells.count &- 1
        var cell = SymbolIndex.hash(venue, symbol) & mask
        while cells[cell] != 0 {
            let slot = Int(cells[cell]) &- 1
            if instruments[slot].venue == venue,
                ByteText.equal(symbol, instruments[slot].symbol)
            {
                return slot
            }
            cell = (cell &+ 1) & mask
        }
        return nil
    }

    /// Adds the slot of the last of `instruments`, which is not there yet.
    mutating func insertLast(of instruments: [Instrument]) {
        count += 1
        if count * 2 > cells.count {
            cells = Array(repeating: 0, count: cells.count * 2)
            for slot in instruments.indices { place(instruments[slot], slot) }
        } else {
            place(instruments[instruments.count - 1], instruments.count - 1)
        }
    }

    private mutating func place(_ instrument: Instrument, _ slot: Int) {
        let mask = cells.count - 1
        var cell = instrument.symbol.withUnsafeBufferPointer {
            SymbolIndex.hash(instrument.venue, $0) & mask
        }
        while cells[cell] != 0 { cell = (cell + 1) & mask }
        cells[cell] = Int32(slot + 1)
    }
}
