import Engine

/// Trades and best bid and ask: rule 7 of `KrakenAdapter`. A message whose trades cannot all be
/// read is rejected whole.
extension KrakenAdapter {
    func receiveTrades(
        _ fields: KrakenFields, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let isSnapshot = ByteText.equal(fields.word(.type), "snapshot")
        guard isSnapshot || ByteText.equal(fields.word(.type), "update") else {
            throw .unknownMessage
        }
        guard fields.values.isArray(fields[.data]) else { throw .missingField }
        let text = fields.values.raw(fields[.data])
        var all = takeTrades()
        defer { trades = all }
        var scanner = JSONScanner(text)
        var isFirst = true
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            reading.entry.begin(text)
            try reading.entry.read(&scanner)
            all.append(try trade(reading.entry, isSnapshot: isSnapshot))
        }
        all.sortByID()
        return try context.append(all, receivedAt, &block)
    }

    /// The memory of the trades before, empty.
    private func takeTrades() -> [KrakenTrade] {
        var all = trades
        trades = []
        all.removeAll(keepingCapacity: true)
        return all
    }

    private func trade(
        _ entry: KrakenFields, isSnapshot: Bool
    ) throws(WireError) -> KrakenTrade {
        let id = try entry.values.integer(entry[.tradeID])
        guard id >= 0 else { throw .outOfRange }
        let isBuy = ByteText.equal(entry.word(.side), "buy")
        guard isBuy || ByteText.equal(entry.word(.side), "sell") else { throw .missingField }
        let trade = KrakenTrade(
            book: try book(try entry.symbol(.symbol)).stream, id: id,
            takerSide: isBuy ? .buy : .sell, price: try entry.values.decimal(entry[.price]),
            size: try entry.values.decimal(entry[.qty]), time: try entry.time(),
            isSnapshot: isSnapshot)
        _ = try trade.level()
        return trade
    }

    /// Takes `[["price","size","time","s","l",""],…]` of v1.
    func receiveTradeArrays(
        _ payload: JSONSpan, _ pair: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let values = reading.entry.values
        guard values.isArray(payload) else { throw .missingField }
        var all = takeTrades()
        defer { trades = all }
        var scanner = JSONScanner(values.text)
        scanner.position = payload.start
        var isFirst = true
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            all.append(try tradeArray(&scanner, values, pair))
        }
        return try context.append(all, receivedAt, &block)
    }

    private func tradeArray(
        _ scanner: inout JSONScanner, _ values: JSONFields, _ pair: Bytes
    ) throws(WireError) -> KrakenTrade {
        try scanner.array()
        let price = try scanner.skipValue()
        try scanner.expect(0x2c)
        let size = try scanner.skipValue()
        try scanner.expect(0x2c)
        let time = try scanner.skipValue()
        try scanner.expect(0x2c)
        let side = values.word(try scanner.skipValue())
        while scanner.take(0x2c) { _ = try scanner.skipValue() }
        try scanner.expect(0x5d)
        scanner.close()
        guard let seconds = values.string(time) else { throw .missingField }
        let isBuy = ByteText.equal(side, "b")
        guard isBuy || ByteText.equal(side, "s") else { throw .missingField }
        let trade = KrakenTrade(
            book: try book(pair).stream, id: -1, takerSide: isBuy ? .buy : .sell,
            price: try values.decimal(price), size: try values.decimal(size),
            time: try ReceiveTime.nanos(seconds), isSnapshot: false)
        _ = try trade.level()
        return trade
    }

    /// Takes tickers of v2. An idle pair states zeros.
    func receiveTickers(_ fields: KrakenFields) throws(WireError) -> Outcome {
        guard fields.values.isArray(fields[.data]) else { throw .missingField }
        let text = fields.values.raw(fields[.data])
        var scanner = JSONScanner(text)
        var isFirst = true
        var outcome = Outcome.unused(.statistics)
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            let entry = reading.entry
            entry.begin(text)
            try entry.read(&scanner)
            outcome = try observe(
                try entry.symbol(.symbol), entry.values, entry[.bid], entry[.bidQty], entry[.ask],
                entry[.askQty])
        }
        return outcome
    }

    /// Notes best bid and ask for the owner, where the pair has a book and both sides.
    func observe(
        _ symbol: Bytes, _ values: JSONFields, _ bid: JSONSpan, _ bidSize: JSONSpan?,
        _ ask: JSONSpan, _ askSize: JSONSpan?
    ) throws(WireError) -> Outcome {
        let touch = (bid: try values.decimal(bid), ask: try values.decimal(ask))
        let sizes = (
            bid: try bidSize.map { (span) throws(WireError) in try values.decimal(span) },
            ask: try askSize.map { (span) throws(WireError) in try values.decimal(span) }
        )
        let book = try book(symbol)
        guard touch.bid.mantissa > 0, touch.ask.mantissa > 0 else { return .unused(.statistics) }
        if let instrument = book.instrument.definedID {
            context.touch = TouchObservation(
                key: context.key(instrument), updateID: -1, bid: touch.bid, bidSize: sizes.bid,
                ask: touch.ask, askSize: sizes.ask)
        }
        return .unused(.bestBidAsk)
    }
}
