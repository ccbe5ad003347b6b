import Engine

/// Mark and index prices, funding, open interest and liquidations: rules 7 to 10 of `OKXAdapter`.
/// Rows are read before the first is recorded.
extension OKXAdapter {
    func receiveMarkPrice(
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        try readFigures(.markPx)
        return try append(receivedAt, &block) { figure, instrument in
            .markPrice(
                MarkPrice(
                    instrument: instrument, mark: figure.value, index: .zero,
                    sourceTime: figure.time))
        }
    }

    func receiveOpenInterest(
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        try readFigures(.oi)
        return try append(receivedAt, &block) { figure, instrument in
            .openInterest(
                OpenInterest(
                    instrument: instrument, size: figure.value, sourceTime: figure.time))
        }
    }

    func receiveFunding(
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        try readFigures(.fundingRate)
        return try append(receivedAt, &block) { figure, instrument in
            .funding(
                Funding(
                    instrument: instrument, rate: figure.value, nextTime: figure.nextTime,
                    sourceTime: figure.time))
        }
    }

    /// Reads the rows of one channel; those whose value is empty are left out.
    private func readFigures(_ field: OKXField) throws(WireError) {
        figures.removeAll(keepingCapacity: true)
        var entries = try reading.entries()
        while try reading.next(&entries) {
            let row = reading.entry
            let symbol = try reading.symbol(of: row)
            let time = try row.time(.ts)
            let nextTime = try row.time(.fundingTime)
            guard row.hasValue(field) else { continue }
            let value = try row.figure(field, mayBeNegative: field == .fundingRate)
            let instrument = try context.instruments.known(.okx, symbol)
            figures.append(
                OKXFigure(instrument: instrument, value: value, time: time, nextTime: nextTime))
        }
    }

    private func append(
        _ receivedAt: Int64, _ block: inout EventBlock,
        _ body: (OKXFigure, UInt16) -> EventBody
    ) throws(WireError) -> Outcome {
        for figure in figures {
            let id = try context.instruments.define(
                figure.instrument, figure.instrument.scale, receivedAt, &block)
            block.append(body(figure, id), receivedAt: receivedAt)
        }
        return figures.isEmpty ? .unused(.valueMissing) : .used
    }

    func receiveIndex(
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        figures.removeAll(keepingCapacity: true)
        var hasValue = false
        var entries = try reading.entries()
        while try reading.next(&entries) {
            let row = reading.entry
            let pair = try reading.symbol(of: row)
            let time = try row.time(.ts)
            guard row.hasValue(.idxPx) else { continue }
            hasValue = true
            let value = try row.figure(.idxPx)
            guard let instrument = knownPerpetual(of: pair) else { continue }
            figures.append(OKXFigure(instrument: instrument, value: value, time: time))
        }
        let outcome = try append(receivedAt, &block) { figure, instrument in
            .markPrice(
                MarkPrice(
                    instrument: instrument, mark: .zero, index: figure.value,
                    sourceTime: figure.time))
        }
        return hasValue && figures.isEmpty ? .unused(.indexOnly) : outcome
    }

    /// The perpetual of a pair, where it was listed or seen.
    private func knownPerpetual(of pair: Bytes) -> Instrument? {
        var symbol = perpetual
        perpetual = []
        symbol.removeAll(keepingCapacity: true)
        symbol.append(contentsOf: pair)
        symbol.append(contentsOf: ByteText.bytes("-SWAP"))
        let instrument = symbol.withUnsafeBufferPointer {
            context.instruments.find(.okx, $0)
        }
        perpetual = symbol
        return instrument
    }

    func receiveLiquidations(
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        figures.removeAll(keepingCapacity: true)
        var entries = try reading.entries()
        while try reading.next(&entries) {
            let symbol = try reading.symbol(of: reading.entry)
            let instrument = try context.instruments.known(.okx, symbol)
            var details = try reading.entries(of: .details, in: reading.entry)
            while try reading.next(&details, into: reading.part) {
                figures.append(try liquidation(reading.part, instrument))
            }
        }
        let count = figures.count
        figures.removeAll { !liquidations.note($0) }
        let outcome = try append(receivedAt, &block) { figure, instrument in
            .liquidation(
                Liquidation(
                    instrument: instrument, positionSide: figure.isBuy ? .short : .long,
                    price: figure.value, size: figure.size, sourceTime: figure.time))
        }
        return count > 0 && figures.isEmpty ? .unused(.duplicate) : outcome
    }

    private func liquidation(
        _ row: OKXFields, _ instrument: Instrument
    ) throws(WireError) -> OKXFigure {
        let price = try row.figure(.bkPx)
        let size = try row.figure(.sz)
        guard price.mantissa > 0, size.mantissa > 0 else { throw .outOfRange }
        var figure = OKXFigure(
            instrument: instrument, value: price, time: try row.time(.ts))
        figure.size = size
        figure.isBuy = try isBuy(row)
        return figure
    }
}
