import Foundation
import Testing
import Venues

/// A book as plain as can be: price → size, both in units of 10⁻⁸.
struct ReferenceBook: Equatable {
    var bids: [Int64: Int64] = [:]
    var asks: [Int64: Int64] = [:]

    /// A whole side, or changes to one; size 0 removes.
    mutating func apply(_ rows: [[Any]], to side: WritableKeyPath<ReferenceBook, [Int64: Int64]>) {
        for row in rows {
            let price = Self.units(row[0] as! String)
            let size = Self.units(row[1] as! String)
            self[keyPath: side][price] = size == 0 ? nil : size
        }
    }

    var bestBid: Int64 { bids.keys.max() ?? 0 }
    var bestAsk: Int64 { asks.keys.min() ?? .max }
    var isCrossed: Bool { bestBid >= bestAsk }

    /// `12.5` → 1,250,000,000.
    static func units(_ text: String) -> Int64 {
        let parts = text.split(separator: ".")
        precondition(parts.count <= 2 && (parts.count < 2 || parts[1].count <= 8), text)
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        let padded = fraction + String(repeating: "0", count: 8 - fraction.count)
        return Int64(parts[0])! * 100_000_000 + Int64(padded)!
    }
}

/// Books rebuilt from Binance's messages by the venue's own procedure.
struct BinanceReference {
    let isSpot: Bool
    private(set) var books: [String: ReferenceBook] = [:]
    private(set) var lastIDs: [String: Int64] = [:]
    private(set) var gapCount = 0
    private(set) var levelCount = 0
    /// Depth messages that were checked against a book.
    private(set) var appliedCount = 0
    /// bookTickers whose `u` met the book, and those of them that agreed with it.
    private(set) var tickerCount = 0
    private(set) var tickerMatches = 0
    private var buffered: [String: [[String: Any]]] = [:]
    private var lastTickers: [String: [String: Any]] = [:]
    private var isBridged: Set<String> = []
    private var tradeIDs: [String: Int64] = [:]

    init(isSpot: Bool) { self.isSpot = isSpot }

    mutating func reset() {
        books = [:]
        buffered = [:]
        lastTickers = [:]
        isBridged = []
        tradeIDs = [:]
    }

    mutating func receive(_ object: [String: Any]) {
        let stream = object["stream"] as! String
        let data = object["data"] as! [String: Any]
        let symbol = data["s"] as! String
        if stream.hasSuffix("@depth@100ms") {
            levelCount += (data["b"] as! [[Any]]).count + (data["a"] as! [[Any]]).count
            if books[symbol] == nil {
                buffered[symbol, default: []].append(data)
            } else {
                apply(data, symbol)
            }
        } else if stream.hasSuffix("@bookTicker") {
            lastTickers[symbol] = data
        } else {
            let id = (data["t"] as! NSNumber).int64Value
            if let last = tradeIDs[symbol], id != last + 1 { gapCount += 1 }
            tradeIDs[symbol] = id
        }
    }

    mutating func receiveSnapshot(_ object: [String: Any], symbol: String) {
        var book = ReferenceBook()
        book.apply(object["bids"] as! [[Any]], to: \.bids)
        book.apply(object["asks"] as! [[Any]], to: \.asks)
        books[symbol] = book
        lastIDs[symbol] = (object["lastUpdateId"] as! NSNumber).int64Value
        isBridged.remove(symbol)
        let early = buffered.removeValue(forKey: symbol) ?? []
        for data in early { apply(data, symbol) }
    }

    private mutating func apply(_ data: [String: Any], _ symbol: String) {
        let first = (data["U"] as! NSNumber).int64Value
        let last = (data["u"] as! NSNumber).int64Value
        let bookID = lastIDs[symbol]!
        let isFirst = !isBridged.contains(symbol)
        if isSpot {
            if last <= bookID { return }
            if isFirst ? first > bookID + 1 : first != bookID + 1 { gapCount += 1 }
        } else {
            let previous = (data["pu"] as! NSNumber).int64Value
            if isFirst && last < bookID { return }
            let bridges = (first <= bookID && bookID <= last) || previous == bookID
            if isFirst ? !bridges : previous != bookID { gapCount += 1 }
        }
        isBridged.insert(symbol)
        books[symbol]!.apply(data["b"] as! [[Any]], to: \.bids)
        books[symbol]!.apply(data["a"] as! [[Any]], to: \.asks)
        lastIDs[symbol] = last
        appliedCount += 1
        checkTicker(symbol, last)
    }

