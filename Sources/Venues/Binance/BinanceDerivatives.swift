import Engine

/// Mark prices, funding, open interest and liquidations of futures: rule 9 of `BinanceAdapter`.
extension BinanceAdapter {
    /// The id of the instrument that `field` names.
    private func instrument(
        _ symbol: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> UInt16 {
        let instrument = try context.instruments.known(venue, symbol)
        return try context.instruments.define(
            instrument, instrument.scale, receivedAt, &block)
    }

    func receiveMarkPrice(
        _ fields: BinanceFields, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let symbol = try fields.values.symbol(fields[.s])
        let time = try fields.time(.upperE)
        let mark = try fields.values.decimal(fields[.p])
        let index =
            fields.values.mayBeNumber(fields[.i]) ? try fields.values.decimal(fields[.i]) : .zero
        guard mark.mantissa >= 0, index.mantissa >= 0 else { throw .outOfRange }
        // Dated futures have an empty rate or no next time: they have no funding.
        let rate =
            fields.values.mayBeNumber(fields[.r]) ? try fields.values.decimal(fields[.r]) : nil
        let nextTime = try fields.time(.upperT)
        let instrument = try instrument(symbol, receivedAt, &block)
        block.append(
            .markPrice(
                MarkPrice(instrument: instrument, mark: mark, index: index, sourceTime: time)),
            receivedAt: receivedAt)
        if let rate, nextTime != Timestamp.none {
            block.append(
                .funding(
                    Funding(
                        instrument: instrument, rate: rate, nextTime: nextTime,
                        sourceTime: time)),
                receivedAt: receivedAt)
        }
        return .used
    }

    func receiveOpenInterest(
        _ fields: BinanceFields, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let symbol = try fields.values.symbol(fields[.symbol])
        let size = try fields.values.decimal(fields[.openInterest])
        guard size.mantissa >= 0 else { throw .outOfRange }
        let time = try fields.time(.time)
        block.append(
            .openInterest(
                OpenInterest(
                    instrument: try instrument(symbol, receivedAt, &block), size: size,
                    sourceTime: time)),
            receivedAt: receivedAt)
        return .used
    }

    func receiveLiquidation(
        _ fields: BinanceFields, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        guard fields.values.isObject(fields[.o]) else { throw .missingField }
        let text = fields.values.raw(fields[.o])
        var scanner = JSONScanner(text)
        let order = reading.order
        order.begin(text)
        try reading.readElement(&scanner, order)
        let symbol = try order.values.symbol(order[.s])
        let isSell = ByteText.equal(order.word(.upperS), "SELL")
        guard isSell || ByteText.equal(order.word(.upperS), "BUY") else { throw .missingField }
        let average =
            order.values.mayBeNumber(order[.ap]) ? try order.values.decimal(order[.ap]) : .zero
        let price = average.mantissa > 0 ? average : try order.values.decimal(order[.p])
        let size = try order.values.decimal(order[order.has(.z) ? .z : .q])
        guard price.mantissa > 0, size.mantissa >= 0 else { throw .outOfRange }
        if size.mantissa == 0 { return .unused(.liquidationWithoutFill) }
        let time = order.has(.upperT) ? try order.time(.upperT) : try fields.time(.upperE)
        let instrument = try instrument(symbol, receivedAt, &block)
        block.append(
            .liquidation(
                Liquidation(
                    instrument: instrument, positionSide: isSell ? .long : .short, price: price,
                    size: size, sourceTime: time)),
            receivedAt: receivedAt)
        return .used
    }
}
