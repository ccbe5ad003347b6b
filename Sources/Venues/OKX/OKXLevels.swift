import Engine

extension JSONScanner {
    /// Reads `[["price","size","0","orders"],…]` into `out` in one pass, and into `digits` how
    /// the two numbers of each level were written. What stands behind the first two is skipped.
    mutating func levels(
        into out: LevelBuffer, _ digits: LevelDigits, _ scale: LevelScale
    ) throws(WireError) {
        try array()
        if take(0x5d) { return close() }
        let room = min(Limits.levelsPerSideMax - out.count, (end - position) / 6 + 1)
        let memory = out.reserve(room)
        var count = 0
        repeat {
            guard count < room else { throw .tooLarge }
            if let level = commonLevel(digits, scale) {
                memory[count] = level
                count &+= 1
            } else if let level = try otherLevel(out, digits, scale) {
                memory[count] = level
                count &+= 1
            }
        } while take(0x2c)
        out.advance(count)
        try expect(0x5d)
        close()
    }

    /// Takes `["digits","digits","digits","digits"]`; nil, and nothing taken, for anything else.
    @inline(__always)
    private mutating func commonLevel(
        _ digits: LevelDigits, _ scale: LevelScale
    ) -> PriceLevel? {
        guard position &+ 2 < end, text[position] == 0x5b, text[position &+ 1] == 0x22,
            depth < WireLimits.depthMax
        else { return nil }
        let start = position &+ 2
        var at = start
        let price = CommonDigits.take(text, &at, end, scale.price)
        let priceEnd = at
        guard scale.holds(price: price), takeComma(&at) else { return nil }
        let sizeStart = at
        let size = CommonDigits.take(text, &at, end, scale.size)
        let sizeEnd = at
        guard scale.holds(size: size), takeComma(&at), takeDigits(&at), takeComma(&at),
            takeDigits(&at), at &+ 1 < end, text[at] == 0x22, text[at &+ 1] == 0x5d
        else { return nil }
        position = at &+ 2
        digits.append(
            WireDigits(
                price: ByteText.slice(text, start, priceEnd),
                size: ByteText.slice(text, sizeStart, sizeEnd)))
        return PriceLevel(price: price, size: size)
    }

    /// Moves behind `","`.
    @inline(__always) private func takeComma(_ at: inout Int) -> Bool {
        guard at &+ 3 < end, text[at] == 0x22, text[at &+ 1] == 0x2c, text[at &+ 2] == 0x22
        else { return false }
        at &+= 3
        return true
    }

    /// Moves behind one digit or more.
    @inline(__always) private func takeDigits(_ at: inout Int) -> Bool {
        let start = at
        while at < end, text[at] &- 0x30 <= 9 { at &+= 1 }
        return at > start
    }

    /// Takes a level of any allowed shape; nil when its digits do not fit and were noted.
    @inline(never)
    private mutating func otherLevel(
        _ out: LevelBuffer, _ digits: LevelDigits, _ scale: LevelScale
    ) throws(WireError) -> PriceLevel? {
        try array()
        let price = try skipValue()
        try expect(0x2c)
        let size = try skipValue()
        while take(0x2c) { _ = try skipValue() }
        try expect(0x5d)
        close()
        let values = JSONFields(text)
        let level = try out.level(
            price: try values.scaled(price, scale.price),
            size: try values.scaled(size, scale.size), scale)
        guard let level else { return nil }
        digits.append(
            WireDigits(
                price: values.string(price) ?? values.raw(price),
                size: values.string(size) ?? values.raw(size)))
        return level
    }
}
