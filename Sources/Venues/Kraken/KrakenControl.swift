import Engine

/// Which protocol a connection speaks, and the messages that subscribe in it.
final class KrakenDialect {
    /// Messages are arrays and events: v1.
    var isArrays = false

    /// Messages that end and begin the subscription of one book.
    func resubscription(_ symbol: [UInt8], _ depth: Int) -> [[UInt8]] {
        let words: [StaticString] = ["unsubscribe", "subscribe"]
        return words.map {
            isArrays
                ? KrakenDialect.arrayRequest($0, symbol, depth)
                : KrakenDialect.request($0, "book", [symbol], depth: depth)
        }
    }

    /// `{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":1000}}`
    static func request(
        _ method: StaticString, _ channel: StaticString, _ symbols: [[UInt8]], depth: Int? = nil
    ) -> [UInt8] {
        var text = ByteText.array("{\"method\":\"") + ByteText.array(method)
        text += ByteText.array("\",\"params\":{\"channel\":\"") + ByteText.array(channel) + [0x22]
        if !symbols.isEmpty {
            text += ByteText.array(",\"symbol\":[")
            for (index, symbol) in symbols.enumerated() {
                if index > 0 { text.append(0x2c) }
                text += [0x22] + symbol + [0x22]
            }
            text.append(0x5d)
        }
        if let depth { text += ByteText.array(",\"depth\":") + Array(String(depth).utf8) }
        if ByteText.equal(ByteText.bytes(method), "subscribe") {
            text += ByteText.array(",\"snapshot\":true")
        }
        return text + [0x7d, 0x7d]
    }

    /// Subscriptions to everything that is recorded, one a channel; the list of pairs first: it
    /// defines what the books need.
    static func subscriptions(_ symbols: [[UInt8]]) -> [[UInt8]] {
        [
            request("subscribe", "instrument", []),
            request("subscribe", "book", symbols, depth: KrakenBook.liveDepth),
            request("subscribe", "trade", symbols),
        ]
    }

    /// `{"event":"subscribe","pair":["XBT/USD"],"subscription":{"name":"book","depth":1000}}`
    private static func arrayRequest(
        _ event: StaticString, _ pair: [UInt8], _ depth: Int
    ) -> [UInt8] {
        ByteText.array("{\"event\":\"") + ByteText.array(event)
            + ByteText.array("\",\"pair\":[\"") + pair
            + ByteText.array("\"],\"subscription\":{\"name\":\"book\",\"depth\":")
            + Array(String(depth).utf8) + [0x7d, 0x7d]
    }
}

/// Answers, events and states: rules 2 and 5 of `KrakenAdapter`.
extension KrakenAdapter {
    /// Takes a message of v2 without a channel.
    func receiveAnswer(
        _ fields: KrakenFields, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let method = fields.word(.method)
        if ByteText.equal(method, "pong") { return .unused(.heartbeat) }
        if fields.has(.error) { return .unused(.errorAnswer) }
        let isEnd = ByteText.equal(method, "unsubscribe")
        guard isEnd || ByteText.equal(method, "subscribe") else { throw .unknownMessage }
        guard try fields.values.bool(fields[.success]) else { return .unused(.errorAnswer) }
        guard fields.values.isObject(fields[.result]) else { throw .missingField }
        let text = fields.values.raw(fields[.result])
        var scanner = JSONScanner(text)
        let result = reading.entry
        result.begin(text)
        try result.read(&scanner)
        guard ByteText.equal(result.word(.channel), "book") else {
            return .unused(.subscriptionAnswer)
        }
        let book = try book(try result.symbol(.symbol))
        if isEnd {
            end(book, receivedAt, &block)
        } else {
            try book.subscribe(depth: try result.values.integer(result[.depth]))
        }
        return .unused(.subscriptionAnswer)
    }

    /// Takes an event of v1.
    func receiveEvent(
        _ fields: KrakenFields, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> Outcome {
        let event = fields.word(.event)
        if ByteText.equal(event, "heartbeat") || ByteText.equal(event, "pong") {
            return .unused(.heartbeat)
        }
        if ByteText.equal(event, "systemStatus") { return .unused(.notRecorded) }
        if ByteText.equal(event, "error") { return .unused(.errorAnswer) }
        guard ByteText.equal(event, "subscriptionStatus") else { throw .unknownMessage }
        let status = fields.word(.status)
        if ByteText.equal(status, "error") { return .unused(.errorAnswer) }
        let isEnd = ByteText.equal(status, "unsubscribed")
        guard isEnd || ByteText.equal(status, "subscribed") else { throw .unknownMessage }
        guard let depth = KrakenAdapter.bookDepth(fields.word(.channelName)) else {
            return .unused(.subscriptionAnswer)
        }
        let book = try book(try fields.symbol(.pair))
        // Of two subscriptions of one book, the other one goes on.
        if isEnd, depth == book.subscribedDepth.map(Int64.init) { end(book, receivedAt, &block) }
        return .unused(.subscriptionAnswer)
    }

    /// The subscription of a book ended as it was asked to: nothing is known any more (rule 5).
    private func end(_ book: KrakenBook, _ receivedAt: Int64, _ block: inout EventBlock) {
        guard book.stream.isLive else { return }
        book.stream.end()
        if let instrument = book.instrument.definedID {
            context.status(context.key(instrument), .empty, receivedAt, &block)
        }
    }

    /// Subscriptions in v2, one a channel.
    public func subscriptions(symbols: [[UInt8]]) -> [[UInt8]] {
        KrakenDialect.subscriptions(symbols)
    }
}
