/// What a message is about, by its `topic`.
enum BybitTopic {
    /// No topic was read: an answer, or a message cut before it.
    case none
    case book(depth: Int, symbol: Bytes)
    case trades
    case ticker(symbol: Bytes)
    /// `allLiquidation`, an array.
    case liquidations
    /// The older `liquidation`, an object.
    case liquidation
    /// Known and not recorded.
    case unused(UnusedReason)
    /// A book of a depth that the venue does not have.
    case unknownBook(symbol: Bytes)
    case unknown

    init(_ topic: Bytes) {
        if let rest = BybitTopic.rest(of: topic, behind: "orderbook.") {
            self = BybitTopic.book(rest)
        } else if let symbol = BybitTopic.rest(of: topic, behind: "tickers.") {
            self = .ticker(symbol: symbol)
        } else if BybitTopic.rest(of: topic, behind: "publicTrade.") != nil {
            self = .trades
        } else if BybitTopic.rest(of: topic, behind: "allLiquidation.") != nil {
            self = .liquidations
        } else if BybitTopic.rest(of: topic, behind: "liquidation.") != nil {
            self = .liquidation
        } else {
            self = BybitTopic.unusedKind(topic).map { .unused($0) } ?? .unknown
        }
    }

    /// `200.BTCUSDT`; `full.` is the whole book, which follows from a request, and `rpi.` the one
    /// with retail price improvement.
    private static func book(_ rest: Bytes) -> BybitTopic {
        if BybitTopic.rest(of: rest, behind: "full.") != nil
            || BybitTopic.rest(of: rest, behind: "rpi.") != nil
        {
            return .unused(.notRecorded)
        }
        guard let point = ByteText.find(0x2e, in: rest), point + 1 < rest.count else {
            return .unknown
        }
        let symbol = ByteText.slice(rest, point + 1, rest.count)
        switch NumberText.integer(ByteText.slice(rest, 0, point)) {
        case .some(let depth) where BybitTopic.isDepth(depth):
            return .book(depth: Int(depth), symbol: symbol)
        default: return .unknownBook(symbol: symbol)
        }
    }

    /// 25 and 100 on options, the others elsewhere; 500 was there until 2025-09.
    private static func isDepth(_ depth: Int64) -> Bool {
        switch depth {
        case 1, 25, 50, 100, 200, 500, 1_000: true
        default: false
        }
    }

    private static func unusedKind(_ topic: Bytes) -> UnusedReason? {
        if rest(of: topic, behind: "kline.") != nil || rest(of: topic, behind: "kline_lt.") != nil {
            return .candle
        }
        if rest(of: topic, behind: "tickers_lt.") != nil { return .statistics }
        let others: [StaticString] = ["lt.", "insurance.", "priceLimit.", "adlAlert."]
        for other in others where rest(of: topic, behind: other) != nil { return .notRecorded }
        return ByteText.equal(topic, "adlAlert") ? .notRecorded : nil
    }

    /// What follows `head`, where the topic begins with it and something follows.
    @inline(__always)
    private static func rest(of topic: Bytes, behind head: StaticString) -> Bytes? {
        let count = head.utf8CodeUnitCount
        guard topic.count > count, ByteText.equal(ByteText.slice(topic, 0, count), head) else {
            return nil
        }
        return ByteText.slice(topic, count, topic.count)
    }
}
