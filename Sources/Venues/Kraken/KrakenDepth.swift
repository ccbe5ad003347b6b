import Engine

/// Books: rules 1 to 3 of `KrakenAdapter`, and the messages of v2.
extension KrakenAdapter {
    func receiveBooks(
        _ fields: KrakenFields, _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let isSnapshot = ByteText.equal(fields.word(.type), "snapshot")
        guard isSnapshot || ByteText.equal(fields.word(.type), "update") else {
            throw .unknownMessage
        }
        guard fields.values.isArray(fields[.data]) else { throw .missingField }
        // One book, which is every real message, was taken apart on the way.
        if fields.entries == 1 { return try receiveBook(isSnapshot, receivedAt, &block) }
        return try receiveEach(fields, isSnapshot, message, receivedAt, &block)
    }

    /// Takes any count of books one by one. A pair that can have no book rejects its own element.
    private func receiveEach(
        _ fields: KrakenFields, _ isSnapshot: Bool, _ message: Bytes, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        var scanner = JSONScanner(fields.values.raw(fields[.data]))
        var isFirst = true
        var outcome = Outcome.unused(.notRecorded)
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            let one: Outcome
            do throws(WireError) {
                try reading.readEntry(&scanner)
                one = try receiveBook(isSnapshot, receivedAt, &block)
            } catch {
                guard error.isOfNoBook else { throw error }
                if case .rejected = outcome { continue }
                one = context.reject(error, message, receivedAt, &block)
            }
            switch (outcome, one) {
            case (.rejected, _), (.used, .unused): break
            default: outcome = one
            }
        }
        return outcome
    }

    private func book(of entry: KrakenFields) throws(WireError) -> KrakenBook {
        if let book = entry.book { return book }
        return try book(try entry.symbol(.symbol))
    }

    /// Takes the book in `reading.entry`.
    private func receiveBook(
        _ isSnapshot: Bool, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let entry = reading.entry
        let book = try book(of: entry)
        guard entry.values.isArray(entry[.bids]), entry.values.isArray(entry[.asks]) else {
            throw .missingField
        }
        let time = try entry.time()
        let checksum = try entry.checksum(.checksum)
        let scale = try reading.settle(book.instrument)
        return try apply(book, isSnapshot, scale, checksum, time, receivedAt, &block)
    }

    /// Appends the levels in the buffers and those that fall out of the depth, and compares the
    /// checksum where there is one.
    func apply(
        _ book: KrakenBook, _ isSnapshot: Bool, _ scale: LevelScale, _ checksum: UInt32?,
        _ time: Int64, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        guard isSnapshot || book.stream.isLive else {
            return streams.wait(book.stream, receivedAt)
        }
        let bids = context.bids
        let asks = context.asks
        if isSnapshot { book.fit(max(bids.count, asks.count)) }
        try book.apply(reading, scale, isSnapshot: isSnapshot)
        var flags = isSnapshot ? book.cutFlags : []
        if isSnapshot {
            bids.dropEmptyLevels()
            asks.dropEmptyLevels()
        }
        let isWrong = checksum.map { $0 != book.checksum.value(of: book.mirror) } ?? false
        if checksum != nil { flags.insert(isWrong ? .checksumFailed : .checksumPassed) }
        try context.appendBook(
            isSnapshot ? .bookSnapshot : .bookDelta, book.instrument, scale,
            BookPlace(time: time, flags: flags), receivedAt, &block)
        if isWrong {
            streams.endWithEvent(book.stream)
        } else if isSnapshot {
            book.stream.begin()
        }
        return .used
    }
}

extension KrakenBook {
    /// Sets the levels that were read. Those that fall out of the depth stand in the buffers
    /// behind them, as removals.
    func apply(
        _ reading: KrakenReading, _ scale: LevelScale, isSnapshot: Bool
    ) throws(WireError) {
        let bids = reading.context.bids
        let asks = reading.context.asks
        if isSnapshot || mirror.exponents.price != scale.priceExponent {
            checksum.reset()
        } else {
            checksum.note(bids, asks, mirror)
        }
        try mirror.apply(
            bids, reading.bidDigits, asks, reading.askDigits, scale, isSnapshot: isSnapshot)
    }

    /// Which sides of a snapshot are as long as the depth, so that more may lie beyond them.
    var cutFlags: EventFlags {
        var flags: EventFlags = []
        if mirror.bids.levels.count >= mirror.depth { flags.insert(.bidsCut) }
        if mirror.asks.levels.count >= mirror.depth { flags.insert(.asksCut) }
        return flags
    }
}
