/// What a client of Bybit asks for:
/// `{"req_id":"1","op":"subscribe","args":["publicTrade.BTCUSDT"]}`.
struct SimulatedBybitRequest {
    enum Kind { case subscribe, unsubscribe, ping, unknown }

    private(set) var kind = Kind.unknown
    /// The operation as it was written.
    private(set) var op: [UInt8] = []
    /// The client's own number, where it gave one, as it was written.
    private(set) var requestID: [UInt8]?
    private(set) var topics: [[UInt8]] = []

    /// Topics of one request on spot.
    static var topicsMax: Int { 10 }

    /// Nil where the message cannot be read.
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
        op.withUnsafeBufferPointer { word in
            if ByteText.equal(word, "subscribe") { kind = .subscribe }
            if ByteText.equal(word, "unsubscribe") { kind = .unsubscribe }
            if ByteText.equal(word, "ping") { kind = .ping }
        }
    }

    private mutating func read(_ text: Bytes) throws(WireError) {
        var scanner = JSONScanner(text)
        let values = JSONFields(text)
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            if ByteText.equal(key, "args"), scanner.peek() == 0x5b {
                try readTopics(&scanner, values)
                continue
            }
            let value = try scanner.skipValue()
            if ByteText.equal(key, "op") { op = Array(values.word(value)) }
            if ByteText.equal(key, "req_id") { requestID = Array(values.word(value)) }
        }
        try scanner.finish()
    }

    private mutating func readTopics(
        _ scanner: inout JSONScanner, _ values: JSONFields
    ) throws(WireError) {
        var isFirst = true
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            guard let topic = values.string(try scanner.skipValue()) else { throw .missingField }
            topics.append(Array(topic))
        }
    }
}

/// A topic as the simulated venue knows it; books by their index.
enum SimulatedBybitTopic: Equatable {
    case book(Int, SimulatedBybitDepth)
    case trades(Int)
    case unknownKind
    case unknownSymbol

    init(_ text: [UInt8], _ symbols: [String]) {
        let parts = text.split(separator: 0x2e, omittingEmptySubsequences: false)
        let name = parts.last ?? []
        let index = symbols.firstIndex { $0.utf8.elementsEqual(name) }
        let kind = parts[0]
        if parts.count == 2, kind.elementsEqual("publicTrade".utf8) {
            self = index.map { .trades($0) } ?? .unknownSymbol
        } else if parts.count == 3, kind.elementsEqual("orderbook".utf8),
            let depth = SimulatedBybitDepth.allCases.first(where: {
                String($0.rawValue).utf8.elementsEqual(parts[1])
            })
        {
            self = index.map { .book($0, depth) } ?? .unknownSymbol
        } else {
            self = .unknownKind
        }
    }

    /// What the venue says of a topic that it does not have, before and behind its name.
    var complaint: (head: StaticString, tail: StaticString)? {
        switch self {
        case .book, .trades: nil
        case .unknownKind: ("error:handler not found,topic:", "")
        case .unknownSymbol: ("Invalid symbol :[", "]")
        }
    }
}