    private mutating func checkTicker(_ symbol: String, _ id: Int64) {
        guard let ticker = lastTickers[symbol], (ticker["u"] as! NSNumber).int64Value == id else {
            return
        }
        let book = books[symbol]!
        let said = ["b", "B", "a", "A"].map { ReferenceBook.units(ticker[$0] as! String) }
        let held = [
            book.bestBid, book.bids[book.bestBid]!, book.bestAsk, book.asks[book.bestAsk]!,
        ]
        tickerCount += 1
        if said == held { tickerMatches += 1 }
    }
}

/// Books rebuilt from either of Coinbase's feeds.
struct CoinbaseReference {
    private(set) var books: [String: ReferenceBook] = [:]
    private(set) var gapCount = 0
    private(set) var levelCount = 0
    private(set) var tradeCount = 0
    private(set) var types: [String: Int] = [:]
    private var sequence: Int64?
    private var tradeIDs: [String: Int64] = [:]

    mutating func reset() { self = CoinbaseReference() }

    mutating func receive(_ object: [String: Any]) {
        if let channel = object["channel"] as? String {
            receiveAdvanced(channel, object)
        } else {
            receiveExchange(object["type"] as! String, object)
        }
    }

    private mutating func receiveExchange(_ type: String, _ object: [String: Any]) {
        types[type, default: 0] += 1
        let product = object["product_id"] as? String ?? ""
        switch type {
        case "snapshot":
            var book = ReferenceBook()
            book.apply(object["bids"] as! [[Any]], to: \.bids)
            book.apply(object["asks"] as! [[Any]], to: \.asks)
            books[product] = book
        case "l2update":
            for change in object["changes"] as! [[Any]] {
                levelCount += 1
                let isBid = change[0] as! String == "buy"
                books[product]!.apply([Array(change[1...])], to: isBid ? \.bids : \.asks)
            }
        case "match", "last_match":
            trade(product, (object["trade_id"] as! NSNumber).int64Value)
        default: break
        }
    }

    private mutating func receiveAdvanced(_ channel: String, _ object: [String: Any]) {
        types[channel, default: 0] += 1
        let number = (object["sequence_num"] as! NSNumber).int64Value
        if number != (sequence ?? -1) + 1 { gapCount += 1 }
        sequence = number
        for event in object["events"] as! [[String: Any]] {
            let product = event["product_id"] as? String ?? ""
            let isSnapshot = event["type"] as? String == "snapshot"
            if channel == "l2_data", isSnapshot { books[product] = ReferenceBook() }
            for row in event["updates"] as? [[String: Any]] ?? [] {
                let level = [row["price_level"]!, row["new_quantity"]!]
                if !isSnapshot { levelCount += 1 }
                books[product]!.apply(
                    [level], to: row["side"] as! String == "bid" ? \.bids : \.asks)
            }
            for row in (event["trades"] as? [[String: Any]] ?? []).reversed() {
                trade(row["product_id"] as! String, Int64(row["trade_id"] as! String)!)
            }
        }
    }

    /// The first trades of a connection may repeat: ids not above the last one are dropped.
    private mutating func trade(_ product: String, _ id: Int64) {
        if let last = tradeIDs[product] {
            if id <= last { return }
            if id != last + 1 { gapCount += 1 }
        }
        tradeIDs[product] = id
        tradeCount += 1
    }
}

/// The object in the bytes of a message.
func jsonObject(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
}

/// The books of REST snapshots, which are whole books here.
func trueBook(_ simulator: any VenueSimulator, _ symbol: String) throws -> ReferenceBook {
    let object = try jsonObject(try #require(simulator.snapshot(symbol: symbol)))
    var book = ReferenceBook()
    book.apply(object["bids"] as! [[Any]], to: \.bids)
    book.apply(object["asks"] as! [[Any]], to: \.asks)
    return book
}

@Suite("Simulated: the references themselves")
struct SimulatedReferenceTests {
    @Test("the plain SHA-256 agrees with the published examples")
    func sha256() {
        var empty = ReferenceSHA256()
        #expect(
            empty.finish() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        var abc = ReferenceSHA256()
        abc.update(Array("abc".utf8))
        #expect(abc.finish() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("units of a decimal text")
    func units() {
        #expect(ReferenceBook.units("0.06") == 6_000_000)
        #expect(ReferenceBook.units("94250.00000000") == 9_425_000_000_000)
        #expect(ReferenceBook.units("7") == 700_000_000)
    }
}
