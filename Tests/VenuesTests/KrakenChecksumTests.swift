import Engine
import TestSupport
import Testing

@testable import Venues

@Suite("Kraken: the checksum")
struct KrakenChecksumTests {
    private typealias Level = KrakenVenueBook.Level

    /// The example of the venue's documentation, best level first.
    private static let asks: [KrakenVenueBook.Level] = [
        ("45285.2", "0.00100000"), ("45286.4", "1.54571953"), ("45286.6", "1.54571109"),
        ("45289.6", "1.54560911"), ("45290.2", "0.15890660"), ("45291.8", "1.54553491"),
        ("45294.7", "0.04454749"), ("45296.1", "0.35380000"), ("45297.5", "0.09945542"),
        ("45299.5", "0.18772827"),
    ]
    private static let bids: [KrakenVenueBook.Level] = [
        ("45283.5", "0.10000000"), ("45283.4", "1.54582015"), ("45282.1", "0.10000000"),
        ("45281.0", "0.10000000"), ("45280.3", "1.54592586"), ("45279.0", "0.07990000"),
        ("45277.6", "0.03310103"), ("45277.5", "0.30000000"), ("45277.3", "1.54602737"),
        ("45276.6", "0.15445238"),
    ]

    @Test("the example of v2 gives 3310070434")
    func documented() {
        let scene = KrakenScene()
        #expect(
            scene.send("snapshot", Self.bids, Self.asks, checksum: 3_310_070_434) == .used)
        #expect(scene.flags == [.checksumPassed, .bidsCut, .asksCut])
        var book = KrakenVenueBook(depth: 10)
        book.set(bids: Self.bids, asks: Self.asks)
        #expect(book.checksum == 3_310_070_434)
        #expect(book.text.hasPrefix("452852100000452864154571953"))
    }

    @Test("the example of v1, five digits behind the point, gives 974947235")
    func documentedArrays() {
        let prices = [
            "0.05000", "0.04995", "0.04990", "0.04980", "0.04975", "0.04970", "0.04965", "0.04960",
            "0.04955",
        ]
        let bids = prices.map { Level(price: $0, size: "0.00000500") }
        let asks = (1...10).map {
            Level(price: "0.050" + ($0 == 1 ? "05" : "\($0 * 5)"), size: "0.00000500")
        }
        let scene = KrakenScene(isArrays: true)
        scene.snapshot(bids, asks)
        let tenth = [Level(price: "0.04950", size: "0.00000500")]
        #expect(scene.send("update", tenth, [], checksum: 974_947_235) == .used)
        #expect(scene.flags == [.checksumPassed])
        #expect(scene.bench.commands.isEmpty)
    }

    @Test("zeros at the end count, also where the instrument needs none of them")
    func zeros() {
        let scene = KrakenScene()
        #expect(scene.snapshot([("7.0", "1.00000000")], [("8.0", "0.10000000")]) == .used)
        #expect(scene.bench.words.first == "define 2,2")
        #expect(scene.flags == [.checksumPassed])
        #expect(scene.venue.text == "801000000070100000000")
        #expect(scene.update([("7.0", "0.12345678")], []) == .used)
        #expect(scene.bench.words == ["define 2,8", "delta -1--1"])
        #expect(scene.flags == [.checksumPassed])
        #expect(scene.send("update", [("7.0", "0.123456780")], []) == .used)
        #expect(scene.flags == [.checksumFailed])
    }

    @Test("a wrong checksum makes the book invalid on that very message, and it is subscribed anew")
    func wrong() {
        let scene = KrakenScene(live: 25)
        let wrong = scene.venue.checksum ^ 1
        #expect(scene.send("update", [("100.1", "1.00000000")], [], checksum: wrong) == .used)
        #expect(scene.flags == [.checksumFailed])
        #expect(scene.bench.commands.count == 1)
        guard case .resubscribe(let symbol, let messages)? = scene.bench.commands.first else {
            return #expect(Bool(false))
        }
        #expect(symbol == Array("BTC/USD".utf8))
        #expect(
            messages.map { String(decoding: $0, as: UTF8.self) } == [
                "{\"method\":\"unsubscribe\",\"params\":{\"channel\":\"book\",\"symbol\":"
                    + "[\"BTC/USD\"],\"depth\":25}}",
                "{\"method\":\"subscribe\",\"params\":{\"channel\":\"book\",\"symbol\":"
                    + "[\"BTC/USD\"],\"depth\":25,\"snapshot\":true}}",
            ])
        #expect(scene.update([("100.1", "2.00000000")], []) == .unused(.waitingForSnapshot))
        #expect(scene.bench.events.isEmpty)
        #expect(scene.snapshot() == .used)
        #expect(scene.flags == [.checksumPassed])
    }

    @Test("a snapshot with a wrong checksum begins no book")
    func wrongSnapshot() {
        let scene = KrakenScene()
        #expect(scene.send("snapshot", [], KrakenScene.asks, checksum: 5) == .used)
        #expect(scene.flags == [.checksumFailed])
        #expect(scene.bench.commands.count == 1)
        #expect(scene.send("update", [], []) == .unused(.waitingForSnapshot))
    }

    @Test("a digit wrong among the ten best is seen, in whatever message it comes")
    func eachDigit() {
        for rank in 0..<10 {
            let scene = KrakenScene()
            scene.snapshot(Self.bids, Self.asks)
            var ask = Self.asks[rank]
            ask.size = String(ask.size.dropLast()) + (ask.size.last == "9" ? "8" : "9")
            #expect(scene.send("update", [], [ask]) == .used)
            #expect(scene.flags == [.checksumFailed], "rank \(rank)")
        }
    }

    @Test("v1 of 2019 has no checksum: the book is then neither right nor wrong")
    func missing() {
        let scene = KrakenScene(live: 10, isArrays: true)
        let text =
            "[320,{\"b\":[[\"100.1\",\"3.0\",\"1561939258.527900\"]]},\"book-10\",\"XBT/USD\"]"
        #expect(scene.bench.feed(text) == .used)
        #expect(scene.flags == [])
        // The next one that has a checksum covers this change too.
        scene.update([("100.1", "3.0")], [("100.2", "0")])
        #expect(scene.flags == [.checksumPassed])
    }

    @Test("what is kept of the text between messages is right after any run of changes")
    func random() {
        for seed in UInt64(1)...6 {
            var random = SeededRandom(seed: seed)
            let scene = KrakenScene(live: [10, 25, 100][Int(seed % 3)], isArrays: seed % 2 == 0)
            for step in 0..<400 {
                func levels(_ first: Int, _ sign: Int) -> [Level] {
                    (0..<Int(random.next() % 4)).map { _ in
                        let ticks = first + sign * Int(random.next() % 60)
                        let digits = String(random.next() % 900_000_000 + 100_000_000)
                        let isGone = random.next() % 3 == 0
                        return (
                            "\(ticks / 10).\(ticks % 10)",
                            isGone ? "0.00000000" : "\(digits.prefix(1)).\(digits.suffix(8))"
                        )
                    }
                }
                #expect(scene.update(levels(1_001, -1), levels(1_002, 1)) == .used)
                #expect(scene.flags == [.checksumPassed], "seed \(seed), step \(step)")
            }
        }
    }
}
