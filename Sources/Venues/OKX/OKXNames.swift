import Engine

/// Names from symbols, for recordings without the venue's instrument list.
///
/// 1. `BTC-USDT` is spot, `BTC-USDT-SWAP` perpetual, `BTC-USDT-261225` dated, and
///    `BTC-USD-261225-92000-C` (or `-P`) an option.
/// 2. Futures quoted in plain USD are inverse: 100 USD a contract for BTC, 10 for the others.
///    Options quoted in USD are settled in the base coin too.
/// 3. What one contract of the others is, no letter says: the multiplier is 1, and sizes mean
///    contracts.
enum OKXNames {
    static func name(_ symbol: Bytes) -> SymbolName? {
        var rest = symbol
        guard let base = part(&rest), let quote = part(&rest), !base.isEmpty, !quote.isEmpty else {
            return nil
        }
        var name = SymbolName(base: Array(base), quote: Array(quote))
        guard let third = part(&rest) else { return name }
        let isInDollars = ByteText.equal(quote, "USD")
        if ByteText.equal(third, "SWAP") {
            name.kind = .perpetual
            name.suffix = ByteText.array("-PERP")
        } else if let date = SymbolNames.expiry(third) {
            name.kind = .datedFuture
            name.suffix = date
        } else {
            return nil
        }
        if let strike = part(&rest) {
            guard name.kind == .datedFuture, let right = part(&rest), isRight(right),
                isStrike(strike)
            else { return nil }
            name.kind = .option
            name.suffix += [0x2d] + Array(strike) + [0x2d] + Array(right)
        } else if isInDollars {
            name.isInverse = true
            let isBitcoin = ByteText.equal(base, "BTC")
            name.contractMultiplier = Decimal(mantissa: isBitcoin ? 100 : 10, exponent: 0)
        }
        guard part(&rest) == nil else { return nil }
        if isInDollars { name.suffix += [0x40] + name.base }
        return name
    }

    /// What stands before the next dash, which `rest` then stands behind; nil at the end.
    private static func part(_ rest: inout Bytes) -> Bytes? {
        guard rest.baseAddress != nil else { return nil }
        guard let dash = ByteText.find(0x2d, in: rest) else {
            defer { rest = Bytes(start: nil, count: 0) }
            return rest
        }
        defer { rest = ByteText.slice(rest, dash + 1, rest.count) }
        return ByteText.slice(rest, 0, dash)
    }

    static func isRight(_ text: Bytes) -> Bool {
        ByteText.equal(text, "C") || ByteText.equal(text, "P")
    }

    /// Whether `text` is a number with a digit, perhaps with a point.
    static func isStrike(_ text: Bytes) -> Bool {
        !text.isEmpty && (try? NumberText.decimal(text))?.mantissa ?? 0 > 0
    }
}
