/// What a channel brings, by its name in `arg`.
enum OKXChannel: UInt8 {
    /// No channel was named.
    case none
    /// 400 levels a side: a snapshot, then deltas (`books`, `books-l2-tbt`).
    case books
    /// 50 levels a side: a snapshot, then deltas (`books50-l2-tbt`).
    case shortBooks
    /// Trades, several fills of one taker order at one price in one row.
    case trades
    /// Trades, one fill a row.
    case allTrades
    case tickers, partialDepth, candle, liquidations, funding, openInterest, markPrice, index
    case instruments, notRecorded, unknown

    /// The channel of this name.
    init(_ name: Bytes) {
        if name.isEmpty {
            self = .none
        } else if ByteText.equal(name, "books") {
            self = .books
        } else if ByteText.equal(name, "trades") {
            self = .trades
        } else if ByteText.equal(name, "tickers") {
            self = .tickers
        } else {
            self = OKXChannel.recorded(name) ?? OKXChannel.unrecorded(name)
        }
    }

    private static func recorded(_ name: Bytes) -> OKXChannel? {
        if ByteText.equal(name, "books-l2-tbt") { return .books }
        if ByteText.equal(name, "books50-l2-tbt") { return .shortBooks }
        if ByteText.equal(name, "mark-price") { return .markPrice }
        if ByteText.equal(name, "index-tickers") { return .index }
        if ByteText.equal(name, "open-interest") { return .openInterest }
        if ByteText.equal(name, "funding-rate") { return .funding }
        if ByteText.equal(name, "liquidation-orders") { return .liquidations }
        if ByteText.equal(name, "trades-all") { return .allTrades }
        return nil
    }

    /// Channels that are understood and not recorded.
    private static func unrecorded(_ name: Bytes) -> OKXChannel {
        if ByteText.equal(name, "books5") || ByteText.equal(name, "bbo-tbt") {
            return .partialDepth
        }
        if ByteText.equal(name, "instruments") { return .instruments }
        if ByteText.find("candle", in: name) != nil { return .candle }
        return others.contains { ByteText.equal(name, $0) } ? .notRecorded : .unknown
    }

    private static let others: [StaticString] = [
        "adl-warning", "block-tickers", "books-elp", "call-auction-details", "estimated-price",
        "event-contract-markets", "opt-summary", "option-trades", "price-limit",
        "public-block-trades", "public-struc-block-trades", "status",
    ]

    /// Levels a side of a channel that brings deltas.
    var depth: Int? {
        switch self {
        case .books: 400
        case .shortBooks: 50
        default: nil
        }
    }
}
