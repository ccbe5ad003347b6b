import Engine

/// Products of both REST interfaces.
///
/// 1. Advanced Trade: `{"products":[{"product_id","price_increment","base_increment",
///    "quote_min_size","base_currency_id","quote_currency_id","product_type"…}]}`.
/// 2. Exchange: `[{"id","base_currency","quote_currency","quote_increment","base_increment",
///    "min_market_funds"…}]`.
/// 3. The tick is `price_increment`, else `quote_increment`; the lot is `base_increment`.
/// 4. Derivatives (`product_type` other than SPOT) are named by their product id: what their
///    sizes mean stands in details that differ from product to product.
enum CoinbaseProductList {
    static func read(_ message: Bytes, into instruments: InstrumentTable) throws(WireError) {
        try JSONScanner.validate(message)
        var scanner = JSONScanner(message)
        if scanner.peek() == 0x5b { return try readArray(&scanner, message, instruments) }
        var cursor = try scanner.object()
        var isList = false
        while let key = try scanner.nextKey(&cursor) {
            if ByteText.equal(key, "products"), scanner.peek() == 0x5b {
                isList = true
                try readArray(&scanner, message, instruments)
            } else {
                _ = try scanner.skipValue()
            }
        }
        guard isList else { throw .unknownMessage }
    }

    private static func readArray(
        _ scanner: inout JSONScanner, _ message: Bytes, _ instruments: InstrumentTable
    ) throws(WireError) {
        var isFirst = true
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            var product = Product(message)
            try product.read(&scanner)
            // One odd entry does not spoil the list: its product is named by its letters.
            try? product.store(instruments)
        }
    }

    /// One product.
    private struct Product {
        let values: JSONFields
        var id = JSONSpan.none, base = JSONSpan.none, quote = JSONSpan.none
        var tick = JSONSpan.none, quoteStep = JSONSpan.none, step = JSONSpan.none
        var least = JSONSpan.none, kind = JSONSpan.none

        init(_ text: Bytes) { values = JSONFields(text) }

        mutating func read(_ scanner: inout JSONScanner) throws(WireError) {
            var cursor = try scanner.object()
            while let key = try scanner.nextKey(&cursor) {
                let value = try scanner.skipValue()
                note(key, value)
            }
        }

        private mutating func note(_ key: Bytes, _ value: JSONSpan) {
            if ByteText.equal(key, "product_id") || ByteText.equal(key, "id") { id = value }
            if ByteText.equal(key, "base_currency_id") || ByteText.equal(key, "base_currency") {
                base = value
            }
            if ByteText.equal(key, "quote_currency_id") || ByteText.equal(key, "quote_currency") {
                quote = value
            }
            if ByteText.equal(key, "price_increment") { tick = value }
            if ByteText.equal(key, "quote_increment") { quoteStep = value }
            if ByteText.equal(key, "base_increment") { step = value }
            if ByteText.equal(key, "quote_min_size") || ByteText.equal(key, "min_market_funds") {
                least = value
            }
            if ByteText.equal(key, "product_type") { kind = value }
        }

        func store(_ instruments: InstrumentTable) throws(WireError) {
            let type = values.word(kind)
            guard type.isEmpty || ByteText.equal(type, "SPOT") else { return }
            var listing = Listing(
                name: SymbolName(
                    base: Array(try values.symbol(base)), quote: Array(try values.symbol(quote))))
            listing.tickSize = try values.decimal(tick.isPresent ? tick : quoteStep)
            listing.lotSize = try values.decimal(step)
            if least.isPresent { listing.minimumNotional = try values.decimal(least) }
            guard listing.tickSize.mantissa >= 0, listing.lotSize.mantissa >= 0 else {
                throw .outOfRange
            }
            try instruments.list(.coinbase, try values.symbol(id), listing)
        }
    }
}
