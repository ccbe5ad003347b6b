import Engine

/// Levels as Kraken writes them: objects with bare numbers (v2 and Futures), and arrays of text
/// with a time (v1). How many digits stood on the wire goes into `digits`, one for each level.
extension JSONScanner {
    /// Reads `[{"price":63381.0,"qty":0.00005100},…]`.
    mutating func pricedLevels(
        into out: LevelBuffer, _ digits: LevelDigits?, _ scale: LevelScale
    ) throws(WireError) {
        try array()
        if take(0x5d) { return close() }
        repeat {
            if try commonPricedLevel(out, digits, scale) { continue }
            try otherPricedLevel(out, digits, scale)
        } while take(0x2c)
        try expect(0x5d)
        close()
    }

    /// Takes `{"price":digits,"qty":digits}`; false, and nothing taken, for any other shape.
    @inline(__always)
    private mutating func commonPricedLevel(
        _ out: LevelBuffer, _ digits: LevelDigits?, _ scale: LevelScale
    ) throws(WireError) -> Bool {
        guard depth < WireLimits.depthMax, position &+ 9 < end,
            ByteText.word(text, position) == 0x2265_6369_7270_227b,  // {"price"
            text[position &+ 8] == 0x3a
        else { return false }
        let priceStart = position &+ 9
        var at = priceStart
        let price = CommonDigits.take(text, &at, end, scale.price)
        let priceEnd = at
        guard scale.holds(price: price), at &+ 7 < end,
            ByteText.word(text, at) & 0xff_ffff_ffff_ffff == 0x3a_2279_7471_222c  // ,"qty":
        else { return false }
        at &+= 7
        let sizeStart = at
        let size = CommonDigits.take(text, &at, end, scale.size)
        guard scale.holds(size: size), at < end, text[at] == 0x7d else { return false }
        try out.append(PriceLevel(price: price, size: size))
        digits?.append(
            WireDigits(
                price: ByteText.slice(text, priceStart, priceEnd),
                size: ByteText.slice(text, sizeStart, at)))
        position = at &+ 1
        return true
    }

    /// Takes an object of any order and with any further fields.
    @inline(never)
    private mutating func otherPricedLevel(
        _ out: LevelBuffer, _ digits: LevelDigits?, _ scale: LevelScale
    ) throws(WireError) {
        var price = JSONSpan.none
        var size = JSONSpan.none
        var cursor = try object()
        while let key = try nextKey(&cursor) {
            let value = try skipValue()
            if ByteText.equal(key, "price") { price = value }
            if ByteText.equal(key, "qty") { size = value }
        }
        let values = JSONFields(text)
        try out.append(values, price, size, digits, scale)
    }

    /// Reads `[["price","size","time"],["price","size","time","r"],…]` and gives the newest time,
    /// or `newest` where that is later. The mark of a republished level says nothing new.
    mutating func timedLevels(
        into out: LevelBuffer, _ digits: LevelDigits, _ scale: LevelScale, newest: Int64
    ) throws(WireError) -> Int64 {
        var newest = newest
        let values = JSONFields(text)
        var isFirst = true
        try array()
        while try hasElement(&isFirst) {
            try array()
            let price = try skipValue()
            try expect(0x2c)
            let size = try skipValue()
            try expect(0x2c)
            let time = try skipValue()
            while take(0x2c) { _ = try skipValue() }
            try expect(0x5d)
            close()
            guard let seconds = values.string(time) else { throw .missingField }
            newest = max(newest, try ReceiveTime.nanos(seconds))
            try out.append(values, price, size, digits, scale)
        }
        return newest
    }
}

extension LevelBuffer {
    /// Appends the level of two numbers, or notes the digits that did not fit.
    fileprivate func append(
        _ values: JSONFields, _ price: JSONSpan, _ size: JSONSpan, _ digits: LevelDigits?,
        _ scale: LevelScale
    ) throws(WireError) {
        let level = try level(
            price: try values.scaled(price, scale.price), size: try values.scaled(size, scale.size),
            scale)
        guard let level else { return }
        try append(level)
        guard let digits else { return }
        var wire = WireDigits(price: values.numberText(price), size: values.numberText(size))
        if let exponent = try values.powerExponent(price) { wire.price = exponent }
        if let exponent = try values.powerExponent(size) { wire.size = exponent }
        digits.append(wire)
    }
}

extension JSONFields {
    /// The text of a number, without quotes where it had some.
    fileprivate func numberText(_ span: JSONSpan) -> Bytes { string(span) ?? raw(span) }

    /// Digits behind the point of a number that is written with a power of ten; nil without one.
    fileprivate func powerExponent(_ span: JSONSpan) throws(WireError) -> UInt8? {
        guard numberText(span).contains(where: { $0 | 0x20 == 0x65 }) else { return nil }
        return try decimal(span).exponent
    }
}
