import Engine

/// Snapshots and deltas: rules 1 to 5 of `OKXAdapter`.
extension OKXAdapter {
    func receiveBook(
        _ depth: Int, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let action = reading.top.word(.action)
        let isSnapshot = ByteText.equal(action, "snapshot")
        guard isSnapshot || ByteText.equal(action, "update") else { throw .missingField }
        if let book = reading.book {
            if reading.entry.has(.instID) { _ = try reading.symbol(of: reading.entry) }
            return try receiveLevels(book, depth, isSnapshot, receivedAt, &block)
        }
        var outcome: Outcome?
        var entries = try reading.entries()
        while try reading.next(&entries) {
            let book = try books.book(try reading.symbol(of: reading.entry))
            let one = try receiveLevels(book, depth, isSnapshot, receivedAt, &block)
            if outcome != .used { outcome = one }
        }
        guard let outcome else { throw .missingField }
        return outcome
    }

    /// Takes the entry that was read.
    private func receiveLevels(
        _ book: StreamBook, _ depth: Int, _ isSnapshot: Bool, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let entry = reading.entry
        guard entry.values.isArray(entry[.bids]), entry.values.isArray(entry[.asks]) else {
            throw .missingField
        }
        if book.isLive, book.mirror?.depth != depth { return .unused(.partialDepth) }
        let last = try entry.count(.seqID)
        let previous = isSnapshot ? -1 : try entry.count(.prevSeqID)
        guard isSnapshot || (previous < 0) == (last < 0) else { throw .missingField }
        let time = try entry.time(.ts)
        let checksum = try statedChecksum(entry)
        let scale = try reading.settle(book.instrument)
        if isSnapshot {
            if book.isOvertaken(last, depth: depth) { return books.ask(insteadOf: book) }
            book.mirror?.depth = depth
        } else if !book.isLive {
            book.miss(last, depth: depth)
            return books.wait(book, receivedAt)
        } else if previous != book.lastID {
            books.invalidate(book, .invalid(.gap), receivedAt, &block)
            return .unused(.gap)
        }
        let flags = try mirror(book, scale, checksum, isSnapshot: isSnapshot)
        let isGrowing = isSnapshot || last > book.loggedID
        try context.appendBook(
            isSnapshot ? .bookSnapshot : .bookDelta, book.instrument, scale,
            BookPlace(
                time: time, first: isGrowing ? previous : -1, last: isGrowing ? last : -1,
                flags: flags), receivedAt, &block)
        if isSnapshot { book.begin() }
        if isGrowing { book.loggedID = last }
        book.lastID = last
        if flags.contains(.checksumFailed) { books.endWithEvent(book) }
        return .used
    }

    /// The signed 32-bit number in `checksum`; 0 where there is none (rule 3).
    private func statedChecksum(_ entry: OKXFields) throws(WireError) -> Int32 {
        guard entry.has(.checksum) else { return 0 }
        let value = try entry.values.integer(entry[.checksum])
        guard let checksum = Int32(exactly: value) else { throw .outOfRange }
        return checksum
    }

    /// Sets the levels in the buffers in the book as the venue keeps it, which appends what fell
    /// out, and gives the flags of the event (rules 3 and 4).
    private func mirror(
        _ book: StreamBook, _ scale: LevelScale, _ stated: Int32, isSnapshot: Bool
    ) throws(WireError) -> EventFlags {
        // Every book of this venue has a depth.
        guard let mirror = book.mirror else { throw .missingField }
        try mirror.apply(
            context.bids, reading.bidDigits, context.asks, reading.askDigits, scale,
            isSnapshot: isSnapshot)
        var flags = EventFlags()
        if isSnapshot {
            if mirror.bids.levels.count >= mirror.depth { flags.insert(.bidsCut) }
            if mirror.asks.levels.count >= mirror.depth { flags.insert(.asksCut) }
            context.bids.dropEmptyLevels()
            context.asks.dropEmptyLevels()
        }
        guard stated != 0 else { return flags }
        flags.insert(checksum.value(mirror) == stated ? .checksumPassed : .checksumFailed)
        return flags
    }
}
