/// What a client asked a simulated Kraken for.
struct SimulatedKrakenRequest {
    /// `subscribe`, `unsubscribe`, `ping` or another word, as it stood on the wire.
    let method: [UInt8]
    private(set) var channel: [UInt8] = []
    /// As they stood on the wire, so that an answer can repeat them.
    private(set) var symbols: [[UInt8]] = []
    private(set) var depth: Int64 = 10
    private(set) var wantsSnapshot = true
    /// The client's number for the request.
    private(set) var id: Int64?

    /// Reads a message of a client; nil where it is none.
    init?(_ message: [UInt8]) {
        let request = message.withUnsafeBufferPointer { text -> SimulatedKrakenRequest? in
            guard text.count <= WireLimits.messageBytesMax else { return nil }
            return try? SimulatedKrakenRequest(reading: text)
        }
        guard let request else { return nil }
        self = request
    }

    private init(reading text: Bytes) throws(WireError) {
        let values = JSONFields(text)
        var method = JSONSpan.none
        var number = JSONSpan.none
        var parameters = JSONSpan.none
        var scanner = JSONScanner(text)
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            let value = try scanner.skipValue()
            if ByteText.equal(key, "method") { method = value }
            if ByteText.equal(key, "req_id") { number = value }
            if ByteText.equal(key, "params") { parameters = value }
        }
        try scanner.finish()
        guard let word = values.string(method) else { throw .missingField }
        self.method = Array(word)
        if number.isPresent { id = try values.integer(number) }
        if parameters.isPresent { try readParameters(values.raw(parameters)) }
    }

    private mutating func readParameters(_ text: Bytes) throws(WireError) {
        let values = JSONFields(text)
        var scanner = JSONScanner(text)
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            let value = try scanner.skipValue()
            if ByteText.equal(key, "channel") { channel = Array(values.word(value)) }
            if ByteText.equal(key, "depth") { depth = try values.integer(value) }
            if ByteText.equal(key, "snapshot") { wantsSnapshot = try values.bool(value) }
            if ByteText.equal(key, "symbol") { try readSymbols(values.raw(value)) }
        }
    }

    private mutating func readSymbols(_ text: Bytes) throws(WireError) {
        let values = JSONFields(text)
        var scanner = JSONScanner(text)
        var isFirst = true
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            guard let symbol = values.string(try scanner.skipValue()) else { throw .missingField }
            symbols.append(Array(symbol))
        }
    }

    func isMethod(_ word: StaticString) -> Bool {
        method.elementsEqual(ByteText.bytes(word))
    }

    func isChannel(_ word: StaticString) -> Bool {
        channel.elementsEqual(ByteText.bytes(word))
    }
}
