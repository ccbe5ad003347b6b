import Engine

/// Levels and best bid and ask, for both feeds.
extension CoinbaseAdapter {
    /// Appends a level of a snapshot; a malformed one is left out (rule 6).
    ///
    /// - Returns: 1 for a malformed level, else 0.
    func appendSnapshotLevel(
        _ values: JSONFields, _ price: JSONSpan, _ size: JSONSpan, _ out: LevelBuffer,
        _ scale: LevelScale
    ) throws(WireError) -> Int {
        let mantissas: (ScaledNumber, ScaledNumber)
        do throws(WireError) {
            mantissas = (
                try values.scaled(price, scale.price),
                try values.scaled(size, scale.size)
            )
        } catch {
            guard error == .badNumber else { throw error }
            return 1
        }
        try out.append(price: mantissas.0, size: mantissas.1, scale, isSnapshot: true)
        return 0
    }

    /// Appends the levels in the buffers; a snapshot makes the book live (rule 1).
    func appendBook(
        _ kind: EventKind, _ book: CoinbaseBook, _ scale: LevelScale, _ time: Int64,
        _ receivedAt: Int64, _ block: inout EventBlock, sequence: Int64 = -1
    ) throws(WireError) {
        do throws(WireError) {
            try context.appendBook(
                kind, book.instrument, scale,
                BookPlace(time: time, first: sequence, last: sequence), receivedAt, &block)
        } catch {
            if error == .undefinable { book.giveUp() }
            throw error
        }
        if kind == .bookSnapshot { book.begin() }
    }

    /// A delta found no snapshot. Where none comes, it was lost: the venue sends another only on a
    /// new connection (rule 1).
    func wait(_ book: CoinbaseBook, _ receivedAt: Int64) -> Outcome {
        if book.waits(at: receivedAt) { context.ask(.reconnect(afterNanos: 0)) }
        return .unused(.waitingForSnapshot)
    }

    /// The outcome of a snapshot with this many malformed levels, which are not hidden.
    func report(
        _ malformed: Int, _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        guard malformed > 0 else { return .used }
        _ = context.reject(.badNumber, message, receivedAt, &block)
        return .usedWithout(levels: malformed)
    }

    /// Best bid and ask of a ticker; old recordings have no sizes.
    func receiveTouch(
        _ fields: CoinbaseFields, _ bidSize: CoinbaseField, _ askSize: CoinbaseField
    ) throws(WireError) -> Outcome {
        let product = try fields.values.symbol(fields[.productID])
        guard fields.values.mayBeNumber(fields[.bestBid]),
            fields.values.mayBeNumber(fields[.bestAsk])
        else {
            return .unused(.statistics)
        }
        let bid = try fields.values.decimal(fields[.bestBid])
        let ask = try fields.values.decimal(fields[.bestAsk])
        let sizes = (
            fields.values.mayBeNumber(fields[bidSize])
                ? try fields.values.decimal(fields[bidSize]) : nil,
            fields.values.mayBeNumber(fields[askSize])
                ? try fields.values.decimal(fields[askSize]) : nil
        )
        let book = try book(product)
        if let instrument = book.instrument.definedID {
            context.touch = TouchObservation(
                key: context.key(instrument), updateID: -1, bid: bid, bidSize: sizes.0, ask: ask,
                askSize: sizes.1)
        }
        return .unused(.bestBidAsk)
    }
}
