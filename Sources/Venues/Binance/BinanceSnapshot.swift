import Engine

/// REST snapshots: rules 1, 3 and 6 of `BinanceAdapter`.
extension BinanceAdapter {
    /// Level counts that stand for "cut" when the request is not known.
    private static func isLimit(_ count: Int) -> Bool {
        switch count {
        case 5, 10, 20, 50, 100, 500, 1_000, 5_000: true
        default: false
        }
    }

    func receiveSnapshot(
        _ fields: BinanceFields, _ origin: MessageOrigin, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        var query = ByteText.bytes("")
        if case .rest(let url) = origin { query = url }
        let book = try book(snapshotSymbol: fields, query)
        let id = try fields.integer(.lastUpdateId)
        guard id >= -1 else { throw .outOfRange }
        try checkSides(fields, .bids, .asks)
        // A symbol without an update id has no level either.
        if id < 0, !context.bids.isUntouched || !context.asks.isUntouched { throw .outOfRange }
        switch book.state {
        case .live: return .unused(.alreadyInSync)
        case .bridging where id <= book.lastID: return .unused(.duplicate)
        case .buffering:
            let next = book.buffer.entries.first { !book.isOlder($0.range, than: id) }
            if let next, !book.bridges(next.range, id) {
                askForSnapshot(book)
                return .unused(.snapshotTooOld)
            }
        case .idle, .bridging: break
        }
        try appendSnapshot(fields, query, book, id, receivedAt, &block)
        if let failure = try replayBuffer(book, &block) { return .rejected(failure.reason) }
        return .used
    }

    /// The book that a snapshot belongs to: by the request, else by its own field, else by the
    /// name of the stream.
    private func book(
        snapshotSymbol fields: BinanceFields, _ query: Bytes
    ) throws(WireError) -> BinanceBook {
        if let symbol = QueryText.value("symbol", in: query) {
            return try book(upper: symbol)
        }
        if fields.has(.symbol) { return try book(try fields.values.symbol(fields[.symbol])) }
        let stream = fields.word(.stream)
        guard let at = ByteText.find(0x40, in: stream), at > 0 else { throw .missingField }
        return try book(upper: ByteText.slice(stream, 0, at))
    }

    private func book(upper symbol: Bytes) throws(WireError) -> BinanceBook {
        let upper = symbol.map(ByteText.upper)
        let result = upper.withUnsafeBufferPointer { bytes -> Result<BinanceBook, WireError> in
            do throws(WireError) {
                return .success(try book(bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func appendSnapshot(
        _ fields: BinanceFields, _ query: Bytes, _ book: BinanceBook, _ id: Int64,
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) {
        let sourceTime = fields.has(.upperT) ? try fields.time(.upperT) : try fields.time(.upperE)
        let scale = try reading.settle(fields, book.instrument, bids: .bids, asks: .asks)
        let limit = QueryText.value("limit", in: query).flatMap(NumberText.integer)
        var flags = EventFlags.needsBridge
        if isCut(context.bids.levels.count, limit) { flags.insert(.bidsCut) }
        if isCut(context.asks.levels.count, limit) { flags.insert(.asksCut) }
        context.bids.dropEmptyLevels()
        context.asks.dropEmptyLevels()
        try context.appendBook(
            .bookSnapshot, book.instrument, scale,
            BookPlace(time: sourceTime, last: id, flags: flags), receivedAt, &block)
        book.state = .bridging
        book.lastID = id
    }

    private func isCut(_ count: Int, _ limit: Int64?) -> Bool {
        // A venue may cut at its own maximum, below the limit that was asked for.
        if let limit { return Int64(count) >= limit || count == 1_000 || count == 5_000 }
        return BinanceAdapter.isLimit(count)
    }

    /// Applies what was buffered and is newer than the snapshot, at the times of its receipt.
    /// Gives the error of a delta that could not be applied: the book is invalid from there on.
    private func replayBuffer(
        _ book: BinanceBook, _ block: inout EventBlock
    ) throws(WireError) -> WireError? {
        let (entries, bytes) = book.buffer.take()
        for entry in entries where !book.isOlder(entry.range, than: book.lastID) {
            let failure = bytes.withUnsafeBufferPointer { all -> WireError? in
                let message = ByteText.slice(all, entry.start, entry.start + entry.count)
                return replay(message, entry, book, &block)
            }
            if let failure {
                try startAgain(
                    book, AdapterContext.invalidity(failure), entry.receivedAt, &block)
                return failure
            }
        }
        return nil
    }

    private func replay(
        _ message: Bytes, _ entry: MessageBuffer.Entry, _ book: BinanceBook,
        _ block: inout EventBlock
    ) -> WireError? {
        let fields = reading.buffered
        fields.begin(message)
        do throws(WireError) {
            try reading.read(message, fields)
            try apply(fields, entry.range, book, entry.receivedAt, &block)
            book.state = .live
            return nil
        } catch {
            _ = context.reject(error, message, entry.receivedAt, &block)
            return error
        }
    }
}
