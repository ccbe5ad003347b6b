/// A channel of an instrument, as a client names it.
struct SimulatedOKXArgument: Sendable {
    var channel: [UInt8] = []
    var instID: [UInt8] = []
}

/// Why a request is refused, by the venue's code.
enum SimulatedOKXRefusal: Error {
    case invalidRequest, tooFrequent, unknownChannel(SimulatedOKXArgument), invalidOperation

    var code: StaticString {
        switch self {
        case .invalidRequest: "60012"
        case .tooFrequent: "60014"
        case .unknownChannel: "60018"
        case .invalidOperation: "60019"
        }
    }
}

/// `{"id":"1512","op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"},…]}`
struct SimulatedOKXRequest {
    var isSubscription = false
    /// At most 32 letters and digits; empty where there is none.
    private(set) var id: [UInt8] = []
    private(set) var arguments: [SimulatedOKXArgument] = []

    /// Bytes of arguments that the venue takes in one request.
    private static var bytesMax: Int { 65_536 }

    /// Reads what a client sent. What was read before an error stays: an answer names the id.
    mutating func read(_ message: [UInt8]) throws(SimulatedOKXRefusal) {
        let result = message.withUnsafeBufferPointer { text -> Result<[UInt8], WireError> in
            do throws(WireError) {
                return .success(try read(text))
            } catch {
                return .failure(error)
            }
        }
        guard case .success(let operation) = result else { throw .invalidRequest }
        isSubscription = operation.elementsEqual(ByteText.bytes("subscribe"))
        guard isSubscription || operation.elementsEqual(ByteText.bytes("unsubscribe")) else {
            throw .invalidOperation
        }
        guard !arguments.isEmpty else { throw .invalidRequest }
    }

    /// Reads the object and gives its `op`.
    private mutating func read(_ text: Bytes) throws(WireError) -> [UInt8] {
        guard text.count <= SimulatedOKXRequest.bytesMax else { throw .tooLarge }
        let values = JSONFields(text)
        var operation: [UInt8] = []
        var scanner = JSONScanner(text)
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            if ByteText.equal(key, "args") {
                try readArguments(&scanner, values)
                continue
            }
            let span = try scanner.skipValue()
            if ByteText.equal(key, "op") { operation = Array(try values.symbol(span)) }
            if ByteText.equal(key, "id") {
                let id = try values.symbol(span)
                guard id.count <= 32, id.allSatisfy(SimulatedOKXRequest.isAlphanumeric) else {
                    throw .badNumber
                }
                self.id = Array(id)
            }
        }
        try scanner.finish()
        return operation
    }

    private mutating func readArguments(
        _ scanner: inout JSONScanner, _ values: JSONFields
    ) throws(WireError) {
        var isFirst = true
        try scanner.array()
        while try scanner.hasElement(&isFirst) {
            var argument = SimulatedOKXArgument()
            var cursor = try scanner.object()
            while let key = try scanner.nextKey(&cursor) {
                let span = try scanner.skipValue()
                if ByteText.equal(key, "channel") {
                    argument.channel = Array(try values.symbol(span))
                }
                if ByteText.equal(key, "instId") {
                    argument.instID = Array(try values.symbol(span))
                }
            }
            guard !argument.channel.isEmpty else { throw .missingField }
            arguments.append(argument)
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte &- 0x30 <= 9 || ByteText.upper(byte) &- 0x41 < 26
    }
}
