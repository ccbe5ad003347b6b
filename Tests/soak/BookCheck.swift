internal import Engine
internal import Server
internal import Venues

/// What the messages of one book on one socket have said so far.
struct ToldBook {
    /// The book after the last message that arrived whole; and, behind it, after damaged ones,
    /// which may have been understood or not. Empty before the first.
    private(set) var truths: [(sentAt: Int64, truth: SimulatedTruth)] = []
    /// When a message about it was handed in last.
    private(set) var arrivedAt: Int64 = .min

    mutating func arrive(_ truth: SimulatedTruth, sentAt: Int64, isDamaged: Bool, at time: Int64) {
        arrivedAt = time
        if let newest = truths.first, newest.sentAt > sentAt { return }
        if !isDamaged { truths.removeAll() }
        truths.append((sentAt, truth))
    }

    mutating func forget() { truths.removeAll() }
}

/// Compares the books of the live core with those of the venues, whole.
struct BookCheck {
    /// Levels a side that a feed's own guard covers; see `FaultKind.kinds`.
    var levelsCompared: (SimulatedFeed) -> Int
    private var levels: [PriceLevel] = []

    init(levelsCompared: @escaping (SimulatedFeed) -> Int) {
        self.levelsCompared = levelsCompared
    }

    /// Compares every book of `engine` at its clock tick; `told` gives what is known of a book.
    mutating func compare(
        _ engine: borrowing Engine, into counts: inout Counts,
        told: (BookSummary) -> (feed: SimulatedFeed, book: ToldBook)?
    ) {
        for book in engine.bookSummaries {
            guard book.validity == .live, !book.isStale else {
                counts.booksFlagged += 1
                continue
            }
            guard let (feed, told) = told(book) else {
                wrong(book, "nothing was told of it", engine.time, &counts)
                continue
            }
            if engine.time - told.arrivedAt > engine.configuration.staleAfterNanos {
                wrong(book, "it is silent and not stale", engine.time, &counts)
                continue
            }
            // The newest first: a damaged message that was understood.
            let isTrue = told.truths.reversed().contains {
                isEqual(engine, book, $0.truth, levelsCompared(feed))
            }
            if isTrue {
                counts.booksEqual += 1
            } else {
                wrong(book, difference(engine, book, told), engine.time, &counts)
            }
        }
    }

    private mutating func isEqual(
        _ engine: borrowing Engine, _ book: BookSummary, _ truth: SimulatedTruth, _ count: Int
    ) -> Bool {
        for side in [Side.bid, .ask] {
            levels.removeAll(keepingCapacity: true)
            engine.bestLevels(of: book.key, side, count: count, to: &levels)
            let wanted = truth.levels(
                side, count: count, priceExponent: book.priceExponent,
                sizeExponent: book.sizeExponent)
            if levels != wanted { return false }
        }
        return true
    }

    private func wrong(
        _ book: BookSummary, _ what: String, _ time: Int64, _ counts: inout Counts
    ) {
        counts.booksWrong += 1
        let symbol = String(decoding: book.venueSymbol, as: UTF8.self)
        let line = String(decoding: book.connection, as: UTF8.self)
        counts.complain("WRONG \(symbol) of \(line) at \(time): \(what)")
    }

    /// Where a book first differs from what was told last.
    private func difference(
        _ engine: borrowing Engine, _ book: BookSummary, _ told: ToldBook
    ) -> String {
        guard let truth = told.truths.last?.truth else { return "no message of it arrived" }
        for side in [Side.bid, .ask] {
            var levels: [PriceLevel] = []
            engine.bestLevels(of: book.key, side, count: .max, to: &levels)
            let wanted = truth.levels(
                side, count: .max, priceExponent: book.priceExponent,
                sizeExponent: book.sizeExponent)
            let rank = zip(levels, wanted).enumerated().first { $0.element.0 != $0.element.1 }
            if levels == wanted { continue }
            let place = rank?.offset ?? min(levels.count, wanted.count)
            let (has, wants) = (levels.dropFirst(place).first, wanted.dropFirst(place).first)
            return "\(side) \(place) of \(levels.count) is \(has.map { "\($0)" } ?? "none"),"
                + " the venue's of \(wanted.count) \(wants.map { "\($0)" } ?? "none")"
        }
        return "equal beyond the levels compared"
    }
}
