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
        repeat {
            let before = count
            let isBehindLevel = commonLevels(memory, &count, room, scale, out.layout)
            guard !isBehindLevel else { continue }
            guard count < room else { throw .tooLarge }
            if let level = try otherLevel(out, scale, notesLayout: count == before) {
                memory[count] = level
                count &+= 1
            }
        } while take(0x2c)
        out.advance(count)
        try expect(0x5d)
        close()
    }

    /// Takes levels of one layout and the commas between them. Ends behind a level that no comma
    /// follows, which is true, or else before an element that was not taken.
    @inline(__always)
    private mutating func commonLevels(
        _ memory: UnsafeMutablePointer<PriceLevel>, _ count: inout Int, _ room: Int,
        _ scale: LevelScale, _ layout: LevelLayout
    ) -> Bool {
        guard scale.fitsWords, depth < WireLimits.depthMax, let base = text.baseAddress else {
            return false
        }
        let last = end &- LevelLayout.reach &- 2
        var at = position
        defer { position = at }
        while at <= last, count < room {
            let start = UnsafeRawPointer(base + at)
            // ["
            guard start.loadUnaligned(as: UInt16.self).littleEndian == 0x225b else { return false }
            let level = layout.take(start + 2, scale)
            guard level.price > 0 else { return false }
            memory[count] = level
            count &+= 1
            at &+= layout.byteCount &+ 2
            guard text[at] == 0x2c else { return true }
            at &+= 1
        }
        return false
    }

    /// Takes one level of any allowed shape; nil when its digits do not fit and were noted. One
    /// that interrupts a row of equal layouts does not change the guess, a second one does.
    @inline(never)
    private mutating func otherLevel(
        _ out: LevelBuffer, _ scale: LevelScale, notesLayout: Bool
    ) throws(WireError) -> PriceLevel? {
        if position &+ 2 < end, text[position] == 0x5b, text[position &+ 1] == 0x22,
            depth < WireLimits.depthMax
        {
            var at = position &+ 2
            let level = digitLevel(&at, scale)
            if level.price > 0 {
                if notesLayout { out.layout.note(text, position &+ 2) }
                position = at
                return level
            }
        }
        return try slowLevel(out, scale)
    }

    /// Takes `digits","digits"]` at `at`, which moves behind it; price 0 for anything else.
    func digitLevel(_ at: inout Int, _ scale: LevelScale) -> PriceLevel {
        let none = PriceLevel(price: 0, size: 0)
        let price = CommonDigits.take(text, &at, end, scale.price)
        guard scale.holds(price: price), at &+ 3 < end, text[at] == 0x22,
            text[at &+ 1] == 0x2c, text[at &+ 2] == 0x22
        else { return none }
        at &+= 3
        let size = CommonDigits.take(text, &at, end, scale.size)
        guard scale.holds(size: size), at &+ 1 < end, text[at] == 0x22, text[at &+ 1] == 0x5d
        else { return none }
        at &+= 2
        return PriceLevel(price: price, size: size)
    }

    /// Takes a level of any allowed shape; nil when its digits do not fit and were noted.
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
        return try out.level(
            price: try fields.scaled(priceSpan, scale.price),
            size: try fields.scaled(sizeSpan, scale.size), scale)
    }
}
