import Engine

/// A trade of Kraken or Kraken Futures before it is recorded.
struct KrakenTrade {
    let book: StreamBook
    /// −1 where the venue does not number its trades.
    let id: Int64
    let takerSide: TakerSide
    let price: Decimal
    let size: Decimal
    let time: Int64
    /// It was told with the subscription.
    let isSnapshot: Bool
    /// The taker was closed by force.
    var isLiquidation = false

    /// Whether the trade is one that was recorded before, or happened before the subscription and
    /// follows no trade that is known.
    var isKnown: Bool {
        if id < 0 { return false }
        return isSnapshot ? !book.tradeIDs.fillsHole(id) : book.tradeIDs.isSeen(id)
    }

    /// Its price and size as mantissas, and the scale of the instrument that holds them.
    func level() throws(WireError) -> (PriceLevel, LevelScale) {
        let instrument = book.instrument
        let scale = try instrument.refined(
            instrument.scale, price: Int(price.exponent), size: Int(size.exponent))
        guard let priceUnits = price.mantissa(at: UInt8(scale.priceExponent)),
            let sizeUnits = size.mantissa(at: UInt8(scale.sizeExponent)),
            scale.holds(price: priceUnits), scale.holds(size: sizeUnits), sizeUnits > 0
        else { throw .outOfRange }
        return (PriceLevel(price: priceUnits, size: sizeUnits), scale)
    }
}

extension AdapterContext {
    /// Appends a trade, and behind it the liquidation that it is.
    func append(
        _ trade: KrakenTrade, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) {
        let (level, scale) = try trade.level()
        let id = try instruments.define(trade.book.instrument, scale, receivedAt, &block)
        block.appendTrade(
            key: key(id), takerSide: trade.takerSide, receivedAt: receivedAt,
            sourceTime: trade.time, tradeID: trade.id, price: level.price, size: level.size)
        if trade.id >= 0 { trade.book.tradeIDs.note(trade.id) }
        guard trade.isLiquidation else { return }
        block.append(
            .liquidation(
                Liquidation(
                    instrument: id, positionSide: trade.takerSide == .sell ? .long : .short,
                    price: trade.price, size: trade.size, sourceTime: trade.time)),
            receivedAt: receivedAt)
    }

    /// Appends those of `trades` that were not known; in the order of their numbers where they
    /// have some.
    func append(
        _ trades: [KrakenTrade], _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        var outcome = Outcome.unused(.duplicate)
        var index = 0
        while index < trades.count {
            let trade = trades[index]
            index += 1
            if trade.isKnown {
                if trade.isSnapshot, outcome != .used { outcome = .unused(.latestTradeRepeated) }
                continue
            }
            try append(trade, receivedAt, &block)
            outcome = .used
        }
        return outcome
    }
}

extension [KrakenTrade] {
    /// Puts the trades into the order of their numbers; those of equal numbers stay as they are.
    mutating func sortByID() {
        var isSorted = true
        var index = 1
        while index < count {
            if self[index - 1].id > self[index].id { isSorted = false }
            index += 1
        }
        if !isSorted { sort { $0.id < $1.id } }
    }
}
