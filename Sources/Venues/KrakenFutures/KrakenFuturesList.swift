import Engine

/// The REST list of instruments: `{"instruments":[{"symbol","type","tickSize","contractSize",
/// "contractValueTradePrecision"…}]}`.
///
/// 1. Base, quote and expiry follow from the symbol, in capitals; `type` says whether the contract
///    is inverse. Indices have none of the known prefixes and are left out.
/// 2. Sizes are contracts of `contractSize`: quote units of an inverse, base units of a linear one.
/// 3. The lot has `contractValueTradePrecision` digits behind the point, and is 1 without it.
enum KrakenFuturesList {
    static func read(_ message: Bytes, into instruments: InstrumentTable) throws(WireError) {
        try JSONScanner.validate(message)
        var scanner = JSONScanner(message)
        var cursor = try scanner.object()
        var isList = false
        while let key = try scanner.nextKey(&cursor) {
            guard ByteText.equal(key, "instruments"), scanner.peek() == 0x5b else {
                _ = try scanner.skipValue()
                continue
            }
            isList = true
            var isFirst = true
            try scanner.array()
            while try scanner.hasElement(&isFirst) {
                var contract = Contract(message)
                try contract.read(&scanner)
                // One odd entry does not spoil the list: its product is named by its letters.
                try? contract.store(instruments)
            }
        }
        guard isList else { throw .unknownMessage }
    }

    /// One element of `instruments`.
    private struct Contract {
        let values: JSONFields
        var symbol = JSONSpan.none, type = JSONSpan.none, tick = JSONSpan.none
        var size = JSONSpan.none, precision = JSONSpan.none

        init(_ text: Bytes) { values = JSONFields(text) }

        mutating func read(_ scanner: inout JSONScanner) throws(WireError) {
            var cursor = try scanner.object()
            while let key = try scanner.nextKey(&cursor) {
                let value = try scanner.skipValue()
                if ByteText.equal(key, "symbol") { symbol = value }
                if ByteText.equal(key, "type") { type = value }
                if ByteText.equal(key, "tickSize") { tick = value }
                if ByteText.equal(key, "contractSize") { size = value }
                if ByteText.equal(key, "contractValueTradePrecision") { precision = value }
            }
        }

        func store(_ instruments: InstrumentTable) throws(WireError) {
            let product = try values.symbol(symbol).map(ByteText.upper)
            var listing = Listing(name: try name(product))
            listing.tickSize = try values.decimal(tick)
            listing.lotSize = try lot()
            guard listing.tickSize.mantissa >= 0 else { throw .outOfRange }
            let result = product.withUnsafeBufferPointer { product -> Result<Void, WireError> in
                do throws(WireError) {
                    return .success(try instruments.list(.krakenFutures, product, listing))
                } catch {
                    return .failure(error)
                }
            }
            try result.get()
        }

        private func name(_ product: [UInt8]) throws(WireError) -> SymbolName {
            guard var name = product.withUnsafeBufferPointer({ KrakenNames.futures($0) }) else {
                throw .unknownSymbol
            }
            guard name.isInverse == ByteText.equal(values.word(type), "futures_inverse") else {
                throw .unknownSymbol
            }
            name.contractMultiplier = try values.decimal(size)
            guard name.contractMultiplier.mantissa > 0 else { throw .outOfRange }
            return name
        }

        /// The smallest step of a size; a precision below zero means tens, hundreds and so on.
        private func lot() throws(WireError) -> Decimal {
            let digits = values.mayBeNumber(precision) ? try values.integer(precision) : 0
            guard (-12...12).contains(digits) else { throw .outOfRange }
            if digits >= 0 { return Decimal(mantissa: 1, exponent: UInt8(digits)) }
            return Decimal(mantissa: PowersOfTen.int64(Int(-digits)), exponent: 0)
        }
    }
}
