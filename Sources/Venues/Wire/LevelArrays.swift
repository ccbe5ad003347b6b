import Engine

extension JSONScanner {
    /// Reads `[["price","size"],…]` into `out` in one pass. Elements behind the first two of a
    /// level are skipped; numbers may also be bare.
    mutating func levels(
        into out: LevelBuffer, _ scale: LevelScale
    ) throws(WireError) {
        try array()
        if take(0x5d) { return close() }
        let room = min(Limits.levelsPerSideMax - out.count, (end - position) / 6 + 1)
        let memory = out.reserve(room)
        var count = 0
        while true {
            guard count < room else { throw .tooLarge }
            let level = fastLevel(scale)
            if level.price > 0 {
                memory[count] = level
                count &+= 1
            } else if let slow = try slowLevel(out, scale) {
                memory[count] = slow
                count &+= 1
            }
            if position < end, text[position] == 0x2c {
                position &+= 1
                continue
            }
            if take(0x2c) { continue }
            break
        }
        out.advance(count)
        try expect(0x5d)
        close()
    }

    /// Takes `["digits","digits"]`; price 0, and nothing taken, where the text is anything else.
    @inline(__always) private mutating func fastLevel(_ scale: LevelScale) -> PriceLevel {
        let none = PriceLevel(price: 0, size: 0)
        var at = position
        guard at &+ 2 < end, text[at] == 0x5b, text[at &+ 1] == 0x22 else { return none }
        at &+= 2
        let price = NumberText.fastDigits(text, &at, end, scale.priceExponent)
        guard scale.holds(price: price), at &+ 3 < end, text[at] == 0x22,
            text[at &+ 1] == 0x2c, text[at &+ 2] == 0x22
        else { return none }
        at &+= 3
        let size = NumberText.fastDigits(text, &at, end, scale.sizeExponent)
        guard scale.holds(size: size), at &+ 1 < end, text[at] == 0x22, text[at &+ 1] == 0x5d,
            depth < WireLimits.depthMax
        else { return none }
        position = at &+ 2
        return PriceLevel(price: price, size: size)
    }

    /// Takes a level of any allowed shape; nil when its digits do not fit and were noted.
    @inline(never)
    private mutating func slowLevel(
        _ out: LevelBuffer, _ scale: LevelScale
    ) throws(WireError) -> PriceLevel? {
        try array()
        let priceSpan = try skipValue()
        try expect(0x2c)
        let sizeSpan = try skipValue()
        while take(0x2c) { _ = try skipValue() }
        try expect(0x5d)
        close()
        let fields = JSONFields(text)
        let price = try fields.scaled(priceSpan, scale.priceExponent)
        let size = try fields.scaled(sizeSpan, scale.sizeExponent)
        if case .exact(let price) = price, case .exact(let size) = size {
            guard scale.holds(price: price), scale.holds(size: size) else { throw .outOfRange }
            return PriceLevel(price: price, size: size)
        }
        try out.append(price: price, size: size, scale)
        return nil
    }
}
