import Engine

/// What the symbols of Kraken and Kraken Futures say.
enum KrakenNames {
    /// An asset under the name that the other venues use.
    static func asset(_ name: Bytes) -> [UInt8] {
        if ByteText.equal(name, "XBT") { return ByteText.array("BTC") }
        if ByteText.equal(name, "XDG") { return ByteText.array("DOGE") }
        return Array(name)
    }

    /// `BTC/USD` (v2), `XBT/USD` (v1).
    static func spot(_ symbol: Bytes) -> SymbolName? {
        guard let at = ByteText.find(0x2f, in: symbol), at > 0, at + 1 < symbol.count else {
            return nil
        }
        let quote = ByteText.slice(symbol, at + 1, symbol.count)
        guard ByteText.find(0x2f, in: quote) == nil else { return nil }
        return SymbolName(base: asset(ByteText.slice(symbol, 0, at)), quote: asset(quote))
    }

    /// `PI_XBTUSD`, `PF_XBTUSD`, `FI_XBTUSD_210924`, `FF_XBTUSD_250627`, in capitals: P perpetual,
    /// F dated; I inverse, F (older: V) linear. The quote is USD, or bitcoin.
    static func futures(_ symbol: Bytes) -> SymbolName? {
        guard symbol.count > 6, symbol[2] == 0x5f else { return nil }
        let isPerpetual = symbol[0] == 0x50
        let isInverse = symbol[1] == 0x49
        guard isPerpetual || symbol[0] == 0x46,
            isInverse || symbol[1] == 0x46 || symbol[1] == 0x56
        else { return nil }
        let end = ByteText.find(0x5f, in: symbol, from: 3) ?? symbol.count
        let date = end < symbol.count ? ByteText.slice(symbol, end + 1, symbol.count) : nil
        guard isPerpetual == (date == nil), end > 6, let expiry = SymbolNames.expiry(date) else {
            return nil
        }
        let quote = ByteText.slice(symbol, end - 3, end)
        guard ByteText.equal(quote, "USD") || ByteText.equal(quote, "XBT") else { return nil }
        var name = SymbolName(
            base: asset(ByteText.slice(symbol, 3, end - 3)), quote: asset(quote))
        name.kind = isPerpetual ? .perpetual : .datedFuture
        name.isInverse = isInverse
        name.suffix = isPerpetual ? ByteText.array("-PERP") : expiry
        if isInverse { name.suffix += [0x40] + name.base }
        return name
    }
}
