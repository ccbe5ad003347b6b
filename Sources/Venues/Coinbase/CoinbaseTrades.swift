import Engine

/// A trade of either feed before it is recorded.
struct CoinbaseTrade {
    let book: CoinbaseBook
    let id: Int64
    let takerSide: TakerSide
    let time: Int64
    let price: Decimal
    let size: Decimal
}

/// Trades of both feeds: rules 5 and 7 of `CoinbaseAdapter`.
extension CoinbaseAdapter {
    func trade(
        _ fields: CoinbaseFields, _ book: CoinbaseBook
    ) throws(WireError) -> CoinbaseTrade {
        let id = try fields.values.integer(fields[.tradeID])
        guard id >= 0 else { throw .outOfRange }
        let side = fields.word(.side)
        let makerBought = ByteText.equal(side, "buy") || ByteText.equal(side, "BUY")
        guard makerBought || ByteText.equal(side, "sell") || ByteText.equal(side, "SELL") else {
            throw .missingField
        }
        return CoinbaseTrade(
            book: book, id: id, takerSide: makerBought ? .sell : .buy,
            time: try fields.time(.time), price: try fields.values.decimal(fields[.price]),
            size: try fields.values.decimal(fields[.size]))
    }

    func append(
        _ trade: CoinbaseTrade, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) {
        let scale = context.instruments.scale(trade.book.slot).refined(
            price: Int(trade.price.exponent), size: Int(trade.size.exponent))
        guard let price = trade.price.mantissa(at: UInt8(scale.priceExponent)),
            let size = trade.size.mantissa(at: UInt8(scale.sizeExponent)),
            scale.holds(price: price), scale.holds(size: size), size > 0
        else { throw .outOfRange }
        let instrument = try context.instruments.define(
            trade.book.slot, scale, receivedAt, &block)
        block.appendTrade(
            key: context.key(instrument), takerSide: trade.takerSide, receivedAt: receivedAt,
            sourceTime: trade.time, tradeID: trade.id, price: price, size: size)
        trade.book.lastTradeID = trade.id
    }

    /// Takes the trades of one `market_trades` event, newest first on the wire, oldest first in
    /// the block. The snapshot after subscribing is recorded only behind a known trade (rule 7).
    func receiveTrades(
        _ event: CoinbaseFields, isSnapshot: Bool, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let text = event.values.raw(event[.trades])
        var scanner = JSONScanner(text)
        var isFirst = true
        trades.removeAll(keepingCapacity: true)
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            var fields = CoinbaseFields(text)
            try fields.read(&scanner)
            let book = try book(try fields.values.symbol(fields[.productID]))
            insert(try trade(fields, book))
        }
        var recorded = 0
        var index = 0
        while index < trades.count {
            let trade = trades[index]
            index += 1
            let isNew = trade.id > trade.book.lastTradeID
            if isNew, !isSnapshot || trade.book.lastTradeID >= 0 {
                try append(trade, receivedAt, &block)
                recorded += 1
            }
        }
        if recorded > 0 { return .used }
        return .unused(isSnapshot ? .latestTradeRepeated : .duplicate)
    }

    /// Keeps `trades` in the order of their ids; messages come almost sorted.
    private func insert(_ trade: CoinbaseTrade) {
        var at = trades.count
        while at > 0, trades[at - 1].id > trade.id { at -= 1 }
        trades.insert(trade, at: at)
    }
}
