import Engine

/// Instruments by (venue, market, symbol), in order of insertion, found without making a key: open
/// addressing over a power of two.
///
/// The arrays are taken out, changed, and put back as a whole: a look-up, which happens for every
/// message, then never has to ask whether someone is in the middle of a change.
final class SymbolIndex {
    private(set) var instruments: [Instrument] = []
    /// Position + 1; 0 is free.
    private var cells: [Int32] = Array(repeating: 0, count: 256)

    /// Eight bytes a step; the last step overlaps the one before it.
    @inline(__always)
    private static func hash(_ venue: Venue, _ market: VenueMarket, _ symbol: Bytes) -> Int {
        var hash =
            UInt64(venue.rawValue) | UInt64(market.rawValue) << 8 | UInt64(symbol.count) << 16
        var position = 0
        while position < symbol.count {
            hash = (hash ^ ByteText.word(symbol, position)) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 32
            position &+= 8
        }
        return Int(truncatingIfNeeded: hash >> 16) & Int.max
    }

    /// Where the instrument of `symbol` stands, if it was inserted.
    @inline(__always)
    func position(_ venue: Venue, _ market: VenueMarket, _ symbol: Bytes) -> Int? {
        let cells = self.cells
        let mask = cells.count &- 1
        var cell = SymbolIndex.hash(venue, market, symbol) & mask
        while cells[cell] != 0 {
            let position = Int(cells[cell]) &- 1
            let instrument = instruments[position]
            if instrument.venue == venue, instrument.market == market,
                ByteText.equal(symbol, instrument.symbol)
            {
                return position
            }
            cell = (cell &+ 1) & mask
        }
        return nil
    }

    /// Adds an instrument that is not there yet, as the last.
    func insert(_ instrument: Instrument) {
        var all = instruments
        var cells = self.cells
        (instruments, self.cells) = ([], [])
        all.append(instrument)
        if all.count * 2 > cells.count {
            cells = Array(repeating: 0, count: cells.count * 2)
            for position in all.indices { SymbolIndex.place(all[position], position, &cells) }
        } else {
            SymbolIndex.place(instrument, all.count - 1, &cells)
        }
        (instruments, self.cells) = (all, cells)
    }

    private static func place(_ instrument: Instrument, _ position: Int, _ cells: inout [Int32]) {
        let mask = cells.count - 1
        var cell = instrument.symbol.withUnsafeBufferPointer {
            hash(instrument.venue, instrument.market, $0) & mask
        }
        while cells[cell] != 0 { cell = (cell + 1) & mask }
        cells[cell] = Int32(position + 1)
    }
}
