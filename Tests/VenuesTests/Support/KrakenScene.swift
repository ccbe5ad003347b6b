import Engine
import Testing

@testable import Venues

/// A book as Kraken keeps it, by its definition: text on the wire, best level first, cut to a
/// depth, with a checksum computed bit by bit.
struct KrakenVenueBook {
    typealias Level = (price: String, size: String)

    let depth: Int
    private(set) var bids: [Level] = []
    private(set) var asks: [Level] = []

    init(depth: Int) { self.depth = depth }

    mutating func set(bids newBids: [Level], asks newAsks: [Level]) {
        for level in newBids { KrakenVenueBook.set(level, &bids) { $0 > $1 } }
        for level in newAsks { KrakenVenueBook.set(level, &asks) { $0 < $1 } }
        bids.removeLast(max(0, bids.count - depth))
        asks.removeLast(max(0, asks.count - depth))
    }

    private static func set(
        _ level: Level, _ side: inout [Level], _ isBetter: (Double, Double) -> Bool
    ) {
        let price = Double(level.price) ?? 0
        side.removeAll { Double($0.price) == price }
        guard Double(level.size) != 0 else { return }
        let place = side.firstIndex { isBetter(price, Double($0.price) ?? 0) } ?? side.count
        side.insert(level, at: place)
    }

    /// The text that the checksum is over.
    var text: String {
        (asks.prefix(10) + bids.prefix(10)).map { digits($0.price) + digits($0.size) }.joined()
    }

    private func digits(_ number: String) -> String {
        String(number.filter { $0 != "." }.drop { $0 == "0" })
    }

    var checksum: UInt32 { KrakenVenueBook.crc(Array(text.utf8)) }

    static func crc(_ bytes: [UInt8]) -> UInt32 {
        var remainder = UInt32.max
        for byte in bytes {
            remainder ^= UInt32(byte)
            for _ in 0..<8 {
                remainder = remainder % 2 == 1 ? remainder / 2 ^ 0xedb8_8320 : remainder / 2
            }
        }
        return ~remainder
    }
}

/// An adapter, Kraken's own book of BTC/USD, and the messages of both protocols between them.
final class KrakenScene {
    typealias Level = KrakenVenueBook.Level

    let bench = AdapterBench(.kraken)
    private(set) var venue: KrakenVenueBook
    /// Messages are those of v1.
    let isArrays: Bool

    static let bids: [Level] = [("100.1", "1.00000000"), ("100.0", "0.50000000")]
    static let asks: [Level] = [("100.2", "0.00100000"), ("100.3", "2.25000000")]

    /// A connection that subscribed to the book with this depth; nothing was received yet.
    init(depth: Int = 10, isArrays: Bool = false) {
        venue = KrakenVenueBook(depth: depth)
        self.isArrays = isArrays
    }

    /// The same with a snapshot received.
    convenience init(live depth: Int, isArrays: Bool = false) {
        self.init(depth: depth, isArrays: isArrays)
        acknowledge()
        #expect(snapshot() == .used)
    }

    var symbol: String { isArrays ? "XBT/USD" : "BTC/USD" }

    @discardableResult
    func acknowledge(_ method: String = "subscribe", depth: Int? = nil) -> Outcome {
        let depth = depth ?? venue.depth
        if isArrays {
            return bench.feed(
                "{\"channelID\":320,\"channelName\":\"book-\(depth)\",\"event\":"
                    + "\"subscriptionStatus\",\"pair\":\"XBT/USD\",\"status\":\"\(method)d\","
                    + "\"subscription\":{\"depth\":\(depth),\"name\":\"book\"}}")
        }
        return bench.feed(
            "{\"method\":\"\(method)\",\"result\":{\"channel\":\"book\",\"depth\":\(depth),"
                + "\"snapshot\":true,\"symbol\":\"BTC/USD\"},\"success\":true,"
                + "\"time_in\":\"2026-08-02T03:35:50.983359Z\"}")
    }

    /// The venue begins with these levels and sends them.
    @discardableResult
    func snapshot(_ bids: [Level] = bids, _ asks: [Level] = asks) -> Outcome {
        venue = KrakenVenueBook(depth: venue.depth)
        venue.set(bids: bids, asks: asks)
        return send("snapshot", bids, asks)
    }

    /// The venue sets these levels and sends them.
    @discardableResult
    func update(_ bids: [Level], _ asks: [Level]) -> Outcome {
        venue.set(bids: bids, asks: asks)
        return send("update", bids, asks)
    }

    /// Sends levels with the venue's checksum, or another.
    @discardableResult
    func send(
        _ type: String, _ bids: [Level], _ asks: [Level], checksum: UInt32? = nil
    ) -> Outcome {
        bench.feed(text(type, bids, asks, checksum: checksum))
    }

    func text(
        _ type: String, _ bids: [Level], _ asks: [Level], checksum: UInt32? = nil
    ) -> String {
        let checksum = checksum ?? venue.checksum
        if isArrays { return arrays(type, bids, asks, checksum) }
        return "{\"channel\":\"book\",\"type\":\"\(type)\",\"data\":["
            + entry(bids, asks, checksum) + "]}"
    }

    func entry(
        _ bids: [Level], _ asks: [Level], _ checksum: UInt32, symbol: String = "BTC/USD"
    ) -> String {
        func side(_ levels: [Level]) -> String {
            levels.map { "{\"price\":\($0.price),\"qty\":\($0.size)}" }.joined(separator: ",")
        }
        return "{\"symbol\":\"\(symbol)\",\"bids\":[\(side(bids))],\"asks\":[\(side(asks))],"
            + "\"checksum\":\(checksum),\"timestamp\":\"2026-08-02T03:35:51.660084Z\"}"
    }

    private func arrays(
        _ type: String, _ bids: [Level], _ asks: [Level], _ checksum: UInt32
    ) -> String {
        func side(_ key: String, _ levels: [Level]) -> String {
            let rows = levels.map { "[\"\($0.price)\",\"\($0.size)\",\"1617666423.690142\"]" }
            return "\"\(key)\":[\(rows.joined(separator: ","))]"
        }
        let tail = "\"book-\(venue.depth)\",\"XBT/USD\"]"
        if type == "snapshot" {
            return "[320,{\(side("as", asks)),\(side("bs", bids))},\(tail)"
        }
        let sum = "\"c\":\"\(checksum)\"}"
        if bids.isEmpty { return "[320,{\(side("a", asks)),\(sum),\(tail)" }
        if asks.isEmpty { return "[320,{\(side("b", bids)),\(sum),\(tail)" }
        return "[320,{\(side("a", asks))},{\(side("b", bids)),\(sum),\(tail)"
    }

    // What came out.

    var flags: EventFlags { lastBook?.flags ?? [] }

    /// The last book event that the last message gave.
    var lastBook: BookEvent? {
        for body in bench.events.reversed() {
            switch body {
            case .bookSnapshot(let event), .bookDelta(let event): return event
            default: continue
            }
        }
        return nil
    }
}
