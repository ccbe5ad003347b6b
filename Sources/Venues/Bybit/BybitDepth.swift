import Engine

/// Books: rules 2 to 6 of `BybitAdapter`.
extension BybitAdapter {
    func receiveBook(
        _ fields: BybitFields, _ depth: Int, _ symbol: Bytes, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        // A message that speaks of two symbols may be about either.
        guard ByteText.equal(try fields.values.symbol(fields[.s]), symbol) else {
            throw .unknownMessage
        }
        let book = try book(fields, symbol)
        let isSnapshot = ByteText.equal(fields.word(.type), "snapshot")
        guard isSnapshot || ByteText.equal(fields.word(.type), "delta") else {
            throw .unknownMessage
        }
        guard fields.values.isArray(fields[.b]), fields.values.isArray(fields[.a]) else {
            throw .missingField
        }
        let update = BybitUpdate(
            id: try fields.integer(.u), seq: fields.has(.seq) ? try fields.integer(.seq) : -1,
            time: try fields.time(fields.has(.cts) ? .cts : .ts))
        guard update.id >= 0, update.seq >= -1 else { throw .outOfRange }
        if isSnapshot || update.id == 1 {
            return try receiveSnapshot(book, depth, update, receivedAt, &block)
        }
        return try receiveDelta(book, depth, update, receivedAt, &block)
    }

    private func book(_ fields: BybitFields, _ symbol: Bytes) throws(WireError) -> StreamBook {
        if let book = fields.book { return book }
        return try books.book(symbol)
    }

    private func receiveSnapshot(
        _ book: StreamBook, _ depth: Int, _ update: BybitUpdate, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let scale = try reading.settle(book.instrument)
        guard let mirror = book.mirror else { return .unused(.partialDepth) }
        if book.isLive, depth < mirror.depth { return .unused(.partialDepth) }
        // `u` may count anew with a subscription, `seq` does not.
        if update.seq >= 0, book.isOvertaken(update.seq, depth: depth) {
            return books.ask(insteadOf: book)
        }
        context.bids.dropEmptyLevels()
        context.asks.dropEmptyLevels()
        var place = update.place
        if context.bids.count >= depth { place.flags.insert(.bidsCut) }
        if context.asks.count >= depth { place.flags.insert(.asksCut) }
        mirror.depth = depth
        try mirror.apply(context.bids, nil, context.asks, nil, scale, isSnapshot: true)
        try context.appendBook(
            .bookSnapshot, book.instrument, scale, place, receivedAt, &block)
        book.begin()
        book.note(update)
        return .used
    }

    private func receiveDelta(
        _ book: StreamBook, _ depth: Int, _ update: BybitUpdate, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let scale = try reading.settle(book.instrument)
        guard let mirror = book.mirror, book.isLive else {
            if book.mirror?.depth == 0 { book.mirror?.depth = depth }
            book.miss(update.seq, depth: depth)
            return books.wait(book, receivedAt)
        }
        guard depth == mirror.depth else {
            return .unused(depth < mirror.depth ? .partialDepth : .waitingForSnapshot)
        }
        switch book.judge(update) {
        case .next:
            try mirror.apply(context.bids, nil, context.asks, nil, scale, isSnapshot: false)
            try context.appendBook(
                .bookDelta, book.instrument, scale, update.place, receivedAt, &block)
            book.note(update)
            return .used
        case .duplicate: return .unused(.duplicate)
        case .gap:
            books.invalidate(book, .invalid(.gap), receivedAt, &block)
            return .unused(.gap)
        }
    }
}

/// The place of one message in the sequence of its topic.
struct BybitUpdate {
    /// `u`.
    let id: Int64
    /// `seq`; −1 where there is none.
    let seq: Int64
    /// The venue's time.
    let time: Int64

    var place: BookPlace { BookPlace(time: time, first: id, last: id) }
}

extension StreamBook {
    fileprivate enum Judgement { case next, duplicate, gap }

    /// What rule 3 says about a delta.
    fileprivate func judge(_ update: BybitUpdate) -> Judgement {
        let isKnown = update.seq >= 0 && crossSequence >= 0
        if update.id == lastID + 1 {
            return isKnown && update.seq < crossSequence ? .gap : .next
        }
        if update.id > lastID { return .gap }
        return isKnown && update.seq > crossSequence ? .gap : .duplicate
    }

    fileprivate func note(_ update: BybitUpdate) {
        lastID = update.id
        crossSequence = update.seq
    }
}
