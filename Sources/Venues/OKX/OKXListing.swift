import Engine

/// One element of the list.
struct OKXListing {
    private let values: JSONFields
    private var symbol = JSONSpan.none, type = JSONSpan.none, base = JSONSpan.none
    private var quote = JSONSpan.none, settled = JSONSpan.none, underlying = JSONSpan.none
    private var family = JSONSpan.none, contract = JSONSpan.none, value = JSONSpan.none
    private var valueAsset = JSONSpan.none, multiplier = JSONSpan.none, expiry = JSONSpan.none
    private var strike = JSONSpan.none, right = JSONSpan.none, tick = JSONSpan.none
    private var lot = JSONSpan.none

    init(_ text: Bytes) { values = JSONFields(text) }

    mutating func read(_ scanner: inout JSONScanner) throws(WireError) {
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            let span = try scanner.skipValue()
            note(key, span)
        }
    }

    private mutating func note(_ key: Bytes, _ span: JSONSpan) {
        if ByteText.equal(key, "instId") { symbol = span }
        if ByteText.equal(key, "instType") { type = span }
        if ByteText.equal(key, "baseCcy") { base = span }
        if ByteText.equal(key, "quoteCcy") { quote = span }
        if ByteText.equal(key, "settleCcy") { settled = span }
        if ByteText.equal(key, "uly") { underlying = span }
        if ByteText.equal(key, "instFamily") { family = span }
        if ByteText.equal(key, "ctType") { contract = span }
        if ByteText.equal(key, "ctVal") { value = span }
        if ByteText.equal(key, "ctValCcy") { valueAsset = span }
        if ByteText.equal(key, "ctMult") { multiplier = span }
        if ByteText.equal(key, "expTime") { expiry = span }
        if ByteText.equal(key, "stk") { strike = span }
        if ByteText.equal(key, "optType") { right = span }
        if ByteText.equal(key, "tickSz") { tick = span }
        if ByteText.equal(key, "lotSz") { lot = span }
    }

    func store(_ instruments: InstrumentTable) throws(WireError) {
        var listing = Listing(name: try name())
        if values.mayBeNumber(tick) { listing.tickSize = try values.decimal(tick) }
        if values.mayBeNumber(lot) { listing.lotSize = try values.decimal(lot) }
        guard listing.tickSize.mantissa >= 0, listing.lotSize.mantissa >= 0 else {
            throw .outOfRange
        }
        try instruments.list(.okx, try values.symbol(symbol), listing)
    }

    private func name() throws(WireError) -> SymbolName {
        let type = values.word(self.type)
        if ByteText.equal(type, "SPOT") || ByteText.equal(type, "MARGIN") {
            return SymbolName(
                base: Array(try values.symbol(base)), quote: Array(try values.symbol(quote)))
        }
        let pair = try values.symbol(values.word(underlying).isEmpty ? family : underlying)
        guard let dash = ByteText.find(0x2d, in: pair), dash > 0, dash + 1 < pair.count else {
            throw .unknownSymbol
        }
        var name = SymbolName(
            base: Array(ByteText.slice(pair, 0, dash)),
            quote: Array(ByteText.slice(pair, dash + 1, pair.count)))
        if ByteText.equal(type, "SWAP") {
            name.kind = .perpetual
            name.suffix = ByteText.array("-PERP")
        } else if ByteText.equal(type, "FUTURES") {
            name.kind = .datedFuture
            name.suffix = try date()
        } else if ByteText.equal(type, "OPTION") {
            name.kind = .option
            name.suffix = try date() + option()
        } else {
            throw .unknownSymbol
        }
        name.isInverse = ByteText.equal(values.word(contract), "inverse")
        name.contractMultiplier = try contractSize(of: name)
        if ByteText.equal(values.word(settled), name.base) { name.suffix += [0x40] + name.base }
        return name
    }

    /// `-20261225`.
    private func date() throws(WireError) -> [UInt8] {
        let time = try EpochText.nanos(try values.integer(expiry))
        guard time != Timestamp.none else { throw .badTime }
        var iso: [UInt8] = []
        Timestamp.appendISO(time, to: &iso)
        return [0x2d] + iso.prefix(10).filter { $0 != 0x2d }
    }

    /// `-92000-C`.
    private func option() throws(WireError) -> [UInt8] {
        let strike = values.word(self.strike)
        let right = values.word(self.right)
        guard OKXNames.isStrike(strike), OKXNames.isRight(right) else { throw .unknownSymbol }
        return [0x2d] + Array(strike) + [0x2d] + Array(right)
    }

    /// Rule 3: `ctVal · ctMult`.
    private func contractSize(of name: SymbolName) throws(WireError) -> Decimal {
        let asset = values.word(valueAsset)
        guard ByteText.equal(asset, name.isInverse ? name.quote : name.base) else {
            throw .unknownSymbol
        }
        let value = try values.decimal(self.value)
        let multiplier = try values.decimal(self.multiplier)
        let (mantissa, overflow) = value.mantissa.multipliedReportingOverflow(
            by: multiplier.mantissa)
        let exponent = value.exponent + multiplier.exponent
        guard mantissa > 0, !overflow, mantissa.magnitude < Decimal.mantissaLimit, exponent <= 18
        else { throw .outOfRange }
        return Decimal(mantissa: mantissa, exponent: exponent).trimmed
    }
}
