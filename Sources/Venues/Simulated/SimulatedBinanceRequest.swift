/// What a client of Binance asks for: `{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":1}`.
struct SimulatedBinanceRequest {
    enum Method { case subscribe, unsubscribe, list, unknown }

    private(set) var method = Method.unknown
    private(set) var streams: [[UInt8]] = []
    /// The client's number as it was written.
    private(set) var id: [UInt8] = []

    /// Nil where the message is no JSON.
    init?(_ message: [UInt8]) {
        let isRead = message.withUnsafeBufferPointer { text -> Bool in
            do throws(WireError) {
                try read(text)
                return true
            } catch {
                return false
            }
        }
        guard isRead else { return nil }
    }

    private mutating func read(_ text: Bytes) throws(WireError) {
        guard text.count <= WireLimits.messageBytesMax else { throw .tooLarge }
        var scanner = JSONScanner(text)
        let values = JSONFields(text)
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            if ByteText.equal(key, "params"), scanner.peek() == 0x5b {
                streams = try scanner.strings(values)
                continue
            }
            let value = try scanner.skipValue()
            if ByteText.equal(key, "id") { id = Array(values.raw(value)) }
            if ByteText.equal(key, "method") { method = Self.method(values.word(value)) }
        }
        try scanner.finish()
    }

    private static func method(_ word: Bytes) -> Method {
        if ByteText.equal(word, "SUBSCRIBE") { return .subscribe }
        if ByteText.equal(word, "UNSUBSCRIBE") { return .unsubscribe }
        return ByteText.equal(word, "LIST_SUBSCRIPTIONS") ? .list : .unknown
    }
}

/// The streams of one book that a connection is subscribed to.
struct SimulatedBinanceStreams: OptionSet {
    let rawValue: UInt8

    static let depth = SimulatedBinanceStreams(rawValue: 1)
    static let trade = SimulatedBinanceStreams(rawValue: 2)
    static let bookTicker = SimulatedBinanceStreams(rawValue: 4)
    static let all: SimulatedBinanceStreams = [.depth, .trade, .bookTicker]

    /// Names behind the symbol.
    private static let names: [(name: StaticString, stream: SimulatedBinanceStreams)] = [
        ("depth@100ms", .depth), ("trade", .trade), ("bookTicker", .bookTicker),
    ]

    /// The symbol in capitals and the stream that `text` names; nil for one that is acknowledged
    /// and never delivers, as the venue does with what it does not know.
    static func named(_ text: [UInt8]) -> (symbol: [UInt8], stream: SimulatedBinanceStreams)? {
        guard let at = text.firstIndex(of: 0x40) else { return nil }
        let kind = Array(text[(at + 1)...])
        let match = names.first { name in
            kind.withUnsafeBufferPointer { ByteText.equal($0, name.name) }
        }
        return match.map { (text[..<at].map(ByteText.upper), $0.stream) }
    }

    /// The names of what `self` holds of `symbol`, as the venue lists them.
    func names(of symbol: String) -> [[UInt8]] {
        SimulatedBinanceStreams.names.filter { contains($0.stream) }.map {
            symbol.utf8.map(ByteText.lower) + [0x40] + ByteText.array($0.name)
        }
    }
}
