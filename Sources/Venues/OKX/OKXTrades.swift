import Engine

/// A row of `trades` before it is recorded.
struct OKXTrade {
    let id: Int64
    let takerSide: TakerSide
    let time: Int64
    let level: PriceLevel
    let scale: LevelScale
}

/// Trades and best bid and ask: rule 6 of `OKXAdapter`.
extension OKXAdapter {
    func receiveTrades(
        _ kind: TradeKind, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let book = try books.book(try reading.arg.values.symbol(reading.arg[.instID]))
        trades.removeAll(keepingCapacity: true)
        var entries = try reading.entries()
        while try reading.next(&entries) {
            _ = try reading.symbol(of: reading.entry)
            trades.append(try trade(reading.entry, book.instrument))
        }
        guard !trades.isEmpty else { throw .missingField }
        let known = book.instrument.tradeKind
        guard known == kind || known == .none else { return .unused(.otherTradeKind) }
        book.instrument.tradeKind = kind
        sortTrades()
        var outcome = Outcome.unused(.duplicate)
        for trade in trades {
            if book.tradeIDs.isRepeated(trade.id) {
                outcome = .unused(.latestTradeRepeated)
                book.tradeIDs.note(trade.id)
            } else if !book.tradeIDs.isSeen(trade.id) {
                try append(trade, book, receivedAt, &block)
                outcome = .used
            }
        }
        return outcome
    }

    /// Oldest first, as the venue writes them: a later id must not hide an earlier one.
    private func sortTrades() {
        for index in trades.indices.dropFirst() where trades[index - 1].id > trades[index].id {
            return trades.sort { $0.id < $1.id }
        }
    }

    private func trade(
        _ row: OKXFields, _ instrument: Instrument
    ) throws(WireError) -> OKXTrade {
        let id = try row.values.integer(row[.tradeID])
        guard id >= 0 else { throw .outOfRange }
        let time = try row.time(.ts)
        let isBuy = try isBuy(row)
        let price = try row.values.decimal(row[.px])
        let size = try row.values.decimal(row[.sz])
        let scale = try instrument.refined(
            instrument.scale, price: Int(price.exponent), size: Int(size.exponent))
        guard let priceUnits = price.mantissa(at: UInt8(scale.priceExponent)),
            let sizeUnits = size.mantissa(at: UInt8(scale.sizeExponent)),
            scale.holds(price: priceUnits), scale.holds(size: sizeUnits), sizeUnits > 0
        else { throw .outOfRange }
        return OKXTrade(
            id: id, takerSide: isBuy ? .buy : .sell, time: time,
            level: PriceLevel(price: priceUnits, size: sizeUnits), scale: scale)
    }

    /// Whether `side` is `buy`; it must be that or `sell`.
    func isBuy(_ row: OKXFields) throws(WireError) -> Bool {
        let side = row.word(.side)
        if ByteText.equal(side, "buy") { return true }
        guard ByteText.equal(side, "sell") else { throw .missingField }
        return false
    }

    private func append(
        _ trade: OKXTrade, _ book: StreamBook, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) {
        let instrument = book.instrument
        var level = trade.level
        let now = instrument.scale
        // An earlier trade of the message may have refined the scale since this one was read.
        let scale = try instrument.refined(
            trade.scale, price: now.priceExponent, size: now.sizeExponent)
        if scale != trade.scale { level = try trade.scale.convert(level, to: scale) }
        let id = try context.instruments.define(instrument, scale, receivedAt, &block)
        block.appendTrade(
            key: context.key(id), takerSide: trade.takerSide, receivedAt: receivedAt,
            sourceTime: trade.time, tradeID: trade.id, price: level.price, size: level.size)
        book.tradeIDs.note(trade.id)
    }

    /// Best bid and ask of a ticker, which an empty book leaves out.
    func receiveTouch() throws(WireError) -> Outcome {
        var outcome: Outcome?
        var entries = try reading.entries()
        while try reading.next(&entries) {
            let row = reading.entry
            let symbol = try reading.symbol(of: row)
            outcome = .unused(.statistics)
            guard row.hasValue(.bidPx), row.hasValue(.askPx) else { continue }
            let bid = try row.values.decimal(row[.bidPx])
            let ask = try row.values.decimal(row[.askPx])
            let bidSize = row.hasValue(.bidSz) ? try row.values.decimal(row[.bidSz]) : nil
            let askSize = row.hasValue(.askSz) ? try row.values.decimal(row[.askSz]) : nil
            let book = try books.book(symbol)
            outcome = .unused(.bestBidAsk)
            guard let instrument = book.instrument.definedID else { continue }
            context.touch = TouchObservation(
                key: context.key(instrument), updateID: -1, bid: bid, bidSize: bidSize, ask: ask,
                askSize: askSize)
        }
        guard let outcome else { throw .missingField }
        return outcome
    }
}
