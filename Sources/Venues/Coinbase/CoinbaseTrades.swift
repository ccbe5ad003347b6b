import Engine

/// A trade of either feed before it is recorded.
struct CoinbaseTrade {
    let book: CoinbaseBook
    let id: Int64
    let takerSide: TakerSide
    let time: Int64
    let level: PriceLevel
    let scale: LevelScale
    /// It stands in the snapshot after subscribing (rule 7).
    let isSnapshot: Bool
}

/// Trades of both feeds: rules 5 and 7 of `CoinbaseAdapter`.
extension CoinbaseAdapter {
    func trade(
        _ fields: CoinbaseFields, isSnapshot: Bool = false
    ) throws(WireError) -> CoinbaseTrade {
        let book = try book(try fields.values.symbol(fields[.productID]))
        let id = try fields.values.integer(fields[.tradeID])
        guard id >= 0 else { throw .outOfRange }
        let side = fields.word(.side)
        let makerBought = ByteText.equal(side, "buy") || ByteText.equal(side, "BUY")
        guard makerBought || ByteText.equal(side, "sell") || ByteText.equal(side, "SELL") else {
            throw .missingField
        }
        let time = try fields.time(.time)
        let (level, scale) = try level(fields, book.instrument)
        return CoinbaseTrade(
            book: book, id: id, takerSide: makerBought ? .sell : .buy, time: time, level: level,
            scale: scale, isSnapshot: isSnapshot)
    }

    /// `price` and `size` as mantissas, and the scale that holds them.
    private func level(
        _ fields: CoinbaseFields, _ instrument: Instrument
    ) throws(WireError) -> (PriceLevel, LevelScale) {
        let price = try fields.values.decimal(fields[.price])
        let size = try fields.values.decimal(fields[.size])
        let scale = try instrument.refined(
            instrument.scale, price: Int(price.exponent),
            size: Int(size.exponent))
        guard let priceUnits = price.mantissa(at: UInt8(scale.priceExponent)),
            let sizeUnits = size.mantissa(at: UInt8(scale.sizeExponent)),
            scale.holds(price: priceUnits), scale.holds(size: sizeUnits), sizeUnits > 0
        else { throw .outOfRange }
        return (PriceLevel(price: priceUnits, size: sizeUnits), scale)
    }

    /// Appends a trade that was read.
    func append(
        _ trade: CoinbaseTrade, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) {
        let instrument = trade.book.instrument
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
        trade.book.tradeIDs.note(trade.id)
    }

    /// Reads the trades of one `market_trades` event; they are recorded by id behind the last
    /// event, or behind an error, which leaves those before it alone.
    func readTrades(
        _ event: CoinbaseFields, isSnapshot: Bool
    ) throws(WireError) -> Outcome {
        let text = event.values.raw(event[.trades])
        var scanner = JSONScanner(text)
        var isFirst = true
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            let fields = element
            fields.begin(text)
            try fields.read(&scanner)
            trades.append(try trade(fields, isSnapshot: isSnapshot))
        }
        return .unused(isSnapshot ? .latestTradeRepeated : .duplicate)
    }

    /// Records the trades of one message: newest first on the wire, oldest first in the block.
    /// Those of a snapshot are recorded only behind a trade that is known (rule 7). One that cannot
    /// be recorded leaves the others alone; the first such error is given.
    func appendTrades(
        _ receivedAt: Int64, _ block: inout EventBlock
    ) -> (isRecorded: Bool, failure: WireError?) {
        trades.reverse()
        var isSorted = true
        for index in trades.indices.dropFirst() where trades[index - 1].id > trades[index].id {
            isSorted = false
        }
        if !isSorted { trades.sort { $0.id < $1.id } }
        var isRecorded = false
        var failure: WireError?
        for trade in trades {
            let ids = trade.book.tradeIDs
            guard trade.isSnapshot ? ids.fillsHole(trade.id) : !ids.isSeen(trade.id) else {
                continue
            }
            do throws(WireError) {
                try append(trade, receivedAt, &block)
                isRecorded = true
            } catch {
                failure = failure ?? error
            }
        }
        return (isRecorded, failure)
    }
}
