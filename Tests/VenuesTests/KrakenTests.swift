import Engine
import Testing

@testable import Venues

@Suite("Kraken: books, in both protocols")
struct KrakenTests {
    @Test(
        "a snapshot on the stream is live at once, and a delta follows it",
        arguments: [false, true])
    func snapshot(isArrays: Bool) {
        let scene = KrakenScene(isArrays: isArrays)
        #expect(scene.acknowledge() == .unused(.subscriptionAnswer))
        #expect(scene.send("update", KrakenScene.bids, []) == .unused(.waitingForSnapshot))
        #expect(scene.bench.words.isEmpty)
        #expect(scene.snapshot() == .used)
        #expect(scene.bench.words == ["define 2,3", "snapshot -1"])
        let time: Int64 = isArrays ? 1_617_666_423_690_142_000 : 1_785_641_751_660_084_000
        #expect(scene.lastBook?.sourceTime == time)
        #expect(
            scene.lastBook?.bids == [
                PriceLevel(price: 10_010, size: 1_000), PriceLevel(price: 10_000, size: 500),
            ])
        #expect(scene.flags == (isArrays ? [] : [.checksumPassed]))
        #expect(scene.update([("100.1", "0.00000000")], [("100.2", "1.5")]) == .used)
        #expect(scene.lastBook?.bids == [PriceLevel(price: 10_010, size: 0)])
        #expect(scene.lastBook?.asks == [PriceLevel(price: 10_020, size: 1_500)])
        #expect(scene.flags == [.checksumPassed])
    }

    @Test(
        "what falls out of the depth is said as a removal behind the levels of the message",
        arguments: [false, true])
    func cut(isArrays: Bool) {
        let scene = KrakenScene(isArrays: isArrays)
        scene.acknowledge()
        let bids = (0..<10).map { ("\(100 - $0).5", "1.0") }
        scene.snapshot(bids, KrakenScene.asks)
        #expect(scene.flags.contains(.bidsCut) && !scene.flags.contains(.asksCut))
        #expect(scene.update([("100.6", "2.0"), ("100.7", "3.0")], []) == .used)
        #expect(
            scene.lastBook?.bids == [
                PriceLevel(price: 10_060, size: 2_000), PriceLevel(price: 10_070, size: 3_000),
                PriceLevel(price: 9_150, size: 0), PriceLevel(price: 9_250, size: 0),
            ])
        // It comes back when there is room for it, and nothing falls out then.
        #expect(scene.update([("100.7", "0.0"), ("92.5", "1.0")], []) == .used)
        #expect(
            scene.lastBook?.bids == [
                PriceLevel(price: 10_070, size: 0), PriceLevel(price: 9_250, size: 1_000),
            ])
        #expect(scene.flags == [.checksumPassed])
    }

    @Test("a level that a message brings beyond the depth falls out with that very message")
    func beyond() {
        let scene = KrakenScene()
        scene.acknowledge()
        scene.snapshot((0..<10).map { ("\(100 - $0).5", "1.0") }, KrakenScene.asks)
        #expect(scene.update([("80.0", "1.0")], []) == .used)
        #expect(
            scene.lastBook?.bids == [
                PriceLevel(price: 8_000, size: 1_000), PriceLevel(price: 8_000, size: 0),
            ])
    }

    @Test("of a price that stands twice in a message the last one counts")
    func twice() {
        let scene = KrakenScene(live: 10)
        #expect(scene.update([("100.1", "0.0"), ("100.1", "9.0")], []) == .used)
        #expect(scene.flags == [.checksumPassed])
        #expect(scene.venue.bids.first?.size == "9.0")
    }

    @Test("the depth is the acknowledged one, else that of the snapshot, rounded up")
    func depth() {
        func depth(_ levels: Int, acknowledged: Int?) -> Int? {
            let scene = KrakenScene(depth: acknowledged ?? 1_000)
            if acknowledged != nil { scene.acknowledge() }
            let bids = (0..<levels).map { ("\(2_000 - $0)", "1") }
            scene.snapshot(bids, KrakenScene.asks)
            let isFull = scene.flags.contains(.bidsCut)
            let adapter = scene.bench.adapter as? KrakenAdapter
            let book = Array("BTC/USD".utf8).withUnsafeBufferPointer { adapter?.books.find($0) }
            #expect(isFull == (book?.mirror.depth == levels))
            return book?.mirror.depth
        }
        #expect(depth(7, acknowledged: nil) == 10)
        #expect(depth(10, acknowledged: nil) == 10)
        #expect(depth(11, acknowledged: nil) == 25)
        #expect(depth(101, acknowledged: nil) == 500)
        #expect(depth(501, acknowledged: nil) == 1_000)
        #expect(depth(7, acknowledged: 100) == 100)
        #expect(depth(1_000, acknowledged: 1_000) == 1_000)
        #expect(depth(1_200, acknowledged: nil) == 1_200)
    }

    @Test("a depth that cannot be subscribed is refused, and changes nothing")
    func oddDepth() {
        let scene = KrakenScene(live: 10)
        #expect(scene.acknowledge(depth: 11) == .rejected(.outOfRange))
        #expect(scene.update([("100.1", "3.0")], []) == .used)
        #expect(scene.flags == [.checksumPassed])
    }

    @Test(
        "an acknowledged end leaves the book empty until its next snapshot",
        arguments: [false, true])
    func unsubscribed(isArrays: Bool) {
        let scene = KrakenScene(live: 10, isArrays: isArrays)
        #expect(scene.acknowledge("unsubscribe") == .unused(.subscriptionAnswer))
        #expect(scene.bench.words == ["empty"])
        #expect(scene.bench.commands.isEmpty)
        #expect(scene.update([("100.1", "3.0")], []) == .unused(.waitingForSnapshot))
        #expect(scene.acknowledge() == .unused(.subscriptionAnswer))
        #expect(scene.snapshot() == .used)
        #expect(scene.bench.words == ["snapshot -1"])
    }

    @Test("a snapshot that never comes is asked for again after ten seconds")
    func lostSnapshot() {
        let scene = KrakenScene()
        scene.acknowledge()
        scene.send("update", [], [])
        scene.bench.now += 9_000_000_000
        scene.send("update", [], [])
        #expect(scene.bench.commands.isEmpty)
        scene.bench.now += 1_100_000_000
        #expect(scene.send("update", [], []) == .unused(.waitingForSnapshot))
        #expect(scene.bench.commands.count == 1)
    }

    @Test("a connection that goes down throws away the books and the depths")
    func down() {
        let scene = KrakenScene(live: 10)
        scene.bench.connection(.down)
        #expect(scene.bench.words == ["connection down", "empty"])
        scene.bench.connection(.up)
        let bids = (0..<20).map { ("\(100 - $0)", "1") }
        scene.bench.feed(scene.text("snapshot", bids, [], checksum: 0))
        guard case .resubscribe(_, let messages)? = scene.bench.commands.first else {
            return #expect(Bool(false))
        }
        #expect(messages.allSatisfy { String(decoding: $0, as: UTF8.self).contains(":1000") })
    }

    @Test("sizes of zero in a snapshot are no levels, and an empty side is none")
    func emptySides() {
        let scene = KrakenScene()
        #expect(scene.snapshot([], [("5.0", "0.0"), ("6.0", "1.0")]) == .used)
        #expect(scene.lastBook?.asks == [PriceLevel(price: 600, size: 100)])
        #expect(scene.flags == [.checksumPassed])
        #expect(scene.update([("4.0", "2.0")], []) == .used)
        #expect(scene.flags == [.checksumPassed])
    }

    @Test("several books of one message are taken one by one")
    func severalBooks() {
        let scene = KrakenScene(live: 10)
        var other = KrakenVenueBook(depth: 10)
        other.set(bids: [("9.5", "1.0")], asks: [])
        let first = scene.entry(KrakenScene.bids, KrakenScene.asks, scene.venue.checksum)
        let second = scene.entry(other.bids, [], other.checksum, symbol: "ETH/USD")
        let head = "{\"channel\":\"book\",\"type\":\"snapshot\",\"data\":["
        #expect(scene.bench.feed(head + first + "," + second + "]}") == .used)
        #expect(scene.bench.words == ["snapshot -1", "define 2,2", "snapshot -1"])
        let odd = second.replacing("ETH/USD", with: "ETHUSD")
        #expect(scene.bench.feed(head + odd + "," + first + "]}") == .rejected(.unknownSymbol))
        #expect(scene.bench.words == ["rejected unknownSymbol", "snapshot -1"])
        #expect(scene.bench.feed(head + "]}") == .unused(.notRecorded))
    }

    @Test("names follow from the symbol, which stays as it is on the wire")
    func names() {
        let cases: [(Venue, String, String)] = [
            (.kraken, "BTC/USD", "BTC-USD"), (.kraken, "XBT/USD", "BTC-USD"),
            (.kraken, "XDG/XBT", "DOGE-BTC"), (.kraken, "AAPLx/USD", "AAPLx-USD"),
            (.krakenFutures, "PI_XBTUSD", "BTC-USD-PERP@BTC"),
            (.krakenFutures, "PF_XBTUSD", "BTC-USD-PERP"),
            (.krakenFutures, "PF_1INCHUSD", "1INCH-USD-PERP"),
            (.krakenFutures, "FI_ETHUSD_211231", "ETH-USD-20211231@ETH"),
            (.krakenFutures, "FF_XBTUSD_250627", "BTC-USD-20250627"),
            (.krakenFutures, "FV_XRPXBT_180615", "XRP-BTC-20180615"),
        ]
        for (venue, symbol, expected) in cases {
            let name = Array(symbol.utf8).withUnsafeBufferPointer {
                SymbolNames.name($0, at: venue)
            }
            let id = name.map { $0.base + [0x2d] + $0.quote + $0.suffix }
            #expect(id == Array(expected.utf8), "\(symbol)")
        }
        for (venue, symbol) in [
            (Venue.kraken, "BTCUSD"), (.kraken, "/USD"), (.kraken, "BTC/"), (.kraken, "A/B/C"),
            (.krakenFutures, "PI_USD"), (.krakenFutures, "PI_XBTEUR"),
            (.krakenFutures, "in_xbtusd"), (.krakenFutures, "PI_XBTUSD_211231"),
            (.krakenFutures, "FI_XBTUSD"), (.krakenFutures, "FI_XBTUSD_2112"),
            (.krakenFutures, ""), (.krakenFutures, "PX_XBTUSD"),
        ] {
            let name = Array(symbol.utf8).withUnsafeBufferPointer {
                SymbolNames.name($0, at: venue)
            }
            #expect(name == nil, "\(symbol)")
        }
        let scene = KrakenScene(isArrays: true)
        scene.snapshot()
        guard case .instrumentDefinition(let definition)? = scene.bench.events.first else {
            return #expect(Bool(false))
        }
        #expect(definition.venueSymbol == Array("XBT/USD".utf8))
        #expect(definition.canonicalID == Array("BTC-USD".utf8))
    }
}
