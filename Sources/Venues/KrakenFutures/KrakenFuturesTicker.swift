import Engine

/// Mark price, open interest, funding, best bid and ask: rule 7 of `KrakenFuturesAdapter`.
extension KrakenFuturesAdapter {
    func receiveTicker(
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let product = try fields.product()
        let time = try fields.time(.time)
        let mark = try fields.decimal(ifThere: .markPrice)
        let index = try fields.decimal(ifThere: .index)
        let interest = try fields.decimal(ifThere: .openInterest)
        let rate = try fields.decimal(ifThere: .fundingRate)
        let nextTime = try fields.time(.nextFundingTime)
        guard (mark ?? .zero).mantissa >= 0, (index ?? .zero).mantissa >= 0,
            (interest ?? .zero).mantissa >= 0
        else { throw .outOfRange }
        try observe()
        guard mark != nil || interest != nil || rate != nil else { return .unused(.bestBidAsk) }
        let instrument = try context.instruments.known(venue, product)
        let id = try context.instruments.define(instrument, instrument.scale, receivedAt, &block)
        if let mark {
            let price = MarkPrice(
                instrument: id, mark: mark, index: index ?? .zero, sourceTime: time)
            block.append(.markPrice(price), receivedAt: receivedAt)
        }
        if let interest {
            let size = OpenInterest(instrument: id, size: interest, sourceTime: time)
            block.append(.openInterest(size), receivedAt: receivedAt)
        }
        if let rate {
            let funding = Funding(
                instrument: id, rate: rate, nextTime: nextTime, sourceTime: time)
            block.append(.funding(funding), receivedAt: receivedAt)
        }
        return .used
    }

    /// Notes best bid and ask for the owner, where the product has a book and both sides.
    func observe() throws(WireError) {
        let product = try fields.product()
        let bid = try fields.decimal(ifThere: .bid)
        let ask = try fields.decimal(ifThere: .ask)
        let sizes = (
            bid: try fields.decimal(ifThere: .bidSize), ask: try fields.decimal(ifThere: .askSize)
        )
        guard let bid, let ask, bid.mantissa > 0, ask.mantissa > 0,
            let instrument = try streams.book(product).instrument.definedID
        else { return }
        context.touch = TouchObservation(
            key: context.key(instrument), updateID: -1, bid: bid, bidSize: sizes.bid, ask: ask,
            askSize: sizes.ask)
    }
}
