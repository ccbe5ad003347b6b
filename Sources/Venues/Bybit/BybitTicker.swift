import Engine

/// What a ticker says so far: a snapshot with the deltas since (rule 9 of `BybitAdapter`).
struct BybitTicker: BitwiseCopyable {
    /// A snapshot came.
    private(set) var isKnown = false
    private(set) var mark: Decimal?
    private(set) var index: Decimal?
    private(set) var rate: Decimal?
    private(set) var nextTime = Timestamp.none
    private var bothSides: Decimal?
    private var oneSide: Decimal?
    private(set) var bid: Decimal?
    private(set) var bidSize: Decimal?
    private(set) var ask: Decimal?
    private(set) var askSize: Decimal?

    /// Takes over the keys that the message has.
    mutating func merge(_ fields: BybitFields) throws(WireError) {
        isKnown = true
        if fields.has(.markPrice) { mark = try fields.amount(.markPrice) }
        if fields.has(.indexPrice) { index = try fields.amount(.indexPrice) }
        if fields.has(.nextFundingTime) { nextTime = try fields.time(.nextFundingTime) }
        if fields.has(.fundingRate) {
            let isNumber = fields.values.mayBeNumber(fields[.fundingRate])
            rate = isNumber ? try fields.values.decimal(fields[.fundingRate]) : nil
        }
        if fields.has(.openInterest) { bothSides = try fields.amount(.openInterest) }
        if fields.has(.singleOpenInterest) { oneSide = try fields.amount(.singleOpenInterest) }
        if fields.has(.bid1Price) { bid = try fields.amount(.bid1Price) }
        if fields.has(.bid1Size) { bidSize = try fields.amount(.bid1Size) }
        if fields.has(.ask1Price) { ask = try fields.amount(.ask1Price) }
        if fields.has(.ask1Size) { askSize = try fields.amount(.ask1Size) }
    }

    /// One-sided open interest (rule 10); nil where there is none.
    func openInterest() throws(WireError) -> Decimal? {
        if let oneSide { return oneSide }
        guard let bothSides else { return nil }
        let (half, odd) = bothSides.mantissa.quotientAndRemainder(dividingBy: 2)
        if odd == 0 { return Decimal(mantissa: half, exponent: bothSides.exponent) }
        let (fives, isOver) = bothSides.mantissa.multipliedReportingOverflow(by: 5)
        guard !isOver, fives.magnitude < Decimal.mantissaLimit, bothSides.exponent < 18 else {
            throw .outOfRange
        }
        return Decimal(mantissa: fives, exponent: bothSides.exponent + 1)
    }
}

/// Tickers: rules 9 and 10 of `BybitAdapter`.
extension BybitAdapter {
    func receiveTicker(
        _ fields: BybitFields, _ topic: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let symbol = try fields.values.symbol(fields[.symbol])
        guard ByteText.equal(symbol, topic) else { throw .unknownMessage }
        // Spot tickers are statistics of a day; those of options are not recorded.
        if market == .spot { return .unused(.statistics) }
        if market == .option { return .unused(.notRecorded) }
        let isSnapshot = ByteText.equal(fields.word(.type), "snapshot")
        guard isSnapshot || ByteText.equal(fields.word(.type), "delta") else {
            throw .unknownMessage
        }
        let state = try state(symbol)
        let before = state.ticker
        guard isSnapshot || before.isKnown else { return .unused(.waitingForSnapshot) }
        var now = isSnapshot ? BybitTicker() : before
        try now.merge(fields)
        let change = try BybitTickerChange(
            from: before, to: now, time: try fields.time(.ts))
        if !change.isEmpty { try append(change, state.instrument, receivedAt, &block) }
        state.ticker = now
        if !change.isEmpty {
            noteTouch(now, state.instrument)
            return .used
        }
        let speaksOfTouch =
            fields.has(.bid1Price) || fields.has(.bid1Size) || fields.has(.ask1Price)
            || fields.has(.ask1Size)
        guard speaksOfTouch else { return .unused(.statistics) }
        noteTouch(now, state.instrument)
        return .unused(.bestBidAsk)
    }

    private func append(
        _ change: BybitTickerChange, _ instrument: Instrument, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) {
        let id = try context.instruments.define(
            instrument, instrument.scale, receivedAt, &block)
        if let mark = change.mark {
            block.append(
                .markPrice(
                    MarkPrice(
                        instrument: id, mark: mark, index: change.index, sourceTime: change.time)),
                receivedAt: receivedAt)
        }
        if let rate = change.rate {
            block.append(
                .funding(
                    Funding(
                        instrument: id, rate: rate, nextTime: change.nextTime,
                        sourceTime: change.time)),
                receivedAt: receivedAt)
        }
        if let size = change.openInterest {
            block.append(
                .openInterest(
                    OpenInterest(instrument: id, size: size, sourceTime: change.time)),
                receivedAt: receivedAt)
        }
    }

    private func noteTouch(_ ticker: BybitTicker, _ instrument: Instrument) {
        guard let bid = ticker.bid, let ask = ticker.ask, let id = instrument.definedID else {
            return
        }
        context.touch = TouchObservation(
            key: context.key(id), updateID: -1, bid: bid, bidSize: ticker.bidSize, ask: ask,
            askSize: ticker.askSize)
    }
}

/// What a ticker says that the one before did not; nil where it says nothing new.
private struct BybitTickerChange {
    private(set) var mark: Decimal?
    private(set) var index = Decimal.zero
    private(set) var rate: Decimal?
    private(set) var nextTime = Timestamp.none
    private(set) var openInterest: Decimal?
    let time: Int64

    init(from before: BybitTicker, to now: BybitTicker, time: Int64) throws(WireError) {
        self.time = time
        if let mark = now.mark, mark != before.mark || now.index != before.index {
            self.mark = mark
            index = now.index ?? .zero
        }
        // Dated futures have an empty rate and no next time: they have no funding.
        if let rate = now.rate, now.nextTime != Timestamp.none,
            rate != before.rate || now.nextTime != before.nextTime
        {
            self.rate = rate
            nextTime = now.nextTime
        }
        let size = try now.openInterest()
        if let size, try size != before.openInterest() { openInterest = size }
    }

    var isEmpty: Bool { mark == nil && rate == nil && openInterest == nil }
}
