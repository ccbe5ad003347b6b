import Engine

/// Taking a message apart in one pass. Levels are read where they stand when the symbol came
/// before both sides, which is the order of every real message; else they are read a second time.
struct BinanceReading {
    let context: AdapterContext
    let books: BookList<BinanceBook>
    /// The message, an element of an array, the order of a liquidation, and a message of a buffer:
    /// each may be in use while those before it are.
    let message = BinanceFields()
    let element = BinanceFields()
    let order = BinanceFields()
    let buffered = BinanceFields()

    /// Reads the whole text, with which `fields` were begun. What was read before an error stays
    /// in them.
    func read(_ text: Bytes, _ fields: BinanceFields) throws(WireError) {
        var scanner = JSONScanner(text)
        context.bids.clear()
        context.asks.clear()
        try readObject(&scanner, fields, isTop: true)
        try scanner.finish()
        guard !(fields.isCombined && fields.hasLooseField) else { throw .missingField }
    }

    /// Reads one element of an array of payloads.
    func readElement(
        _ scanner: inout JSONScanner, _ fields: BinanceFields
    ) throws(WireError) {
        context.bids.clear()
        context.asks.clear()
        try readObject(&scanner, fields, isTop: false)
    }

    private func readObject(
        _ scanner: inout JSONScanner, _ fields: BinanceFields, isTop: Bool
    ) throws(WireError) {
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            guard let field = BinanceField(key) else {
                _ = try scanner.skipValue()
                continue
            }
            if isTop, !field.isEnvelope { fields.hasLooseField = true }
            let isArray = scanner.peek() == 0x5b
            switch field {
            case .data where isTop && scanner.peek() == 0x7b:
                fields.isCombined = true
                try readObject(&scanner, fields, isTop: false)
            case .b where isArray, .bids where isArray:
                // Two names for one side: nobody can tell which is meant.
                if fields.has(field == .b ? .bids : .b) { throw .duplicateKey }
                fields[field] = try readLevels(&scanner, context.bids, fields)
            case .a where isArray, .asks where isArray:
                if fields.has(field == .a ? .asks : .a) { throw .duplicateKey }
                fields[field] = try readLevels(&scanner, context.asks, fields)
            default:
                fields[field] = try scanner.skipValue()
            }
        }
    }

    /// Reads one side. Both sides are read at one scale, fixed by the first of them: a symbol that
    /// stands between the two sides changes nothing any more.
    private func readLevels(
        _ scanner: inout JSONScanner, _ out: LevelBuffer, _ fields: BinanceFields
    ) throws(WireError) -> JSONSpan {
        if !fields.hasLevels {
            fields.hasLevels = true
            if fields.values.isString(fields[.s]),
                let book = books.find(try fields.values.symbol(fields[.s]))
            {
                fields.book = book
                fields.scale = book.instrument.scale
            }
        }
        let start = scanner.position
        try scanner.levels(into: out, fields.scale)
        return JSONSpan(start: start, end: scanner.position)
    }

    /// Makes the levels in the buffers exact for `instrument`: reads them again where they were
    /// read at another scale or had finer digits. Gives the scale that holds them.
    func settle(
        _ fields: BinanceFields, _ instrument: Instrument, bids: BinanceField, asks: BinanceField
    ) throws(WireError) -> LevelScale {
        if fields.scale == instrument.scale, !context.bids.needsFiner,
            !context.asks.needsFiner
        {
            return fields.scale
        }
        return try context.settle(instrument, readAt: fields.scale) { (scale) throws(WireError) in
            try readSide(fields, fields[bids], context.bids, scale)
            try readSide(fields, fields[asks], context.asks, scale)
        }
    }

    private func readSide(
        _ fields: BinanceFields, _ span: JSONSpan, _ out: LevelBuffer, _ scale: LevelScale
    ) throws(WireError) {
        guard span.isPresent else { return }
        var scanner = JSONScanner(fields.values.raw(span))
        try scanner.levels(into: out, scale)
    }
}
