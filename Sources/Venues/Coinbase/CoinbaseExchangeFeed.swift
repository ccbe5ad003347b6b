import Engine

/// Messages of the Exchange feed.
extension CoinbaseAdapter {
    func receiveExchange(
        _ fields: CoinbaseFields, _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let type = fields.word(.type)
        if ByteText.equal(type, "l2update") {
            return try receiveChanges(fields, receivedAt, &block)
        }
        if ByteText.equal(type, "match") { return try receiveMatch(fields, receivedAt, &block) }
        if ByteText.equal(type, "ticker") {
            return try receiveTouch(fields, .bestBidSize, .bestAskSize)
        }
        if ByteText.equal(type, "snapshot") {
            return try receiveSnapshot(fields, message, receivedAt, &block)
        }
        if ByteText.equal(type, "last_match") { return try receiveLastMatch(fields) }
        if ByteText.equal(type, "heartbeat") { return .unused(.heartbeat) }
        if ByteText.equal(type, "subscriptions") { return .unused(.subscriptionAnswer) }
        if ByteText.equal(type, "error") { return .unused(.errorAnswer) }
        if ByteText.equal(type, "status") { return .unused(.notRecorded) }
        throw .unknownMessage
    }

    private func receiveSnapshot(
        _ fields: CoinbaseFields, _ message: Bytes, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let book = try book(try fields.values.symbol(fields[.productID]))
        let time = try fields.time(.time)
        guard fields.values.isArray(fields[.bids]), fields.values.isArray(fields[.asks]) else {
            throw .missingField
        }
        var malformed = 0
        let final = try context.settle(book.instrument, readAt: nil) { (scale) throws(WireError) in
            malformed = try readPairs(fields, fields[.bids], context.bids, scale)
            malformed += try readPairs(fields, fields[.asks], context.asks, scale)
        }
        try appendBook(.bookSnapshot, book, final, time, receivedAt, &block)
        return report(malformed, message, receivedAt, &block)
    }

    /// Reads `[["price","size"],…]`, leaves malformed levels out, and gives their count.
    private func readPairs(
        _ fields: CoinbaseFields, _ span: JSONSpan, _ out: LevelBuffer, _ scale: LevelScale
    ) throws(WireError) -> Int {
        var scanner = JSONScanner(fields.values.raw(span))
        let values = JSONFields(fields.values.raw(span))
        var malformed = 0
        var isFirst = true
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            var isFirstPart = true
            var parts = 0
            var price = JSONSpan.none, size = JSONSpan.none
            try scanner.array()
            while try scanner.hasElement(&isFirstPart) {
                let part = try scanner.skipValue()
                if parts == 0 { price = part }
                if parts == 1 { size = part }
                parts += 1
            }
            malformed += try appendSnapshotLevel(values, price, size, out, scale)
        }
        return malformed
    }

    private func receiveChanges(
        _ fields: CoinbaseFields, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let book = try book(of: fields)
        let time = try fields.time(.time)
        guard fields.values.isArray(fields[.changes]) else { throw .missingField }
        var scale = book.instrument.scale
        if fields.changesScale != scale || context.bids.needsFiner || context.asks.needsFiner {
            scale = try context.settle(book.instrument, readAt: fields.changesScale) {
                (scale) throws(WireError) in
                var scanner = JSONScanner(fields.values.raw(fields[.changes]))
                try scanner.changes(context.bids, context.asks, scale)
            }
        }
        guard book.isLive else { return wait(book, receivedAt) }
        try appendBook(.bookDelta, book, scale, time, receivedAt, &block)
        return .used
    }

    private func receiveMatch(
        _ fields: CoinbaseFields, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let trade = try trade(fields)
        if trade.book.tradeIDs.isSeen(trade.id) { return .unused(.duplicate) }
        try append(trade, receivedAt, &block)
        return .used
    }

    private func receiveLastMatch(_ fields: CoinbaseFields) throws(WireError) -> Outcome {
        _ = try trade(fields)
        return .unused(.latestTradeRepeated)
    }
}
