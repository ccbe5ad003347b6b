/// What a client of Advanced Trade asks for:
/// `{"type":"subscribe","product_ids":["BTC-USD"],"channel":"level2"}`.
struct SimulatedCoinbaseRequest {
    /// Channels that this venue has.
    enum Channel: CaseIterable { case level2, trades, ticker, heartbeats }

    private(set) var isSubscription = false
    private(set) var channel: Channel?
    private(set) var products: [[UInt8]] = []

    /// Nil where the message is no request of this venue.
    init?(_ message: [UInt8]) {
        let isRead = message.withUnsafeBufferPointer { text -> Bool in
            do throws(WireError) {
                try read(text)
                return true
            } catch {
                return false
            }
        }
        guard isRead, channel != nil else { return nil }
    }

    private mutating func read(_ text: Bytes) throws(WireError) {
        guard text.count <= WireLimits.messageBytesMax else { throw .tooLarge }
        var scanner = JSONScanner(text)
        let values = JSONFields(text)
        var isRequest = false
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            if ByteText.equal(key, "product_ids"), scanner.peek() == 0x5b {
                products = try scanner.strings(values)
                continue
            }
            let value = values.word(try scanner.skipValue())
            if ByteText.equal(key, "channel") { channel = Self.channel(value) }
            if ByteText.equal(key, "type") {
                isSubscription = ByteText.equal(value, "subscribe")
                isRequest = isSubscription || ByteText.equal(value, "unsubscribe")
            }
        }
        try scanner.finish()
        guard isRequest else { throw .unknownMessage }
    }

    private static func channel(_ word: Bytes) -> Channel? {
        if ByteText.equal(word, "level2") { return .level2 }
        if ByteText.equal(word, "market_trades") { return .trades }
        if ByteText.equal(word, "ticker") { return .ticker }
        return ByteText.equal(word, "heartbeats") ? .heartbeats : nil
    }
}

/// What an Advanced Trade connection is subscribed to: products by channel, in the order asked.
struct SimulatedCoinbaseSubscriptions {
    private(set) var level2: [Int] = []
    private(set) var trades: [Int] = []
    private(set) var ticker: [Int] = []
    var hasHeartbeats = false

    /// Subscribes or ends; the products that are new to the channel.
    mutating func change(
        _ channel: SimulatedCoinbaseRequest.Channel, _ products: [Int], isSubscription: Bool
    ) -> [Int] {
        switch channel {
        case .level2: Self.change(&level2, products, isSubscription)
        case .trades: Self.change(&trades, products, isSubscription)
        case .ticker: Self.change(&ticker, products, isSubscription)
        case .heartbeats:
            {
                hasHeartbeats = isSubscription
                return []
            }()
        }
    }

    private static func change(
        _ list: inout [Int], _ products: [Int], _ isSubscription: Bool
    ) -> [Int] {
        let new = products.filter { !list.contains($0) }
        if isSubscription {
            list += new
            return new
        }
        list.removeAll { products.contains($0) }
        return []
    }
}
