import Engine

/// Kraken's lists of pairs.
///
/// 1. v2, channel `instrument`: `{"assets":[…],"pairs":[{"symbol","base","quote","price_increment",
///    "qty_increment","cost_min"…}]}`. Names and symbols are those of v2.
/// 2. REST `AssetPairs`: `{"result":{"<name>":{"wsname":"XBT/USD","pair_decimals","lot_decimals",
///    "tick_size","costmin"…}}}`. The symbol of v1 is `wsname`, and names follow from it.
enum KrakenPairList {
    /// Reads the `data` of the channel.
    static func read(_ data: Bytes, into instruments: InstrumentTable) throws(WireError) {
        var scanner = JSONScanner(data)
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            guard ByteText.equal(key, "pairs"), scanner.peek() == 0x5b else {
                _ = try scanner.skipValue()
                continue
            }
            var isFirst = true
            try scanner.array()
            while try scanner.hasElement(&isFirst) {
                var pair = Pair(data)
                try pair.read(&scanner)
                // One odd entry does not spoil the list: its pair is named by its letters.
                try? pair.store(instruments)
            }
        }
    }

    /// Reads the answer to the request.
    static func readAnswer(_ message: Bytes, into instruments: InstrumentTable) throws(WireError) {
        try JSONScanner.validate(message)
        var scanner = JSONScanner(message)
        var cursor = try scanner.object()
        var isList = false
        while let key = try scanner.nextKey(&cursor) {
            guard ByteText.equal(key, "result"), scanner.peek() == 0x7b else {
                _ = try scanner.skipValue()
                continue
            }
            // Its keys are names of pairs, more than an object that is read may have.
            _ = scanner.take(0x7b)
            if scanner.take(0x7d) { continue }
            repeat {
                _ = try scanner.string()
                try scanner.expect(0x3a)
                guard scanner.peek() == 0x7b else { throw .unknownMessage }
                var pair = Pair(message)
                try pair.read(&scanner)
                if pair.name.isPresent { isList = true }
                try? pair.store(instruments)
            } while scanner.take(0x2c)
            try scanner.expect(0x7d)
        }
        guard isList else { throw .unknownMessage }
    }

    /// One pair of either list.
    private struct Pair {
        let values: JSONFields
        var symbol = JSONSpan.none, base = JSONSpan.none, quote = JSONSpan.none
        var tick = JSONSpan.none, step = JSONSpan.none, least = JSONSpan.none
        /// `wsname`, and digits behind the point.
        var name = JSONSpan.none, priceDigits = JSONSpan.none, sizeDigits = JSONSpan.none

        init(_ text: Bytes) { values = JSONFields(text) }

        mutating func read(_ scanner: inout JSONScanner) throws(WireError) {
            var cursor = try scanner.object()
            while let key = try scanner.nextKey(&cursor) {
                let value = try scanner.skipValue()
                if ByteText.equal(key, "symbol") { symbol = value }
                if ByteText.equal(key, "base") { base = value }
                if ByteText.equal(key, "quote") { quote = value }
                if ByteText.equal(key, "price_increment") || ByteText.equal(key, "tick_size") {
                    tick = value
                }
                if ByteText.equal(key, "qty_increment") { step = value }
                if ByteText.equal(key, "cost_min") || ByteText.equal(key, "costmin") {
                    least = value
                }
                if ByteText.equal(key, "wsname") { name = value }
                if ByteText.equal(key, "pair_decimals") { priceDigits = value }
                if ByteText.equal(key, "lot_decimals") { sizeDigits = value }
            }
        }

        func store(_ instruments: InstrumentTable) throws(WireError) {
            let symbol = try values.symbol(name.isPresent ? name : symbol)
            var listing = Listing(name: try pairName(symbol))
            listing.tickSize = try increment(tick, priceDigits)
            listing.lotSize = try increment(step, sizeDigits)
            if least.isPresent { listing.minimumNotional = try values.decimal(least) }
            guard listing.tickSize.mantissa >= 0, listing.lotSize.mantissa >= 0 else {
                throw .outOfRange
            }
            try instruments.list(.kraken, symbol, listing)
        }

        private func pairName(_ symbol: Bytes) throws(WireError) -> SymbolName {
            if name.isPresent {
                guard let known = KrakenNames.spot(symbol) else { throw .unknownSymbol }
                return known
            }
            return SymbolName(
                base: KrakenNames.asset(try values.symbol(base)),
                quote: KrakenNames.asset(try values.symbol(quote)))
        }

        /// A step, or the one that follows from a count of digits.
        private func increment(_ step: JSONSpan, _ digits: JSONSpan) throws(WireError) -> Decimal {
            if step.isPresent { return try values.decimal(step) }
            let exponent = try values.integer(digits)
            guard (0...18).contains(exponent) else { throw .outOfRange }
            return Decimal(mantissa: 1, exponent: UInt8(exponent))
        }
    }
}
