import Engine

/// Taking a message apart in one pass. Levels are read where they stand when the topic came before
/// them, which is the order of every real message; else they are read a second time.
struct BybitReading {
    let context: AdapterContext
    let books: StreamBooks
    /// The message, and one element of its `data`: in use while the message is.
    let message = BybitFields()
    let element = BybitFields()

    /// Reads the whole text, with which `message` was begun. What was read before an error stays
    /// in it.
    func read(_ text: Bytes) throws(WireError) {
        let fields = message
        var scanner = JSONScanner(text)
        context.bids.clear()
        context.asks.clear()
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            guard let field = BybitField(envelope: key) else {
                _ = try scanner.skipValue()
                continue
            }
            if field == .data, scanner.peek() == 0x7b {
                let start = scanner.position
                try readData(&scanner, fields)
                fields[.data] = JSONSpan(start: start, end: scanner.position)
                continue
            }
            fields[field] = try scanner.skipValue()
            if field == .topic { try noteTopic(fields) }
        }
        try scanner.finish()
    }

    private func noteTopic(_ fields: BybitFields) throws(WireError) {
        let topic = BybitTopic(try fields.values.symbol(fields[.topic]))
        fields.topic = topic
        guard case .book(_, let symbol) = topic, !fields.has(.data),
            let book = books.find(symbol)
        else { return }
        fields.book = book
        fields.scale = book.instrument.scale
    }

    /// Reads `data` where it is an object.
    private func readData(
        _ scanner: inout JSONScanner, _ fields: BybitFields
    ) throws(WireError) {
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            let isArray = scanner.peek() == 0x5b
            let start = scanner.position
            switch BybitField(data: key) {
            case .b where isArray:
                try scanner.levels(into: context.bids, fields.scale)
                fields[.b] = JSONSpan(start: start, end: scanner.position)
            case .a where isArray:
                try scanner.levels(into: context.asks, fields.scale)
                fields[.a] = JSONSpan(start: start, end: scanner.position)
            case .some(let field): fields[field] = try scanner.skipValue()
            case .none: _ = try scanner.skipValue()
            }
        }
    }

    /// Reads one element of an array in `data`.
    func readElement(_ scanner: inout JSONScanner) throws(WireError) {
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            let field = BybitField(data: key)
            let span = try scanner.skipValue()
            if let field { element[field] = span }
        }
    }

    /// Makes the levels in the buffers exact for `instrument`: reads them again where they were
    /// read at another scale or had finer digits. Gives the scale that holds them.
    func settle(_ instrument: Instrument) throws(WireError) -> LevelScale {
        let fields = message
        if fields.scale == instrument.scale, !context.bids.needsFiner, !context.asks.needsFiner {
            return fields.scale
        }
        return try context.settle(instrument, readAt: fields.scale) { (scale) throws(WireError) in
            var bids = JSONScanner(fields.values.raw(fields[.b]))
            try bids.levels(into: context.bids, scale)
            var asks = JSONScanner(fields.values.raw(fields[.a]))
            try asks.levels(into: context.asks, scale)
        }
    }
}
