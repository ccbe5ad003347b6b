import Engine

extension BinanceFields {
    /// What kind of message this is.
    var kind: BinanceKind {
        let event = word(.e)
        if !event.isEmpty { return kind(event) }
        if has(.lastUpdateId) { return isPartialDepth ? .partialDepth : .snapshot }
        if has(.u), values.isString(self[.b]), values.isString(self[.a]) { return .bookTicker }
        if has(.symbols) { return .instrumentList }
        if has(.openInterest) { return .openInterest }
        if has(.code) || has(.error) { return .refusal }
        if has(.result), has(.id) { return .answer }
        return .unknown
    }

    private func kind(_ event: Bytes) -> BinanceKind {
        if ByteText.equal(event, "depthUpdate") { return isPartialDepth ? .partialDepth : .depth }
        if ByteText.equal(event, "trade") { return .trade }
        if ByteText.equal(event, "aggTrade") { return .aggregateTrade }
        if ByteText.equal(event, "bookTicker") { return .bookTicker }
        if ByteText.equal(event, "markPriceUpdate") { return .markPrice }
        if ByteText.equal(event, "forceOrder") { return .liquidation }
        if ByteText.equal(event, "serverShutdown") { return .shutdown }
        return BinanceFields.unusedKind(event)
    }

    /// Kinds that are understood and not recorded.
    private static func unusedKind(_ event: Bytes) -> BinanceKind {
        if ByteText.equal(event, "kline") || ByteText.equal(event, "continuous_kline")
            || ByteText.equal(event, "indexPrice_kline")
            || ByteText.equal(event, "markPrice_kline")
        {
            return .unused(.candle)
        }
        if ByteText.equal(event, "24hrTicker") || ByteText.equal(event, "24hrMiniTicker")
            || ByteText.equal(event, "1hTicker") || ByteText.equal(event, "4hTicker")
            || ByteText.equal(event, "1dTicker") || ByteText.equal(event, "avgPrice")
        {
            return .unused(.statistics)
        }
        if ByteText.equal(event, "indexPriceUpdate") || ByteText.equal(event, "compositeIndex")
            || ByteText.equal(event, "assetIndexUpdate")
        {
            return .unused(.indexOnly)
        }
        if ByteText.equal(event, "blockTrade") { return .unused(.notMarketTrade) }
        if ByteText.equal(event, "referencePrice") || ByteText.equal(event, "contractInfo") {
            return .unused(.notRecorded)
        }
        return .unknown
    }

    /// Whether the stream is `…@depth5`, `…@depth20@100ms` and so on, whose messages are the whole
    /// top of the book and have the shape of deltas on futures.
    private var isPartialDepth: Bool {
        let stream = word(.stream)
        guard let at = ByteText.find("@depth", in: stream), at + 6 < stream.count else {
            return false
        }
        return stream[at + 6] &- 0x30 <= 9
    }

    /// Whether an unreadable message may have been a delta of a book.
    var mayBeDepth: Bool {
        let event = word(.e)
        if !event.isEmpty { return ByteText.equal(event, "depthUpdate") }
        let stream = word(.stream)
        return stream.isEmpty || ByteText.find("@depth", in: stream) != nil
    }
}
