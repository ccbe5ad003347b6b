import Engine

/// Messages of the Advanced Trade feed.
extension CoinbaseAdapter {
    func receiveAdvanced(
        _ fields: CoinbaseFields, _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let sequence = try fields.values.integer(fields[.sequenceNum])
        guard sequence >= 0 else { throw .outOfRange }
        let isBroken = lastSequence >= 0 && sequence != lastSequence + 1
        if isBroken {
            invalidateAll(.invalid(.gap), receivedAt, &block)
            context.ask(.reconnect(afterNanos: 0))
        }
        lastSequence = sequence
        let channel = fields.word(.channel)
        if ByteText.equal(channel, "heartbeats") { return .unused(.heartbeat) }
        if ByteText.equal(channel, "subscriptions") { return .unused(.subscriptionAnswer) }
        if ByteText.equal(channel, "candles") { return .unused(.candle) }
        if ByteText.equal(channel, "status") { return .unused(.notRecorded) }
        let kind: AdvancedKind
        if ByteText.equal(channel, "l2_data") {
            kind = .levels
        } else if ByteText.equal(channel, "market_trades") {
            kind = .trades
        } else if ByteText.equal(channel, "ticker") || ByteText.equal(channel, "ticker_batch") {
            kind = .ticker
        } else {
            throw .unknownMessage
        }
        let outcome = try receiveEvents(fields, kind, message, receivedAt, &block)
        return isBroken && outcome == .unused(.waitingForSnapshot) ? .unused(.gap) : outcome
    }

    /// What the elements of `events` hold.
    enum AdvancedKind { case levels, trades, ticker }

    private func receiveEvents(
        _ fields: CoinbaseFields, _ kind: AdvancedKind, _ message: Bytes, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        guard fields.values.isArray(fields[.events]) else { throw .missingField }
        var outcome = Outcome.unused(.notRecorded)
        guard kind == .trades else {
            try readEvents(fields, kind, message, &outcome, receivedAt, &block)
            return outcome
        }
        trades.removeAll(keepingCapacity: true)
        var failure: WireError?
        do throws(WireError) {
            try readEvents(fields, kind, message, &outcome, receivedAt, &block)
        } catch {
            failure = error
        }
        // Trades that were read stand for themselves, whatever came behind them.
        let appended = appendTrades(receivedAt, &block)
        if case .rejected = outcome { return outcome }
        if let failure = failure ?? appended.failure { throw failure }
        return appended.isRecorded ? .used : outcome
    }

    /// Takes the events of a message; `outcome` is that of those before an error.
    private func readEvents(
        _ fields: CoinbaseFields, _ kind: AdvancedKind, _ message: Bytes, _ outcome: inout Outcome,
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) {
        let text = fields.values.raw(fields[.events])
        var scanner = JSONScanner(text)
        var isFirst = true
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            event.begin(text)
            try event.read(&scanner)
            let one = try receiveEvent(event, kind, message, outcome, receivedAt, &block)
            // A message counts as used when any of its events is, and as rejected likewise.
            switch (outcome, one) {
            case (.rejected, _), (.usedWithout, .used), (.usedWithout, .unused), (.used, .unused):
                break
            default: outcome = one
            }
        }
    }

    /// Takes one event. A product that can have no book rejects its event and no other (rule 4).
    private func receiveEvent(
        _ event: CoinbaseFields, _ kind: AdvancedKind, _ message: Bytes, _ before: Outcome,
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        do throws(WireError) {
            return try receiveEvent(event, kind, message, receivedAt, &block)
        } catch {
            guard error.isOfNoBook else { throw error }
            // The message is kept once, whatever the count of such events.
            if case .rejected = before { return before }
            return context.reject(error, message, receivedAt, &block)
        }
    }

    private func receiveEvent(
        _ event: CoinbaseFields, _ kind: AdvancedKind, _ message: Bytes, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let isSnapshot = ByteText.equal(event.word(.type), "snapshot")
        guard isSnapshot || ByteText.equal(event.word(.type), "update") else {
            throw .unknownMessage
        }
        switch kind {
        case .levels:
            return try receiveLevels(event, isSnapshot, message, receivedAt, &block)
        case .trades:
            guard event.values.isArray(event[.trades]) else { throw .missingField }
            return try readTrades(event, isSnapshot: isSnapshot)
        case .ticker:
            guard event.values.isArray(event[.tickers]) else { throw .missingField }
            return try receiveTickers(event)
        }
    }

    private func receiveTickers(_ event: CoinbaseFields) throws(WireError) -> Outcome {
        let text = event.values.raw(event[.tickers])
        var scanner = JSONScanner(text)
        var isFirst = true
        var outcome = Outcome.unused(.statistics)
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            let ticker = element
            ticker.begin(text)
            try ticker.read(&scanner)
            outcome = try receiveTouch(ticker, .bestBidQuantity, .bestAskQuantity)
        }
        return outcome
    }

    private func receiveLevels(
        _ event: CoinbaseFields, _ isSnapshot: Bool, _ message: Bytes, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let book = try book(try event.values.symbol(event[.productID]))
        guard event.values.isArray(event[.updates]) else { throw .missingField }
        var malformed = 0
        var time = Timestamp.none
        let scale = try context.settle(book.instrument, readAt: nil) { (scale) throws(WireError) in
            (malformed, time) = try readUpdates(event, scale, isSnapshot)
        }
        guard isSnapshot || book.isLive else { return wait(book, receivedAt) }
        try appendBook(
            isSnapshot ? .bookSnapshot : .bookDelta, book, scale, time, receivedAt, &block,
            sequence: lastSequence)
        return report(malformed, message, receivedAt, &block)
    }

    /// Reads `updates` and gives the count of malformed levels and the newest `event_time`.
    private func readUpdates(
        _ event: CoinbaseFields, _ scale: LevelScale, _ isSnapshot: Bool
    ) throws(WireError) -> (Int, Int64) {
        let text = event.values.raw(event[.updates])
        var scanner = JSONScanner(text)
        var isFirst = true
        var malformed = 0
        var newest = Timestamp.none
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            let level = element
            level.begin(text)
            try level.read(&scanner)
            newest = max(newest, try level.time(.eventTime))
            let side = level.word(.side)
            let isBid = ByteText.equal(side, "bid")
            guard isBid || ByteText.equal(side, "offer") else { throw .missingField }
            let out = isBid ? context.bids : context.asks
            if isSnapshot {
                malformed += try appendSnapshotLevel(
                    level.values, level[.priceLevel], level[.newQuantity], out, scale)
            } else {
                try out.append(
                    price: try level.values.scaled(level[.priceLevel], scale.price),
                    size: try level.values.scaled(level[.newQuantity], scale.size), scale)
            }
        }
        return (malformed, newest)
    }
}
