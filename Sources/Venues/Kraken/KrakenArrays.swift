import Engine

/// Messages of v1: `[channel id, payload, …, channel name, pair]`; rule 4 of `KrakenAdapter`.
extension KrakenAdapter {
    /// Most elements of a message: two payloads.
    static var elementsMax: Int { 5 }

    func receiveArray(
        _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let count = try readElements(message)
        guard count >= 4 else { throw .unknownMessage }
        let entry = reading.entry
        entry.begin(message)
        let channel = entry.values.word(elements[count - 2])
        let pair = elements[count - 1]
        if let depth = KrakenAdapter.bookDepth(channel) {
            for index in 1..<count - 2 { try readPayload(elements[index]) }
            return try receiveBookArray(try entry.values.symbol(pair), depth, receivedAt, &block)
        }
        guard count == 4 else { throw .unknownMessage }
        let payload = elements[1]
        if ByteText.equal(channel, "trade") {
            return try receiveTradeArrays(
                payload, try entry.values.symbol(pair), receivedAt, &block)
        }
        if ByteText.equal(channel, "spread") {
            return try receiveSpread(payload, try entry.values.symbol(pair))
        }
        if ByteText.equal(channel, "ticker") {
            try readPayload(payload)
            return try receiveTickerArrays(try entry.values.symbol(pair))
        }
        if ByteText.starts(channel, with: "ohlc") { return .unused(.candle) }
        throw .unknownMessage
    }

    /// Notes where the elements of the message stand and gives their count.
    func readElements(_ message: Bytes) throws(WireError) -> Int {
        var scanner = JSONScanner(message)
        var isFirst = true
        var count = 0
        elements.clear()
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            let span = try scanner.skipValue()
            if count < KrakenAdapter.elementsMax { elements[count] = span }
            count += 1
        }
        try scanner.finish()
        guard count <= KrakenAdapter.elementsMax else { throw .unknownMessage }
        return count
    }

    /// The depth in `book-1000`; −1 where it is no number, nil for another channel.
    static func bookDepth(_ channel: Bytes) -> Int64? {
        guard ByteText.starts(channel, with: "book-") else { return nil }
        return NumberText.integer(ByteText.slice(channel, 5, channel.count)) ?? -1
    }

    /// Adds the fields of one payload to those before it.
    private func readPayload(_ span: JSONSpan) throws(WireError) {
        let entry = reading.entry
        var scanner = JSONScanner(entry.values.text)
        scanner.position = span.start
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            let field = KrakenField(key)
            let value = try scanner.skipValue()
            guard let field else { continue }
            if entry.has(field) { throw .duplicateKey }
            entry[field] = value
        }
    }

    private func receiveBookArray(
        _ pair: Bytes, _ depth: Int64, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let entry = reading.entry
        let isSnapshot = entry.has(.allAsks) || entry.has(.allBids)
        let hasChanges = entry.has(.a) || entry.has(.b)
        guard isSnapshot != hasChanges else { throw .missingField }
        let bids: KrakenField = isSnapshot ? .allBids : .b
        let asks: KrakenField = isSnapshot ? .allAsks : .a
        try checkSide(bids, isNeeded: isSnapshot)
        try checkSide(asks, isNeeded: isSnapshot)
        let checksum = entry.has(.c) ? try entry.checksum(.c) : nil
        let book = try book(pair)
        let (scale, time) = try reading.settleTimed(book.instrument, bids: bids, asks: asks)
        if isSnapshot {
            try book.subscribe(depth: depth)
        } else if book.stream.isLive, depth != book.subscribedDepth.map(Int64.init) {
            // A second subscription of another depth tells the same book.
            return .unused(.partialDepth)
        }
        return try apply(book, isSnapshot, scale, checksum, time, receivedAt, &block)
    }

    private func checkSide(_ field: KrakenField, isNeeded: Bool) throws(WireError) {
        let entry = reading.entry
        guard isNeeded || entry.has(field) else { return }
        guard entry.values.isArray(entry[field]) else { throw .missingField }
    }

    /// Best bid and ask: `[bid, ask, time, bid size, ask size]`.
    private func receiveSpread(_ span: JSONSpan, _ pair: Bytes) throws(WireError) -> Outcome {
        let values = reading.entry.values
        var scanner = JSONScanner(values.text)
        scanner.position = span.start
        try scanner.array()
        let bid = try scanner.skipValue()
        try scanner.expect(0x2c)
        let ask = try scanner.skipValue()
        try scanner.expect(0x2c)
        _ = try scanner.skipValue()
        guard scanner.take(0x2c) else {
            return try observe(pair, values, bid, nil, ask, nil)
        }
        let bidSize = try scanner.skipValue()
        try scanner.expect(0x2c)
        let askSize = try scanner.skipValue()
        return try observe(pair, values, bid, bidSize, ask, askSize)
    }

    /// Best bid and ask in `a` and `b`: `[price, whole lots, size]`.
    private func receiveTickerArrays(_ pair: Bytes) throws(WireError) -> Outcome {
        let (bid, bidSize) = try firstAndThird(.b)
        let (ask, askSize) = try firstAndThird(.a)
        return try observe(pair, reading.entry.values, bid, bidSize, ask, askSize)
    }

    private func firstAndThird(
        _ field: KrakenField
    ) throws(WireError) -> (JSONSpan, JSONSpan) {
        let entry = reading.entry
        guard entry.values.isArray(entry[field]) else { throw .missingField }
        var scanner = JSONScanner(entry.values.text)
        scanner.position = entry[field].start
        try scanner.array()
        let first = try scanner.skipValue()
        try scanner.expect(0x2c)
        _ = try scanner.skipValue()
        try scanner.expect(0x2c)
        return (first, try scanner.skipValue())
    }
}

extension ByteText {
    /// Whether `bytes` begin with `word`.
    static func starts(_ bytes: Bytes, with word: StaticString) -> Bool {
        bytes.count >= word.utf8CodeUnitCount
            && equal(slice(bytes, 0, word.utf8CodeUnitCount), word)
    }
}
