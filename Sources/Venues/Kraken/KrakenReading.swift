import Engine

/// Taking a message of v2 apart in one pass. The levels of a book are read where they stand when
/// channel and symbol came before them, which is the order of every real message; else they are
/// read a second time.
struct KrakenReading {
    let context: AdapterContext
    let books: BookList<KrakenBook>
    let bidDigits = LevelDigits()
    let askDigits = LevelDigits()
    /// The message, and an element of its `data`, in use while the message is.
    let message = KrakenFields()
    let entry = KrakenFields()

    /// Reads the whole text, with which `message` was begun. What was read before an error stays.
    func read(_ text: Bytes) throws(WireError) {
        var scanner = JSONScanner(text)
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            guard let field = KrakenField(key) else {
                _ = try scanner.skipValue()
                continue
            }
            if field == .data, scanner.peek() == 0x5b,
                ByteText.equal(message.word(.channel), "book")
            {
                message[.data] = try readEntries(&scanner)
            } else {
                message[field] = try scanner.skipValue()
            }
        }
        try scanner.finish()
    }

    /// Takes the first element of `data` apart and counts the others.
    private func readEntries(_ scanner: inout JSONScanner) throws(WireError) -> JSONSpan {
        let start = scanner.position
        var isFirst = true
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            message.entries += 1
            if message.entries == 1 {
                try readEntry(&scanner)
            } else {
                _ = try scanner.skipValue()
            }
        }
        return JSONSpan(start: start, end: scanner.position)
    }

    /// Reads one book of `data`.
    func readEntry(_ scanner: inout JSONScanner) throws(WireError) {
        entry.begin(scanner.text)
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            let field = KrakenField(key)
            let isArray = scanner.peek() == 0x5b
            switch field {
            case .bids where isArray:
                entry[.bids] = try readSide(&scanner, context.bids, bidDigits)
            case .asks where isArray:
                entry[.asks] = try readSide(&scanner, context.asks, askDigits)
            default:
                let span = try scanner.skipValue()
                if let field { entry[field] = span }
            }
        }
    }

    /// Reads one side. Both are read at one scale, fixed by the first of them, or none is.
    private func readSide(
        _ scanner: inout JSONScanner, _ out: LevelBuffer, _ digits: LevelDigits
    ) throws(WireError) -> JSONSpan {
        if !entry.hasLevels {
            entry.hasLevels = true
            entry.book = books.find(entry.word(.symbol))
            entry.levelsScale = entry.book?.instrument.scale
            clearLevels()
        }
        guard let scale = entry.levelsScale else { return try scanner.skipValue() }
        let start = scanner.position
        try scanner.pricedLevels(into: out, digits, scale)
        return JSONSpan(start: start, end: scanner.position)
    }

    private func clearLevels() {
        context.bids.clear()
        context.asks.clear()
        bidDigits.clear()
        askDigits.clear()
    }

    /// Makes the levels of `entry` exact for `instrument`.
    func settle(_ instrument: Instrument) throws(WireError) -> LevelScale {
        if entry.levelsScale == instrument.scale, !context.bids.needsFiner,
            !context.asks.needsFiner
        {
            return instrument.scale
        }
        return try context.settle(instrument, readAt: entry.levelsScale) {
            (scale) throws(WireError) in
            clearLevels()
            try readAgain(.bids, context.bids, bidDigits, scale)
            try readAgain(.asks, context.asks, askDigits, scale)
        }
    }

    private func readAgain(
        _ field: KrakenField, _ out: LevelBuffer, _ digits: LevelDigits, _ scale: LevelScale
    ) throws(WireError) {
        var scanner = JSONScanner(entry.values.raw(entry[field]))
        try scanner.pricedLevels(into: out, digits, scale)
    }

    /// Makes the levels of v1 in `entry` exact for `instrument`, whose names are these two, and
    /// gives the newest time of a level.
    func settleTimed(
        _ instrument: Instrument, bids: KrakenField, asks: KrakenField
    ) throws(WireError) -> (scale: LevelScale, time: Int64) {
        var time = Timestamp.none
        let scale = try context.settle(instrument, readAt: nil) { (scale) throws(WireError) in
            clearLevels()
            time = Timestamp.none
            try readTimed(bids, context.bids, bidDigits, scale, &time)
            try readTimed(asks, context.asks, askDigits, scale, &time)
        }
        return (scale, time)
    }

    private func readTimed(
        _ field: KrakenField, _ out: LevelBuffer, _ digits: LevelDigits, _ scale: LevelScale,
        _ newest: inout Int64
    ) throws(WireError) {
        guard entry.has(field) else { return }
        var scanner = JSONScanner(entry.values.raw(entry[field]))
        newest = try scanner.timedLevels(into: out, digits, scale, newest: newest)
    }
}
