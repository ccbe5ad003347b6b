import Engine

/// Books: rules 1 to 3 of `KrakenFuturesAdapter`.
extension KrakenFuturesAdapter {
    /// How far below the last one a sequence number is taken for a repetition. One further below
    /// belongs to a count that began anew.
    private static var repeatedMax: Int64 { 1_000 }

    func receiveSnapshot(
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let product = try fields.product()
        let sequence = try sequence()
        let time = try fields.time(.timestamp)
        guard fields.values.isArray(fields[.bids]), fields.values.isArray(fields[.asks]) else {
            throw .missingField
        }
        let book = try streams.book(product)
        let scale = try context.settle(book.instrument, readAt: nil) { (scale) throws(WireError) in
            try readSide(.bids, context.bids, scale)
            try readSide(.asks, context.asks, scale)
        }
        context.bids.dropEmptyLevels()
        context.asks.dropEmptyLevels()
        try context.appendBook(
            .bookSnapshot, book.instrument, scale, BookPlace(time: time, last: sequence),
            receivedAt, &block)
        book.lastID = sequence
        book.begin()
        return .used
    }

    private func readSide(
        _ field: KrakenFuturesField, _ out: LevelBuffer, _ scale: LevelScale
    ) throws(WireError) {
        var scanner = JSONScanner(fields.values.raw(fields[field]))
        try scanner.pricedLevels(into: out, nil, scale)
    }

    private func sequence() throws(WireError) -> Int64 {
        let sequence = try fields.integer(.seq)
        guard sequence >= 0 else { throw .outOfRange }
        return sequence
    }

    func receiveDelta(
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let product = try fields.product()
        let sequence = try sequence()
        let time = try fields.time(.timestamp)
        let isBid = ByteText.equal(fields.word(.side), "buy")
        guard isBid || ByteText.equal(fields.word(.side), "sell") else { throw .missingField }
        let book = try streams.book(product)
        let side = isBid ? context.bids : context.asks
        let scale = try context.settle(book.instrument, readAt: nil) { (scale) throws(WireError) in
            try side.append(
                price: try fields.values.scaled(fields[.price], scale.price),
                size: try fields.values.scaled(fields[.qty], scale.size), scale)
        }
        guard book.isLive else { return streams.wait(book, receivedAt) }
        guard sequence == book.lastID + 1 else {
            if sequence <= book.lastID,
                book.lastID - sequence <= KrakenFuturesAdapter.repeatedMax
            {
                return .unused(.duplicate)
            }
            streams.invalidate(book, .invalid(.gap), receivedAt, &block)
            return .unused(.gap)
        }
        try context.appendBook(
            .bookDelta, book.instrument, scale,
            BookPlace(time: time, first: sequence, last: sequence), receivedAt, &block)
        book.lastID = sequence
        return .used
    }
}
