import Engine

extension JSONScanner {
    /// Reads `[["buy","price","size"],…]` in one pass: bids and asks go to their own buffers, each
    /// in the order of the message.
    mutating func changes(
        _ bids: LevelBuffer, _ asks: LevelBuffer, _ scale: LevelScale
    ) throws(WireError) {
        try array()
        if take(0x5d) { return close() }
        let most = min(Limits.levelsPerSideMax, (end - position) / 8 + 1)
        let room = (bids: most - bids.count, asks: most - asks.count)
        let bidMemory = bids.reserve(max(0, room.bids))
        let askMemory = asks.reserve(max(0, room.asks))
        var bidCount = 0
        var askCount = 0
        while true {
            guard bidCount < room.bids, askCount < room.asks else { throw .tooLarge }
            var change = fastChange(scale)
            if change.level.price == 0 { change = try slowChange(bids, scale) }
            if change.level.price > 0 {
                if change.isBid {
                    bidMemory[bidCount] = change.level
                    bidCount &+= 1
                } else {
                    askMemory[askCount] = change.level
                    askCount &+= 1
                }
            }
            if position < end, text[position] == 0x2c {
                position &+= 1
                continue
            }
            if take(0x2c) { continue }
            break
        }
        bids.advance(bidCount)
        asks.advance(askCount)
        try expect(0x5d)
        close()
    }

    /// Takes `["buy","digits","digits"]` or the same of `sell`; price 0, and nothing taken, where
    /// the text is anything else.
    @inline(__always)
    private mutating func fastChange(_ scale: LevelScale) -> (isBid: Bool, level: PriceLevel) {
        let none = (isBid: false, level: PriceLevel(price: 0, size: 0))
        var at = position
        guard at &+ 9 < end, depth < WireLimits.depthMax else { return none }
        let head = UnsafeRawPointer(text.baseAddress! + at)
            .loadUnaligned(as: UInt64.self).littleEndian
        let isBid = head == 0x222c_2279_7562_225b  // ["buy","
        if isBid {
            at &+= 8
        } else {
            // ["sell", and then the quote
            guard head == 0x2c22_6c6c_6573_225b, text[at &+ 8] == 0x22 else { return none }
            at &+= 9
        }
        let price = NumberText.fastDigits(text, &at, end, scale.priceExponent)
        guard scale.holds(price: price), at &+ 3 < end, text[at] == 0x22,
            text[at &+ 1] == 0x2c, text[at &+ 2] == 0x22
        else { return none }
        at &+= 3
        let size = NumberText.fastDigits(text, &at, end, scale.sizeExponent)
        guard scale.holds(size: size), at &+ 1 < end, text[at] == 0x22, text[at &+ 1] == 0x5d
        else { return none }
        position = at &+ 2
        return (isBid, PriceLevel(price: price, size: size))
    }

    /// Takes a change of any allowed shape; price 0 when its digits do not fit and were noted.
    @inline(never)
    private mutating func slowChange(
        _ out: LevelBuffer, _ scale: LevelScale
    ) throws(WireError) -> (isBid: Bool, level: PriceLevel) {
        try array()
        let side = try skipValue()
        try expect(0x2c)
        let priceSpan = try skipValue()
        try expect(0x2c)
        let sizeSpan = try skipValue()
        try expect(0x5d)
        close()
        let values = JSONFields(text)
        let isBid = ByteText.equal(values.word(side), "buy")
        guard isBid || ByteText.equal(values.word(side), "sell") else { throw .missingField }
        let price = try values.scaled(priceSpan, scale.priceExponent)
        let size = try values.scaled(sizeSpan, scale.sizeExponent)
        if case .exact(let price) = price, case .exact(let size) = size {
            guard scale.holds(price: price), scale.holds(size: size) else { throw .outOfRange }
            return (isBid, PriceLevel(price: price, size: size))
        }
        out.note(digitsOf: price, size)
        return (isBid, PriceLevel(price: 0, size: 0))
    }
}

extension LevelBuffer {
    /// Notes the digits of numbers that did not fit.
    func note(digitsOf price: ScaledNumber, _ size: ScaledNumber) {
        if case .finer(let digits) = price { note(priceDigits: digits, sizeDigits: 0) }
        if case .finer(let digits) = size { note(priceDigits: 0, sizeDigits: digits) }
    }
}
