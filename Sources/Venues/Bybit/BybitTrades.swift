import Engine

/// A trade before it is recorded.
struct BybitTrade {
    let id: Int64
    let takerSide: TakerSide
    let time: Int64
    let price: Decimal
    let size: Decimal
}

/// Trades: rule 7 of `BybitAdapter`.
extension BybitAdapter {
    func receiveTrades(
        _ fields: BybitFields, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        guard fields.values.isArray(fields[.data]) else { throw .missingField }
        let text = fields.values.raw(fields[.data])
        let element = reading.element
        var scanner = JSONScanner(text)
        var isFirst = true
        var outcome = Outcome.unused(.notMarketTrade)
        var run: BybitState?
        trades.removeAll(keepingCapacity: true)
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            element.begin(text)
            try reading.readElement(&scanner)
            let state = try state(try element.values.symbol(element[.s]))
            // The topic of options is the base asset: their messages have several symbols.
            if let run, run !== state { try append(run, &outcome, receivedAt, &block) }
            run = state
            let trade = try trade(element)
            let isBlock =
                element.has(.blockTrade) ? try element.values.bool(element[.blockTrade]) : false
            if !isBlock { trades.append(trade) }
        }
        guard let run else { throw .missingField }
        try append(run, &outcome, receivedAt, &block)
        return outcome
    }

    private func trade(_ element: BybitFields) throws(WireError) -> BybitTrade {
        let isBuy = ByteText.equal(element.word(.upperS), "Buy")
        guard isBuy || ByteText.equal(element.word(.upperS), "Sell") else { throw .missingField }
        guard let id = element.values.string(element[.i]), !id.isEmpty else {
            throw .missingField
        }
        return BybitTrade(
            id: BybitAdapter.number(id), takerSide: isBuy ? .buy : .sell,
            time: try element.time(.upperT), price: try element.values.decimal(element[.p]),
            size: try element.values.decimal(element[.v]))
    }

    /// The number of an id of up to 19 digits; −1 for any other text.
    private static func number(_ id: Bytes) -> Int64 {
        guard id.count <= 19, id[0] != 0x30 || id.count == 1 else { return -1 }
        var value: Int64 = 0
        for byte in id {
            let digit = byte &- 0x30
            guard digit <= 9 else { return -1 }
            let (tens, isOver) = value.multipliedReportingOverflow(by: 10)
            let (sum, isOverToo) = tens.addingReportingOverflow(Int64(digit))
            guard !isOver, !isOverToo else { return -1 }
            value = sum
        }
        return value
    }

    /// Appends the trades that were read, which are all of one symbol, once all of them were found
    /// to fit one scale. The outcome is that of the best of them.
    private func append(
        _ state: BybitState, _ outcome: inout Outcome, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) {
        if trades.isEmpty { return }
        defer { trades.removeAll(keepingCapacity: true) }
        if outcome != .used { outcome = .unused(.duplicate) }
        if try appendAll(state, receivedAt, &block) { outcome = .used }
    }

    private func appendAll(
        _ state: BybitState, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Bool {
        let all = trades
        let instrument = state.instrument
        var scale = instrument.scale
        for trade in all {
            scale = try instrument.refined(
                scale, price: Int(trade.price.trimmed.exponent),
                size: Int(trade.size.trimmed.exponent))
        }
        for trade in all { _ = try trade.level(scale) }
        let id = try context.instruments.define(instrument, scale, receivedAt, &block)
        var isRecorded = false
        for trade in all where state.isNew(trade.id) {
            let level = try trade.level(scale)
            block.appendTrade(
                key: context.key(id), takerSide: trade.takerSide, receivedAt: receivedAt,
                sourceTime: trade.time, tradeID: trade.id, price: level.price, size: level.size)
            isRecorded = true
        }
        return isRecorded
    }
}

extension BybitTrade {
    /// Price and size as mantissas.
    fileprivate func level(_ scale: LevelScale) throws(WireError) -> PriceLevel {
        guard let price = price.mantissa(at: UInt8(scale.priceExponent)),
            let size = size.mantissa(at: UInt8(scale.sizeExponent)), scale.holds(price: price),
            scale.holds(size: size), size > 0
        else { throw .outOfRange }
        return PriceLevel(price: price, size: size)
    }
}
