import Engine

/// A liquidation before it is recorded.
struct BybitLiquidation {
    let instrument: Instrument
    let positionSide: PositionSide
    let price: Decimal
    let size: Decimal
    let time: Int64
}

/// Liquidations of both topics: rule 8 of `BybitAdapter`.
extension BybitAdapter {
    /// `allLiquidation`: every one of the last half second.
    func receiveLiquidations(
        _ fields: BybitFields, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        guard fields.values.isArray(fields[.data]) else { throw .missingField }
        let text = fields.values.raw(fields[.data])
        let element = reading.element
        var scanner = JSONScanner(text)
        var isFirst = true
        liquidations.removeAll(keepingCapacity: true)
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            element.begin(text)
            try reading.readElement(&scanner)
            liquidations.append(
                try liquidation(
                    element, symbol: .s, side: .upperS, price: .p, size: .v, time: .upperT))
        }
        guard !liquidations.isEmpty else { throw .missingField }
        for liquidation in liquidations { try append(liquidation, receivedAt, &block) }
        return .used
    }

    /// `liquidation`: the latest of a second.
    func receiveLiquidation(
        _ fields: BybitFields, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        guard fields.values.isObject(fields[.data]) else { throw .missingField }
        try append(
            try liquidation(
                fields, symbol: .symbol, side: .side, price: .price, size: .size,
                time: .updatedTime),
            receivedAt, &block)
        return .used
    }

    private func liquidation(
        _ fields: BybitFields, symbol: BybitField, side: BybitField, price: BybitField,
        size: BybitField, time: BybitField
    ) throws(WireError) -> BybitLiquidation {
        let isLong = ByteText.equal(fields.word(side), "Buy")
        guard isLong || ByteText.equal(fields.word(side), "Sell") else { throw .missingField }
        guard let price = try fields.amount(price), let size = try fields.amount(size) else {
            throw .missingField
        }
        guard price.mantissa > 0, size.mantissa > 0 else { throw .outOfRange }
        let symbol = try fields.values.symbol(fields[symbol])
        return BybitLiquidation(
            instrument: try context.instruments.known(.bybit, symbol, market: market),
            positionSide: isLong ? .long : .short, price: price, size: size,
            time: try fields.time(time))
    }

    private func append(
        _ liquidation: BybitLiquidation, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) {
        let instrument = liquidation.instrument
        let id = try context.instruments.define(
            instrument, instrument.scale, receivedAt, &block)
        block.append(
            .liquidation(
                Liquidation(
                    instrument: id, positionSide: liquidation.positionSide,
                    price: liquidation.price, size: liquidation.size,
                    sourceTime: liquidation.time)),
            receivedAt: receivedAt)
    }
}
