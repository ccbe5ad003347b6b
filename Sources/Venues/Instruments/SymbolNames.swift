import Engine

/// What a venue's symbol says about its instrument.
struct SymbolName: Equatable {
    var base: [UInt8]
    var quote: [UInt8]
    var suffix: [UInt8] = []
    var kind: InstrumentKind = .spot
    var isInverse = false
    var contractMultiplier = Decimal(mantissa: 1, exponent: 0)
}

/// Names from symbols, for recordings without the venue's instrument list: the one table of known
/// quote assets, longest match from the end of the symbol. With a list, nothing here is used.
enum SymbolNames {
    /// Quote assets that may stand at the end of a symbol written without a separator.
    private static let quotes: [StaticString] = [
        "FDUSD", "USDT", "USDC", "TUSD", "BUSD", "USDP", "USDS", "USD1", "IDRT", "BIDR", "BVND",
        "BKRW", "EURI", "AEUR", "GYEN", "XUSD", "BFUSD", "RLUSD", "BTC", "ETH", "BNB", "EUR",
        "GBP", "TRY", "BRL", "AUD", "RUB", "UAH", "NGN", "ZAR", "PLN", "RON", "ARS", "JPY", "MXN",
        "COP", "CZK", "IDR", "KZT", "DAI", "VAI", "XRP", "TRX", "DOT", "SOL", "PAX", "UST", "USD",
        "DOGE",
    ]

    /// Assets whose last letter makes a `BUSD` of `USD`: `BNBUSD` is not `BN-BUSD`.
    private static let bases: [StaticString] = [
        "BNB", "SHIB", "TRB", "ARB", "CKB",
    ]

    /// The name of `symbol` at `venue`, or nil when no rule explains it.
    static func name(
        _ symbol: Bytes, at venue: Venue, _ market: VenueMarket = .only
    ) -> SymbolName? {
        switch venue {
        case .binance: joined(symbol, hasDollar: false)
        case .binanceUSDM: linear(symbol)
        case .binanceCoinM: inverse(symbol)
        case .coinbase: coinbase(symbol)
        case .kraken: KrakenNames.spot(symbol)
        case .krakenFutures: KrakenNames.futures(symbol)
        case .bybit: BybitNames.name(symbol, market)
        case .okx: OKXNames.name(symbol)
        default: separated(symbol, 0x2d) ?? separated(symbol, 0x2f) ?? joined(symbol)
        }
    }

    /// `BTCUSDT`: the longest known quote asset at the end. Where the plain dollar is a quote too,
    /// it is taken for the stable coins that only have another letter before `USD`.
    static func joined(_ symbol: Bytes, hasDollar: Bool = true) -> SymbolName? {
        var longest = 0
        for quote in quotes {
            let count = quote.utf8CodeUnitCount
            guard count > longest, symbol.count > count else { continue }
            let tail = ByteText.slice(symbol, symbol.count - count, symbol.count)
            guard ByteText.equal(tail, quote) else { continue }
            let isDollar = ByteText.equal(ByteText.bytes(quote), ByteText.bytes("USD"))
            if isDollar ? hasDollar : !(hasDollar && isShadow(quote, symbol)) { longest = count }
        }
        guard longest > 0 else { return nil }
        let split = symbol.count - longest
        return SymbolName(
            base: Array(ByteText.slice(symbol, 0, split)),
            quote: Array(ByteText.slice(symbol, split, symbol.count)))
    }

    /// Whether `quote` is a stable coin `?USD` that the plain dollar is more likely than.
    private static func isShadow(_ quote: StaticString, _ symbol: Bytes) -> Bool {
        let text = ByteText.bytes(quote)
        guard text.count > 3, ByteText.equal(Bytes(text.suffix(3)), "USD") else { return false }
        if !ByteText.equal(text, "BUSD") { return true }
        let base = ByteText.slice(symbol, 0, symbol.count - 3)
        return bases.contains { ByteText.equal(base, $0) }
    }

    /// `BTCUSDT` is perpetual, `BTCUSDT_261225` is dated.
    private static func linear(_ symbol: Bytes) -> SymbolName? {
        let (pair, tail) = split(symbol, 0x5f)
        guard var name = joined(pair, hasDollar: false), let expiry = expiry(tail) else {
            return nil
        }
        name.kind = expiry.isEmpty ? .perpetual : .datedFuture
        name.suffix = expiry.isEmpty ? ByteText.array("-PERP") : expiry
        return name
    }

    /// `BTCUSD_PERP` and `BTCUSD_261225`: a contract is 100 USD of bitcoin, 10 USD of the others.
    private static func inverse(_ symbol: Bytes) -> SymbolName? {
        let (pair, tail) = split(symbol, 0x5f)
        guard let tail, pair.count > 3, ByteText.equal(Bytes(pair.suffix(3)), "USD") else {
            return nil
        }
        let name = SymbolName(base: Array(pair.dropLast(3)), quote: ByteText.array("USD"))
        let isPerpetual = ByteText.equal(tail, "PERP")
        guard let expiry = isPerpetual ? ByteText.array("-PERP") : expiry(tail) else { return nil }
        var result = name
        result.kind = isPerpetual ? .perpetual : .datedFuture
        result.isInverse = true
        result.suffix = expiry + [0x40] + name.base
        let isBitcoin = ByteText.equal(ByteText.bytes("BTC"), name.base)
        result.contractMultiplier = Decimal(mantissa: isBitcoin ? 100 : 10, exponent: 0)
        return result
    }

    /// `BTC-USD`, and `BTC-PERP-INTX`, which is quoted in USDC.
    private static func coinbase(_ symbol: Bytes) -> SymbolName? {
        let (head, tail) = split(symbol, 0x2d)
        if let tail, ByteText.equal(tail, "PERP-INTX"), !head.isEmpty {
            return SymbolName(
                base: Array(head), quote: ByteText.array("USDC"),
                suffix: ByteText.array("-PERP"), kind: .perpetual)
        }
        return separated(symbol, 0x2d)
    }

    /// Two parts around a separator.
    private static func separated(_ symbol: Bytes, _ separator: UInt8) -> SymbolName? {
        let (head, tail) = split(symbol, separator)
        guard let tail, !head.isEmpty, !tail.isEmpty, !tail.contains(separator) else { return nil }
        return SymbolName(base: Array(head), quote: Array(tail))
    }

    /// What stands before and behind the first `separator`.
    private static func split(_ symbol: Bytes, _ separator: UInt8) -> (Bytes, Bytes?) {
        guard let at = ByteText.find(separator, in: symbol) else { return (symbol, nil) }
        return (
            ByteText.slice(symbol, 0, at), ByteText.slice(symbol, at + 1, symbol.count)
        )
    }

    /// `-20261225` from `261225`; empty without a date, nil for anything else.
    static func expiry(_ date: Bytes?) -> [UInt8]? {
        guard let date else { return [] }
        guard date.count == 6, date.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
        return ByteText.array("-20") + Array(date)
    }
}

extension UnsafeBufferPointer where Element == UInt8 {
    /// A view of a slice of itself.
    init(_ slice: Slice<UnsafeBufferPointer<UInt8>>) { self.init(rebasing: slice) }
}
