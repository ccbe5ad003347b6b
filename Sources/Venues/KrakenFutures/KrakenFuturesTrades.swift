import Engine

/// Trades and liquidations: rules 5 and 6 of `KrakenFuturesAdapter`.
extension KrakenFuturesAdapter {
    func receiveTrade(
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        guard let trade = try trade(fields, isSnapshot: false) else {
            return .unused(.notMarketTrade)
        }
        if trade.isKnown { return .unused(.duplicate) }
        try context.append(trade, receivedAt, &block)
        return .used
    }

    /// Takes the latest trades: newest first on the wire, oldest first in the block.
    func receiveTradeSnapshot(
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        guard fields.values.isArray(fields[.trades]) else { throw .missingField }
        let text = fields.values.raw(fields[.trades])
        var all = trades
        trades = []
        all.removeAll(keepingCapacity: true)
        defer { trades = all }
        var scanner = JSONScanner(text)
        var isFirst = true
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            element.begin(text)
            try element.read(&scanner)
            if let trade = try trade(element, isSnapshot: true) { all.append(trade) }
        }
        guard !all.isEmpty else { return .unused(.latestTradeRepeated) }
        all.sortByID()
        return try context.append(all, receivedAt, &block)
    }

    /// The trade in `fields`; nil for one outside the book.
    private func trade(
        _ fields: KrakenFuturesFields, isSnapshot: Bool
    ) throws(WireError) -> KrakenTrade? {
        let product = try fields.product()
        let id = try fields.integer(.seq)
        guard id >= 0 else { throw .outOfRange }
        let isBuy = ByteText.equal(fields.word(.side), "buy")
        guard isBuy || ByteText.equal(fields.word(.side), "sell") else { throw .missingField }
        let type = fields.word(.type)
        let isLiquidation = ByteText.equal(type, "liquidation")
        if ByteText.equal(type, "assignment") || ByteText.equal(type, "termination")
            || ByteText.equal(type, "block")
        {
            return nil
        }
        guard isLiquidation || ByteText.equal(type, "fill") else { throw .unknownMessage }
        let trade = KrakenTrade(
            book: try streams.book(product), id: id, takerSide: isBuy ? .buy : .sell,
            price: try fields.values.decimal(fields[.price]),
            size: try fields.values.decimal(fields[.qty]), time: try fields.time(.time),
            isSnapshot: isSnapshot, isLiquidation: isLiquidation)
        _ = try trade.level()
        return trade
    }
}
