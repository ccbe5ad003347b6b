import Engine

/// Names from Bybit's symbols, for connections without its instrument list.
///
/// 1. Spot: a known quote asset at the end, the longest (`BTCRLUSD` is BTC-RLUSD).
/// 2. `BTCUSDT` is perpetual in USDT, `BTCPERP` perpetual in USDC, `BTCUSD` perpetual and inverse.
/// 3. `BTCUSDT-26DEC25` is dated in USDT, `BTC-26DEC25` dated in USDC.
/// 4. `BTCUSDZ25` is inverse until the last Friday of a quarter: H, M, U, Z end March to December.
/// 5. `BTC-26DEC25-100000-C` is an option in USDC, with `-USDT` behind it in USDT.
/// 6. Sizes of inverse contracts count US dollars; no contract has a multiplier.
enum BybitNames {
    /// Quote assets of the spot market, as its instrument list of 2026-08 and recordings name them.
    private static let quotes: [StaticString] = [
        "USDT", "USDC", "USD1", "USDE", "USD", "RLUSD", "XUSD", "EUR", "GBP", "BRL", "TRY", "PLN",
        "AED", "BTC", "ETH", "SOL", "MNT", "DAI",
    ]

    private static let months: [StaticString] = [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ]

    /// The name of `symbol`, or nil when no rule explains it.
    static func name(_ symbol: Bytes, _ market: VenueMarket) -> SymbolName? {
        switch market {
        case .spot: spot(symbol)
        case .option: option(symbol)
        case .only, .linear, .inverse: future(symbol)
        }
    }

    private static func spot(_ symbol: Bytes) -> SymbolName? {
        var longest: StaticString = ""
        for quote in quotes
        where quote.utf8CodeUnitCount > longest.utf8CodeUnitCount
            && base(of: symbol, before: quote) != nil
        {
            longest = quote
        }
        guard longest.utf8CodeUnitCount > 0, let base = base(of: symbol, before: longest) else {
            return nil
        }
        return SymbolName(base: Array(base), quote: ByteText.array(longest))
    }

    private static func future(_ symbol: Bytes) -> SymbolName? {
        if let dash = ByteText.find(0x2d, in: symbol) {
            let head = ByteText.slice(symbol, 0, dash)
            let date = ByteText.slice(symbol, dash + 1, symbol.count)
            guard !head.isEmpty, let expiry = expiry(date) else { return nil }
            let base = base(of: head, before: "USDT")
            return contract(base ?? head, base == nil ? "USDC" : "USDT", .datedFuture, expiry)
        }
        let perpetual = ByteText.array("-PERP")
        if let base = base(of: symbol, before: "USDT") {
            return contract(base, "USDT", .perpetual, perpetual)
        }
        if let base = base(of: symbol, before: "PERP") {
            return contract(base, "USDC", .perpetual, perpetual)
        }
        if let base = base(of: symbol, before: "USD") {
            return inverse(contract(base, "USD", .perpetual, perpetual))
        }
        guard symbol.count > 3, let expiry = quarter(symbol) else { return nil }
        let head = ByteText.slice(symbol, 0, symbol.count - 3)
        return base(of: head, before: "USD").map {
            inverse(contract($0, "USD", .datedFuture, expiry))
        }
    }

    private static func option(_ symbol: Bytes) -> SymbolName? {
        let parts = symbol.split(separator: 0x2d, omittingEmptySubsequences: false)
            .map { Bytes($0) }
        guard parts.count == 4 || parts.count == 5, !parts[0].isEmpty, !parts[2].isEmpty,
            let expiry = expiry(parts[1])
        else { return nil }
        let isCall = ByteText.equal(parts[3], "C")
        guard isCall || ByteText.equal(parts[3], "P") else { return nil }
        guard parts.count == 4 || ByteText.equal(parts[4], "USDT") else { return nil }
        let suffix = expiry + [0x2d] + Array(parts[2]) + ByteText.array(isCall ? "-C" : "-P")
        return contract(parts[0], parts.count == 4 ? "USDC" : "USDT", .option, suffix)
    }

    private static func contract(
        _ base: Bytes, _ quote: StaticString, _ kind: InstrumentKind, _ suffix: [UInt8]
    ) -> SymbolName {
        SymbolName(
            base: Array(base), quote: ByteText.array(quote), suffix: suffix, kind: kind)
    }

    /// The same contract, settled in its base.
    static func inverse(_ name: SymbolName) -> SymbolName {
        var name = name
        name.isInverse = true
        name.suffix += [0x40] + name.base
        return name
    }

    /// What stands before `tail` at the end of `symbol`, where that is something.
    private static func base(of symbol: Bytes, before tail: StaticString) -> Bytes? {
        let split = symbol.count - tail.utf8CodeUnitCount
        guard split > 0, ByteText.equal(ByteText.slice(symbol, split, symbol.count), tail) else {
            return nil
        }
        return ByteText.slice(symbol, 0, split)
    }

    /// `-20251226` from `26DEC25`, and `-20230106` from `6JAN23`.
    private static func expiry(_ date: Bytes) -> [UInt8]? {
        guard date.count == 6 || date.count == 7 else { return nil }
        let digits = date.count - 5
        let word = ByteText.slice(date, digits, digits + 3)
        guard let day = NumberText.integer(ByteText.slice(date, 0, digits)),
            let month = months.firstIndex(where: { ByteText.equal(word, $0) }),
            let year = year(ByteText.slice(date, digits + 3, date.count)), (1...31).contains(day)
        else { return nil }
        return suffix(year, Int64(month) + 1, day)
    }

    /// `-20251226` from the `Z25` at the end of a symbol.
    private static func quarter(_ symbol: Bytes) -> [UInt8]? {
        let month: Int64
        switch symbol[symbol.count - 3] {
        case 0x48: month = 3
        case 0x4d: month = 6
        case 0x55: month = 9
        case 0x5a: month = 12
        default: return nil
        }
        guard let year = year(ByteText.slice(symbol, symbol.count - 2, symbol.count)) else {
            return nil
        }
        let last: Int64 = month == 3 || month == 12 ? 31 : 30
        // 1970-01-01 was a Thursday, a day before a Friday.
        let days = Timestamp.days(year: year, month: month, day: last)
        return suffix(year, month, last - (days - 1) % 7)
    }

    private static func year(_ digits: Bytes) -> Int64? {
        guard digits.count == 2, digits.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
        return 2_000 + Int64(digits[0] &- 0x30) * 10 + Int64(digits[1] &- 0x30)
    }

    private static func suffix(_ year: Int64, _ month: Int64, _ day: Int64) -> [UInt8] {
        [0x2d] + Array(String(year * 10_000 + month * 100 + day).utf8)
    }
}
