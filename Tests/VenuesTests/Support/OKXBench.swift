import Engine

@testable import Venues

/// Messages of OKX, and an adapter that takes them.
struct OKXBench {
    let bench = AdapterBench(.okx)

    static func level(_ price: String, _ size: String) -> String {
        "[\"\(price)\",\"\(size)\",\"0\",\"1\"]"
    }

    /// A book message; fields that are nil are left out.
    static func book(
        _ action: String, bids: [(String, String)] = [], asks: [(String, String)] = [],
        previous: Int? = nil, seq: Int? = nil, checksum: Int? = nil, symbol: String = "BTC-USDT",
        channel: String = "books"
    ) -> String {
        func side(_ levels: [(String, String)]) -> String {
            levels.map { level($0.0, $0.1) }.joined(separator: ",")
        }
        var tail = ",\"ts\":\"1597026383085\""
        if let checksum { tail += ",\"checksum\":\(checksum)" }
        if let previous { tail += ",\"prevSeqId\":\(previous)" }
        if let seq { tail += ",\"seqId\":\(seq)" }
        return "{\"arg\":{\"channel\":\"\(channel)\",\"instId\":\"\(symbol)\"},"
            + "\"action\":\"\(action)\",\"data\":[{\"asks\":[\(side(asks))],"
            + "\"bids\":[\(side(bids))]\(tail)}]}"
    }

    /// A row on any channel.
    static func row(_ channel: String, _ symbol: String, _ fields: String) -> String {
        "{\"arg\":{\"channel\":\"\(channel)\",\"instId\":\"\(symbol)\"},\"data\":[{"
            + "\"instId\":\"\(symbol)\",\(fields)}]}"
    }

    static func trade(_ id: Int, px: String = "100.5", sz: String = "2") -> String {
        row(
            "trades", "BTC-USDT",
            "\"tradeId\":\"\(id)\",\"px\":\"\(px)\",\"sz\":\"\(sz)\",\"side\":\"buy\","
                + "\"ts\":\"1630048897897\",\"count\":\"3\"")
    }

    /// Feeds a snapshot of 99.0 and 101.0 with `seqId` 10.
    @discardableResult
    func snapshot(seq: Int? = 10, symbol: String = "BTC-USDT") -> Outcome {
        bench.feed(
            OKXBench.book(
                "snapshot", bids: [("99", "5")], asks: [("101", "5")],
                previous: seq == nil ? nil : -1, seq: seq, symbol: symbol))
    }

    /// Feeds a delta of one bid.
    @discardableResult
    func update(
        _ previous: Int?, _ seq: Int?, size: String = "6", symbol: String = "BTC-USDT"
    ) -> Outcome {
        bench.feed(
            OKXBench.book(
                "update", bids: [("99", size)], previous: previous, seq: seq, symbol: symbol))
    }

    /// What the adapter asks for when a book must be had again.
    static func anew(_ symbol: String = "BTC-USDT") -> AdapterCommand {
        let argument = "{\"channel\":\"books\",\"instId\":\"\(symbol)\"}"
        return .resubscribe(
            symbol: Array(symbol.utf8),
            messages: ["unsubscribe", "subscribe"].map {
                Array("{\"op\":\"\($0)\",\"args\":[\(argument)]}".utf8)
            })
    }

    /// The fields of the last event, where it is one of a book.
    var lastBook: BookEvent? {
        switch bench.events.last {
        case .bookSnapshot(let event), .bookDelta(let event): event
        default: nil
        }
    }
}
