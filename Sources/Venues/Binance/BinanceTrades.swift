import Engine

/// Trades and best bid and ask: rules 7 and 8 of `BinanceAdapter`.
extension BinanceAdapter {
    func receiveTrade(
        _ fields: BinanceFields, _ kind: TradeKind, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let book = try book(try fields.values.symbol(fields[.s]))
        if fields.has(.upperX), !ByteText.equal(fields.word(.upperX), "MARKET") {
            return .unused(.notMarketTrade)
        }
        let isSell = try fields.values.bool(fields[.m])
        let time = fields.has(.upperT) ? try fields.time(.upperT) : try fields.time(.upperE)
        let id = try tradeID(fields, kind)
        let (trade, scale) = try level(fields, book.instrument)
        let known = book.instrument.tradeKind
        guard known == kind || known == .none else { return .unused(.otherTradeKind) }
        if id >= 0, book.tradeIDs.isSeen(id) { return .unused(.duplicate) }
        let instrument = try context.instruments.define(
            book.instrument, scale, receivedAt, &block)
        book.instrument.tradeKind = kind
        if id >= 0 { book.tradeIDs.note(id) }
        block.appendTrade(
            key: context.key(instrument), takerSide: isSell ? .sell : .buy,
            receivedAt: receivedAt, sourceTime: time, tradeID: id, price: trade.price,
            size: trade.size)
        return .used
    }

    /// `t` of a trade, `a` of an aggregate, which old recordings leave out.
    private func tradeID(
        _ fields: BinanceFields, _ kind: TradeKind
    ) throws(WireError) -> Int64 {
        let field: BinanceField = kind == .single ? .t : .a
        if kind == .aggregate, !fields.has(field) { return -1 }
        let id = try fields.integer(field)
        guard id >= 0 else { throw .outOfRange }
        return id
    }

    /// `p` and `q` as mantissas, and the scale that holds them.
    private func level(
        _ fields: BinanceFields, _ instrument: Instrument
    ) throws(WireError) -> (PriceLevel, LevelScale) {
        var scale = instrument.scale
        while true {
            let price = try fields.values.scaled(fields[.p], scale.price)
            let size = try fields.values.scaled(fields[.q], scale.size)
            if case .exact(let price) = price, case .exact(let size) = size {
                guard scale.holds(price: price), scale.holds(size: size), size > 0 else {
                    throw .outOfRange
                }
                return (PriceLevel(price: price, size: size), scale)
            }
            scale = try instrument.refined(
                scale, price: price.digits, size: size.digits)
        }
    }

    func receiveTouch(_ fields: BinanceFields) throws(WireError) -> Outcome {
        let symbol = try fields.values.symbol(fields[.s])
        let updateID = try fields.integer(.u)
        let bid = try fields.values.decimal(fields[.b])
        let bidSize = try fields.values.decimal(fields[.upperB])
        let ask = try fields.values.decimal(fields[.a])
        let askSize = try fields.values.decimal(fields[.upperA])
        let book = try book(symbol)
        if let instrument = book.instrument.definedID {
            context.touch = TouchObservation(
                key: context.key(instrument), updateID: updateID, bid: bid, bidSize: bidSize,
                ask: ask, askSize: askSize)
        }
        return .unused(.bestBidAsk)
    }
}
