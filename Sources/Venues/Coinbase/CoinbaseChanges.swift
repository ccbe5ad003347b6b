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
        var taken = TakenChanges(
            bids: bidMemory, asks: askMemory, bidRoom: max(0, room.bids),
            askRoom: max(0, room.asks))
        repeat {
            let before = taken.count
            let isBehindChange = commonChanges(&taken, scale, bids.layout)
            guard !isBehindChange else { continue }
            let change = try otherChange(bids, scale, notesLayout: taken.count == before)
            guard change.level.price > 0 else { continue }
            guard taken.hasRoom(isBid: change.isBid) else { throw .tooLarge }
            taken.append(change.level, isBid: change.isBid)
        } while take(0x2c)
        bids.advance(taken.bidCount)
        asks.advance(taken.askCount)
        try expect(0x5d)
        close()
    }

    /// Takes changes of one layout and the commas between them. Ends behind a change that no comma
    /// follows, which is true, or else before an element that was not taken.
    @inline(__always)
    private mutating func commonChanges(
        _ taken: inout TakenChanges, _ scale: LevelScale, _ layout: LevelLayout
    ) -> Bool {
        guard scale.fitsWords, depth < WireLimits.depthMax, let base = text.baseAddress else {
            return false
        }
        let last = end &- LevelLayout.reach &- 9
        var at = position
        defer { position = at }
        while at <= last {
            let start = UnsafeRawPointer(base + at)
            guard let head = ChangeHead(start), taken.hasRoom(isBid: head.isBid) else {
                return false
            }
            let level = layout.take(start + head.byteCount, scale)
            guard level.price > 0 else { return false }
            taken.append(level, isBid: head.isBid)
            at &+= head.byteCount &+ layout.byteCount
            guard text[at] == 0x2c else { return true }
            at &+= 1
        }
        return false
    }

    /// Takes one change of any allowed shape; price 0 when its digits do not fit and were noted.
    /// The layout is kept as that of levels is.
    @inline(never)
    private mutating func otherChange(
        _ out: LevelBuffer, _ scale: LevelScale, notesLayout: Bool
    ) throws(WireError) -> (isBid: Bool, level: PriceLevel) {
        if position &+ 9 < end, depth < WireLimits.depthMax, let base = text.baseAddress,
            let head = ChangeHead(UnsafeRawPointer(base + position))
        {
            var at = position &+ head.byteCount
            let level = digitLevel(&at, scale)
            if level.price > 0 {
                if notesLayout { out.layout.note(text, position &+ head.byteCount) }
                position = at
                return (head.isBid, level)
            }
        }
        return try slowChange(out, scale)
    }

    /// Takes a change of any allowed shape; price 0 when its digits do not fit and were noted.
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
        let level = try out.level(
            price: try values.scaled(priceSpan, scale.price),
            size: try values.scaled(sizeSpan, scale.size), scale)
        return (isBid, level ?? PriceLevel(price: 0, size: 0))
    }
}

/// `["buy","` or `["sell","`.
private struct ChangeHead {
    let isBid: Bool
    let byteCount: Int

    /// What the nine bytes at `start` begin with.
    @inline(__always) init?(_ start: UnsafeRawPointer) {
        let word = start.loadUnaligned(as: UInt64.self).littleEndian
        isBid = word == 0x222c_2279_7562_225b  // ["buy","
        byteCount = isBid ? 8 : 9
        if isBid { return }
        // ["sell", and then the quote
        guard word == 0x2c22_6c6c_6573_225b, start.load(fromByteOffset: 8, as: UInt8.self) == 0x22
        else { return nil }
    }
}

/// Levels that were written to the reserved memory of the two sides.
private struct TakenChanges {
    let bids: UnsafeMutablePointer<PriceLevel>
    let asks: UnsafeMutablePointer<PriceLevel>
    let bidRoom: Int
    let askRoom: Int
    var bidCount = 0
    var askCount = 0

    var count: Int { bidCount &+ askCount }

    /// Whether the side has room for one more; the other side may be full.
    @inline(__always) func hasRoom(isBid: Bool) -> Bool {
        isBid ? bidCount < bidRoom : askCount < askRoom
    }

    @inline(__always) mutating func append(_ level: PriceLevel, isBid: Bool) {
        if isBid {
            bids[bidCount] = level
            bidCount &+= 1
        } else {
            asks[askCount] = level
            askCount &+= 1
        }
    }
}
