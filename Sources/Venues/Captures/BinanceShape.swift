import Engine

/// Which Binance venue a message without an address comes from, told by its shape.
///
/// 1. A symbol with `_`: COIN-M where `USD` stands before it, else USD-M.
/// 2. `pu`, `X`, `st`, a depth with `T`, a book ticker with `e`, or a REST depth with `E`: USD-M,
///    or COIN-M by rule 1.
/// 3. `M`, a depth without `pu`, a book ticker without `e`, or a REST depth without `E`: spot.
struct BinanceShape {
    var venue: Venue?
    /// The symbol, where the message names it.
    var symbol: [UInt8] = []
    var isSnapshot = false

    init(_ message: Bytes) throws(WireError) {
        var seen = Seen(message)
        var scanner = JSONScanner(message)
        try seen.read(&scanner, isTop: true)
        if let symbol = try? seen.values.symbol(seen.symbol) { self.symbol = Array(symbol) }
        isSnapshot = seen.isSnapshot
        venue = seen.venue(symbol)
    }

    /// The keys that matter.
    private struct Seen {
        let values: JSONFields
        var symbol = JSONSpan.none
        var isFutures = false
        var isSpot = false
        var hasEvent = false
        var isDepth = false
        var isTicker = false
        var isSnapshot = false
        var hasTime = false

        init(_ text: Bytes) { values = JSONFields(text) }

        mutating func read(
            _ scanner: inout JSONScanner, isTop: Bool
        ) throws(WireError) {
            var cursor = try scanner.object()
            while let key = try scanner.nextKey(&cursor) {
                if isTop, ByteText.equal(key, "data"), scanner.peek() == 0x7b {
                    try read(&scanner, isTop: false)
                } else {
                    note(key, try scanner.skipValue())
                }
            }
        }

        private mutating func note(_ key: Bytes, _ span: JSONSpan) {
            if ByteText.equal(key, "s") || ByteText.equal(key, "symbol") { symbol = span }
            if ByteText.equal(key, "lastUpdateId") { isSnapshot = true }
            if ByteText.equal(key, "pu") || ByteText.equal(key, "X") || ByteText.equal(key, "st") {
                isFutures = true
            }
            if ByteText.equal(key, "M") { isSpot = true }
            if ByteText.equal(key, "e") {
                hasEvent = true
                isDepth = ByteText.equal(values.word(span), "depthUpdate")
                isTicker = ByteText.equal(values.word(span), "bookTicker")
            }
            if ByteText.equal(key, "u"), !hasEvent { isTicker = true }
            if ByteText.equal(key, "E") { hasTime = true }
        }

        func venue(_ symbol: [UInt8]) -> Venue? {
            if let at = symbol.firstIndex(of: 0x5f) {
                return symbol[..<at].suffix(3).elementsEqual([0x55, 0x53, 0x44])
                    ? .binanceCoinM : .binanceUSDM
            }
            if isFutures { return .binanceUSDM }
            if isSpot || isDepth { return .binance }
            if isSnapshot { return hasTime ? .binanceUSDM : .binance }
            if isTicker { return hasEvent ? .binanceUSDM : .binance }
            return nil
        }
    }
}
