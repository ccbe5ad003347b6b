import Engine

/// A message, taken apart in one pass. Levels are read where they stand when their book is known
/// and `arg` came before `data`, which is the order of every real message; else a second time.
final class OKXReading {
    private let context: AdapterContext
    private let books: StreamBooks
    /// The message, its `arg`, an element of `data`, and a part of that: each in use while those
    /// before it are.
    let top = OKXFields()
    let arg = OKXFields()
    let entry = OKXFields()
    let part = OKXFields()
    let bidDigits = LevelDigits()
    let askDigits = LevelDigits()
    private(set) var channel = OKXChannel.none
    /// The book whose one entry was read on the way.
    private(set) var book: StreamBook?
    /// The scale at which its levels were read; nil when they were only skipped.
    private var levelsScale: LevelScale?

    init(_ context: AdapterContext, _ books: StreamBooks) {
        self.context = context
        self.books = books
    }

    /// Forgets the message before.
    func begin(_ message: Bytes) {
        top.begin(message)
        arg.begin(message)
        channel = .none
        book = nil
        levelsScale = nil
    }

    /// Reads the whole text, with which it was begun. What was read before an error stays.
    func read(_ text: Bytes) throws(WireError) {
        var scanner = JSONScanner(text)
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            let field = OKXField(key)
            let start = scanner.position
            if field == .arg, scanner.peek() == 0x7b {
                try arg.read(&scanner)
                channel = OKXChannel(arg.word(.channel))
                top[.arg] = JSONSpan(start: start, end: scanner.position)
            } else if field == .data, channel.depth != nil, scanner.peek() == 0x5b,
                let known = books.find(arg.word(.instID))
            {
                try readBook(known, text, &scanner)
            } else {
                let span = try scanner.skipValue()
                if let field { top[field] = span }
            }
        }
        try scanner.finish()
    }

    /// Reads `data` of a book. More than one element are only skipped here.
    private func readBook(
        _ known: StreamBook, _ text: Bytes, _ scanner: inout JSONScanner
    ) throws(WireError) {
        let scale = known.instrument.scale
        scanner.skipSpace()
        let start = scanner.position
        var isFirst = true
        var count = 0
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            count += 1
            if count == 1, scanner.peek() == 0x7b {
                entry.begin(text)
                try readEntry(&scanner, scale)
                book = known
            } else {
                _ = try scanner.skipValue()
                book = nil
            }
        }
        levelsScale = book == nil ? nil : scale
        top[.data] = JSONSpan(start: start, end: scanner.position)
    }

    private func readEntry(
        _ scanner: inout JSONScanner, _ scale: LevelScale
    ) throws(WireError) {
        clearLevels()
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            let field = OKXField(key)
            let isArray = scanner.peek() == 0x5b
            let start = scanner.position
            if field == .asks, isArray {
                try scanner.levels(into: context.asks, askDigits, scale)
                entry[.asks] = JSONSpan(start: start, end: scanner.position)
            } else if field == .bids, isArray {
                try scanner.levels(into: context.bids, bidDigits, scale)
                entry[.bids] = JSONSpan(start: start, end: scanner.position)
            } else {
                let span = try scanner.skipValue()
                if let field { entry[field] = span }
            }
        }
    }

    private func clearLevels() {
        context.bids.clear()
        context.asks.clear()
        bidDigits.clear()
        askDigits.clear()
    }

    /// Makes the levels of `entry` exact for `instrument`: reads them (again) where they were only
    /// skipped, read at another scale, or had finer digits. Gives the scale that holds them.
    func settle(_ instrument: Instrument) throws(WireError) -> LevelScale {
        let readAt = levelsScale
        levelsScale = nil
        if readAt == instrument.scale, !context.bids.needsFiner, !context.asks.needsFiner {
            return instrument.scale
        }
        return try context.settle(instrument, readAt: readAt) { (scale) throws(WireError) in
            clearLevels()
            var bids = JSONScanner(entry.values.raw(entry[.bids]))
            try bids.levels(into: context.bids, bidDigits, scale)
            var asks = JSONScanner(entry.values.raw(entry[.asks]))
            try asks.levels(into: context.asks, askDigits, scale)
        }
    }
}
