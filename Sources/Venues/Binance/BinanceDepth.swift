import Engine

/// Deltas: rules 2 to 5 of `BinanceAdapter`.
extension BinanceAdapter {
    func receiveDepth(
        _ fields: BinanceFields, _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let book = try book(of: fields)
        let range = try updateRange(fields)
        try checkSides(fields, .b, .a)
        if book.state == .idle || book.state == .buffering {
            return try keep(message, range, book, receivedAt, &block)
        }
        switch book.judge(range) {
        case .apply:
            try apply(fields, range, book, receivedAt, &block)
            book.state = .live
            return .used
        case .older: return .unused(.olderThanSnapshot)
        case .duplicate: return .unused(.duplicate)
        case .gap:
            try startAgain(book, .invalid(.gap), receivedAt, &block)
            _ = try keep(message, range, book, receivedAt, &block)
            return .unused(.gap)
        }
    }

    /// `U`, `u` and, on futures, `pu`.
    private func updateRange(_ fields: BinanceFields) throws(WireError) -> UpdateRange {
        let first = try fields.integer(.upperU)
        let last = try fields.integer(.u)
        guard first >= 0, last >= first else { throw .outOfRange }
        return UpdateRange(
            first: first, last: last, previous: isFutures ? try fields.integer(.pu) : nil)
    }

    func checkSides(
        _ fields: BinanceFields, _ bids: BinanceField, _ asks: BinanceField
    ) throws(WireError) {
        guard fields.values.isArray(fields[bids]), fields.values.isArray(fields[asks]) else {
            throw .missingField
        }
    }

    /// Appends the delta in the buffers.
    func apply(
        _ fields: BinanceFields, _ range: UpdateRange, _ book: BinanceBook, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) {
        let sourceTime = fields.has(.upperT) ? try fields.time(.upperT) : try fields.time(.upperE)
        let scale = try reading.settle(fields, book.instrument, bids: .b, asks: .a)
        try context.appendBook(
            .bookDelta, book.instrument, scale,
            BookPlace(time: sourceTime, first: range.first, last: range.last), receivedAt, &block)
        book.lastID = range.last
    }

    /// Keeps a delta until a snapshot comes (rule 1).
    private func keep(
        _ message: Bytes, _ range: UpdateRange, _ book: BinanceBook, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        var outcome = Outcome.unused(.waitingForSnapshot)
        if book.state == .buffering, !book.buffer.entries.isEmpty {
            switch book.continues(range, book.bufferedID) {
            case .duplicate: return .unused(.duplicate)
            case .gap:
                let key = try defined(book, receivedAt, &block)
                try startAgain(book, .invalid(.gap), receivedAt, &block)
                context.status(key, .syncing, receivedAt, &block)
                book.state = .buffering
                askForSnapshot(book)
                outcome = .unused(.gap)
            case .apply, .older:
                if !book.buffer.hasRoom(for: message.count, at: receivedAt) {
                    book.buffer.clear()
                    askForSnapshot(book)
                    outcome = .unused(.bufferRestarted)
                }
            }
        }
        if book.state == .idle { try startBuffering(book, receivedAt, &block) }
        // The other books of the connection may have taken all the room.
        guard book.buffer.hasRoom(for: message.count, at: receivedAt) else {
            return .unused(.bufferRestarted)
        }
        book.buffer.append(message, range, receivedAt)
        book.bufferedID = range.last
        return outcome
    }

    private func startBuffering(
        _ book: BinanceBook, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) {
        book.state = .buffering
        askForSnapshot(book)
        if book.instrument.isDefined {
            context.status(try defined(book, receivedAt, &block), .syncing, receivedAt, &block)
        }
    }

    /// The key of the book; defines its instrument where that was not done yet.
    func defined(
        _ book: BinanceBook, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> BookKey {
        let instrument = book.instrument
        return context.key(
            try context.instruments.define(instrument, instrument.scale, receivedAt, &block))
    }

    /// The book is not right any more: says so at once and goes back to the start of the rules.
    func startAgain(
        _ book: BinanceBook, _ validity: BookValidity, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) {
        book.reset()
        guard book.instrument.isDefined else { return }
        context.status(try defined(book, receivedAt, &block), validity, receivedAt, &block)
    }
}
