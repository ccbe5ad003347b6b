import Engine

/// `GET /v5/market/instruments-info`: the instruments of one market.
///
/// 1. `result.category` is the market, `result.list` its instruments.
/// 2. Spot: `lotSizeFilter.basePrecision`, `minOrderAmt`. Others: `qtyStep`, `minNotionalValue`.
/// 3. `contractType`: …Perpetual or …Futures, Linear… or Inverse…; a dated one has `deliveryTime`.
///    Options have none and are named by their symbol.
enum BybitInstrumentList {
    /// Whether this is what was asked for.
    static func isRequested(_ url: Bytes) -> Bool {
        ByteText.find("/instruments-info", in: url) != nil
    }

    static func read(_ message: Bytes, into instruments: InstrumentTable) throws(WireError) {
        try JSONScanner.validate(message)
        let values = JSONFields(message)
        let answer = try object(
            values, JSONSpan(start: 0, end: message.count), ["result"])
        let result = try object(values, answer[0], ["category", "list"])
        guard let market = VenueMarket(category: values.word(result[0])),
            values.isArray(result[1])
        else { throw .unknownMessage }
        let text = values.raw(result[1])
        var scanner = JSONScanner(text)
        var isFirst = true
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            let entry = try scanner.skipValue()
            // One odd entry does not spoil the list: its symbol is named by its letters.
            try? store(JSONFields(text), entry, market, instruments)
        }
    }

    /// Where the values of these keys stand in the object at `span`.
    private static func object(
        _ values: JSONFields, _ span: JSONSpan, _ keys: [StaticString]
    ) throws(WireError) -> [JSONSpan] {
        guard span.isPresent else { throw .unknownMessage }
        var scanner = JSONScanner(values.text)
        scanner.position = span.start
        var spans = [JSONSpan](repeating: .none, count: keys.count)
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            _ = scanner.peek()
            let value = try scanner.skipValue()
            for index in keys.indices where ByteText.equal(key, keys[index]) {
                spans[index] = value
            }
        }
        return spans
    }

    private static func store(
        _ values: JSONFields, _ entry: JSONSpan, _ market: VenueMarket,
        _ instruments: InstrumentTable
    ) throws(WireError) {
        let fields = try object(
            values, entry,
            [
                "symbol", "baseCoin", "quoteCoin", "contractType", "deliveryTime", "priceFilter",
                "lotSizeFilter",
            ])
        let prices = try object(values, fields[5], ["tickSize"])
        let lots = try object(
            values, fields[6], ["qtyStep", "basePrecision", "minNotionalValue", "minOrderAmt"])
        let symbol = try values.symbol(fields[0])
        let name = try name(values, symbol, fields, market)
        var listing = Listing(name: name)
        listing.tickSize = try values.decimal(prices[0])
        listing.lotSize = try values.decimal(lots[market == .spot ? 1 : 0])
        let least = lots[market == .spot ? 3 : 2]
        if values.mayBeNumber(least) { listing.minimumNotional = try values.decimal(least) }
        guard listing.tickSize.mantissa >= 0, listing.lotSize.mantissa >= 0 else {
            throw .outOfRange
        }
        try instruments.list(.bybit, symbol, listing, market: market)
    }

    private static func name(
        _ values: JSONFields, _ symbol: Bytes, _ fields: [JSONSpan], _ market: VenueMarket
    ) throws(WireError) -> SymbolName {
        if market == .option {
            guard let name = BybitNames.name(symbol, market) else { throw .unknownSymbol }
            return name
        }
        var name = SymbolName(
            base: Array(try values.symbol(fields[1])), quote: Array(try values.symbol(fields[2])))
        if market == .spot { return name }
        let type = values.word(fields[3])
        if ByteText.find("Perpetual", in: type) != nil {
            name.kind = .perpetual
            name.suffix = ByteText.array("-PERP")
        } else {
            let time = try EpochText.nanos(try values.integer(fields[4]))
            guard time != Timestamp.none else { throw .badTime }
            var iso: [UInt8] = []
            Timestamp.appendISO(time, to: &iso)
            name.kind = .datedFuture
            name.suffix = [0x2d] + iso.prefix(10).filter { $0 != 0x2d }
        }
        return ByteText.find("Inverse", in: type) == nil ? name : BybitNames.inverse(name)
    }
}

extension VenueMarket {
    /// The market with Bybit's word for it.
    init?(category: Bytes) {
        if ByteText.equal(category, "spot") {
            self = .spot
        } else if ByteText.equal(category, "linear") {
            self = .linear
        } else if ByteText.equal(category, "inverse") {
            self = .inverse
        } else if ByteText.equal(category, "option") {
            self = .option
        } else {
            return nil
        }
    }

    /// The market of a Bybit address: in the path of a stream (`/v5/public/spot`), in the query of
    /// a request (`category=spot`). `only` where it says none.
    init(bybit url: Bytes) {
        var word = QueryText.value("category", in: url)
        let head: StaticString = "/v5/public/"
        if let start = ByteText.find(head, in: url).map({ $0 + head.utf8CodeUnitCount }) {
            let tail = ByteText.slice(url, start, url.count)
            let end = tail.firstIndex { $0 == 0x2f || $0 == 0x3f || $0 == 0x23 }
            word = ByteText.slice(tail, 0, end ?? tail.count)
        }
        self = word.flatMap { VenueMarket(category: $0) } ?? .only
    }
}
