import Engine

/// `exchangeInfo`: per symbol its assets, its filters and, on futures, its contract.
///
/// 1. `PRICE_FILTER.tickSize`, `LOT_SIZE.stepSize`, `MIN_NOTIONAL` or `NOTIONAL` with `minNotional`
///    (spot) or `notional` (futures).
/// 2. `contractType` PERPETUAL has the suffix `-PERP`; others have `deliveryDate`, in ms. Spot has
///    none.
/// 3. COIN-M is inverse: `contractSize` quote units a contract, settled in `marginAsset`.
enum BinanceInstrumentList {
    static func read(
        _ message: Bytes, _ venue: Venue, into instruments: InstrumentTable
    ) throws(WireError) {
        try JSONScanner.validate(message)
        var scanner = JSONScanner(message)
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            guard ByteText.equal(key, "symbols"), scanner.peek() == 0x5b else {
                _ = try scanner.skipValue()
                continue
            }
            var isFirst = true
            try scanner.array()
            while try scanner.hasElement(&isFirst) {
                var entry = Entry(message)
                try entry.read(&scanner)
                // One odd entry does not spoil the list: its symbol is named by its letters.
                try? entry.store(venue, instruments)
            }
        }
    }

    /// One element of `symbols`.
    private struct Entry {
        let values: JSONFields
        var symbol = JSONSpan.none, base = JSONSpan.none, quote = JSONSpan.none
        var margin = JSONSpan.none, contract = JSONSpan.none, delivery = JSONSpan.none
        var contractSize = JSONSpan.none, tick = JSONSpan.none, step = JSONSpan.none
        var notional = JSONSpan.none

        init(_ text: Bytes) { values = JSONFields(text) }

        mutating func read(_ scanner: inout JSONScanner) throws(WireError) {
            var cursor = try scanner.object()
            while let key = try scanner.nextKey(&cursor) {
                if ByteText.equal(key, "filters"), scanner.peek() == 0x5b {
                    try readFilters(&scanner)
                    continue
                }
                let value = try scanner.skipValue()
                if ByteText.equal(key, "symbol") { symbol = value }
                if ByteText.equal(key, "baseAsset") { base = value }
                if ByteText.equal(key, "quoteAsset") { quote = value }
                if ByteText.equal(key, "marginAsset") { margin = value }
                if ByteText.equal(key, "contractType") { contract = value }
                if ByteText.equal(key, "deliveryDate") { delivery = value }
                if ByteText.equal(key, "contractSize") { contractSize = value }
            }
        }

        private mutating func readFilters(_ scanner: inout JSONScanner) throws(WireError) {
            var isFirst = true
            try scanner.array()
            while try scanner.hasElement(&isFirst) {
                var kind = JSONSpan.none, tickSize = JSONSpan.none, stepSize = JSONSpan.none
                var least = JSONSpan.none
                var cursor = try scanner.object()
                while let key = try scanner.nextKey(&cursor) {
                    let value = try scanner.skipValue()
                    if ByteText.equal(key, "filterType") { kind = value }
                    if ByteText.equal(key, "tickSize") { tickSize = value }
                    if ByteText.equal(key, "stepSize") { stepSize = value }
                    if ByteText.equal(key, "minNotional") || ByteText.equal(key, "notional") {
                        least = value
                    }
                }
                let name = values.word(kind)
                if ByteText.equal(name, "PRICE_FILTER") { tick = tickSize }
                if ByteText.equal(name, "LOT_SIZE") { step = stepSize }
                if ByteText.equal(name, "MIN_NOTIONAL") || ByteText.equal(name, "NOTIONAL") {
                    notional = least
                }
            }
        }

        func store(_ venue: Venue, _ instruments: InstrumentTable) throws(WireError) {
            var listing = Listing(
                name: SymbolName(
                    base: Array(try values.symbol(base)), quote: Array(try values.symbol(quote))))
            listing.tickSize = try values.decimal(tick)
            listing.lotSize = try values.decimal(step)
            if notional.isPresent { listing.minimumNotional = try values.decimal(notional) }
            guard listing.tickSize.mantissa >= 0, listing.lotSize.mantissa >= 0 else {
                throw .outOfRange
            }
            if venue == .binanceUSDM || venue == .binanceCoinM { try addContract(&listing.name) }
            guard listing.name.suffix.count <= WireLimits.idBytesMax else { throw .tooLarge }
            try instruments.list(venue, try values.symbol(symbol), listing)
        }

        private func addContract(_ name: inout SymbolName) throws(WireError) {
            if ByteText.find("PERPETUAL", in: values.word(contract)) != nil {
                name.kind = .perpetual
                name.suffix = ByteText.array("-PERP")
            } else {
                name.kind = .datedFuture
                name.suffix = [0x2d]
                let time = try EpochText.nanos(try values.integer(delivery))
                var iso: [UInt8] = []
                Timestamp.appendISO(time, to: &iso)
                name.suffix += iso.prefix(10).filter { $0 != 0x2d }
            }
            guard contractSize.isPresent else { return }
            name.contractMultiplier = try values.decimal(contractSize)
            guard name.contractMultiplier.mantissa > 0 else { throw .outOfRange }
            let settled = values.word(margin)
            name.isInverse = ByteText.equal(settled, name.base)
            if name.isInverse { name.suffix += [0x40] + name.base }
        }
    }
}
