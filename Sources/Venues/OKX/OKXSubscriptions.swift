import Engine

/// Writes what a client sends: `{"op":"subscribe","args":[…]}` with one argument a channel.
struct OKXSubscriptions {
    /// Bytes of one message beyond which another is begun; the venue takes 64 KiB of arguments.
    private static var messageBytesMax: Int { 32_768 }

    private var messages: [[UInt8]] = []
    private var arguments: [UInt8] = []
    /// Pairs and types that are asked for once, however many instruments have them.
    private var indexes: [[UInt8]] = []
    private var types: [InstrumentKind] = []

    /// Messages that end and begin the subscription of one book.
    static func anew(_ symbol: [UInt8]) -> [[UInt8]] {
        ["unsubscribe", "subscribe"].map { (operation: StaticString) in
            message(operation, argument("books", "instId", symbol))
        }
    }

    /// Adds everything that is recorded of one instrument.
    mutating func add(_ symbol: [UInt8], _ kind: InstrumentKind) {
        for channel in ["books", "trades", "tickers"] as [StaticString] {
            add(channel, "instId", symbol)
        }
        guard kind != .spot else { return }
        if kind == .perpetual { add("funding-rate", "instId", symbol) }
        add("open-interest", "instId", symbol)
        add("mark-price", "instId", symbol)
        let dashes = symbol.indices.filter { symbol[$0] == 0x2d }
        if kind == .perpetual, dashes.count == 2 {
            let pair = Array(symbol[..<dashes[1]])
            if !indexes.contains(pair) { indexes.append(pair) }
        }
        if !types.contains(kind) { types.append(kind) }
    }

    /// The messages.
    mutating func finish() -> [[UInt8]] {
        for pair in indexes { add("index-tickers", "instId", pair) }
        for type in types {
            let name: StaticString =
                type == .perpetual ? "SWAP" : type == .option ? "OPTION" : "FUTURES"
            add("liquidation-orders", "instType", ByteText.array(name))
        }
        flush()
        return messages
    }

    private mutating func add(
        _ channel: StaticString, _ key: StaticString, _ value: [UInt8]
    ) {
        if !arguments.isEmpty { arguments.append(0x2c) }
        arguments += OKXSubscriptions.argument(channel, key, value)
        if arguments.count > OKXSubscriptions.messageBytesMax { flush() }
    }

    private mutating func flush() {
        if arguments.isEmpty { return }
        messages.append(OKXSubscriptions.message("subscribe", arguments))
        arguments = []
    }

    private static func argument(
        _ channel: StaticString, _ key: StaticString, _ value: [UInt8]
    ) -> [UInt8] {
        ByteText.array("{\"channel\":\"") + ByteText.array(channel) + ByteText.array("\",\"")
            + ByteText.array(key) + ByteText.array("\":\"") + value + ByteText.array("\"}")
    }

    private static func message(_ operation: StaticString, _ arguments: [UInt8]) -> [UInt8] {
        ByteText.array("{\"op\":\"") + ByteText.array(operation)
            + ByteText.array("\",\"args\":[") + arguments + ByteText.array("]}")
    }
}
