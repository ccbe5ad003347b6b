import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

@Suite("Kraken: damaged, reordered and foreign messages")
struct KrakenDamageTests {
    /// One message of every kind that is read.
    private static let spot = [
        "{\"channel\":\"book\",\"type\":\"update\",\"data\":[{\"symbol\":\"BTC/USD\",\"bids\":["
            + "{\"price\":100.1,\"qty\":0.25000000}],\"asks\":[{\"price\":100.2,\"qty\":0.0}],"
            + "\"checksum\":3310070434,\"timestamp\":\"2026-08-02T03:35:51.660084Z\"}]}",
        "{\"channel\":\"trade\",\"type\":\"update\",\"data\":[{\"symbol\":\"BTC/USD\",\"side\":"
            + "\"buy\",\"price\":105944.20,\"qty\":0.00027625,\"trade_id\":10218208,"
            + "\"timestamp\":\"2023-10-06T17:35:55.440295Z\"}]}",
        "{\"method\":\"subscribe\",\"result\":{\"channel\":\"book\",\"depth\":10,\"symbol\":"
            + "\"BTC/USD\"},\"success\":true}",
        "{\"channel\":\"instrument\",\"data\":{\"pairs\":[{\"symbol\":\"A/B\",\"base\":\"A\","
            + "\"quote\":\"B\",\"price_increment\":0.1,\"qty_increment\":0.01}]}}",
        "{\"channel\":\"ticker\",\"data\":[{\"symbol\":\"A/B\",\"bid\":1.5,\"bid_qty\":2,"
            + "\"ask\":1.6,\"ask_qty\":3}]}",
        "[320,{\"as\":[[\"5\",\"1\",\"1617666423.1\"]],\"bs\":[]},\"book-10\",\"XBT/USD\"]",
        "[320,{\"a\":[[\"5.1\",\"1\",\"1617666423.2\",\"r\"]]},{\"b\":[[\"4.9\",\"1\","
            + "\"1617666423.2\"]],\"c\":\"5\"},\"book-10\",\"XBT/USD\"]",
        "[321,[[\"58721.2\",\"0.027\",\"1617666461.4\",\"s\",\"m\",\"\"]],\"trade\",\"XBT/USD\"]",
        "[7,[\"1.5\",\"1.6\",\"1633053779.9\",\"0.1\",\"0.3\"],\"spread\",\"XBT/USD\"]",
        "{\"channelName\":\"book-10\",\"event\":\"subscriptionStatus\",\"pair\":\"XBT/USD\","
            + "\"status\":\"unsubscribed\"}",
    ]
    private static let futures = [
        "{\"feed\":\"book\",\"product_id\":\"PI_XBTUSD\",\"side\":\"sell\",\"seq\":11,\"price\":"
            + "34981.5,\"qty\":5.0,\"timestamp\":1612269953629}",
        "{\"feed\":\"book_snapshot\",\"product_id\":\"PI_XBTUSD\",\"timestamp\":1612269825817,"
            + "\"seq\":10,\"bids\":[{\"price\":1,\"qty\":2}],\"asks\":[{\"price\":2,\"qty\":2}]}",
        "{\"feed\":\"trade\",\"product_id\":\"PI_XBTUSD\",\"side\":\"sell\",\"type\":\"fill\","
            + "\"seq\":653355,\"time\":1612266317519,\"qty\":15000,\"price\":34969.5}",
        "{\"feed\":\"ticker\",\"product_id\":\"PI_XBTUSD\",\"markPrice\":5.5,\"time\":"
            + "1612266317519,\"relative_funding_rate\":-1.3e-6,\"openInterest\":7}",
        "{\"event\":\"unsubscribed\",\"feed\":\"book\",\"product_ids\":[\"PI_XBTUSD\"]}",
    ]

    @Test("every prefix of a message is rejected", arguments: [Venue.kraken, .krakenFutures])
    func prefixes(venue: Venue) {
        let bench = AdapterBench(venue)
        for text in venue == .kraken ? Self.spot : Self.futures {
            let bytes = Array(text.utf8)
            for count in 0..<bytes.count {
                guard case .rejected = bench.feed(bytes: Array(bytes.prefix(count))) else {
                    return #expect(Bool(false), "\(text.prefix(count))")
                }
            }
            if case .rejected = bench.feed(text) { #expect(Bool(false), "\(text)") }
            #expect(bench.feed(text + "x") == .rejected(.malformed))
        }
    }

    @Test("random damage ends as an outcome, and what is no UTF-8 is rejected", arguments: [5, 6])
    func noise(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let benches = [AdapterBench(.kraken), AdapterBench(.krakenFutures)]
        var rejected = 0
        for _ in 0..<800 {
            for source in Self.spot + Self.futures {
                var message = Array(source.utf8)
                for _ in 0..<(random.next() % 6) {
                    let at = Int(random.next() % UInt64(message.count))
                    switch random.next() % 8 {
                    case 0: message.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
                    case 1 where message.count > 1: message.remove(at: at)
                    case 2 where at > 0: message.removeLast(message.count - at)
                    default: message[at] = UInt8(truncatingIfNeeded: random.next())
                    }
                }
                let isUTF8 = String(validating: message, as: UTF8.self) != nil
                for bench in benches {
                    let outcome = bench.feed(bytes: message)
                    _ = bench.feed(bytes: message, rest: "/0/public/AssetPairs")
                    if isUTF8 { continue }
                    guard case .rejected = outcome else {
                        return #expect(Bool(false), "\(outcome): \(message)")
                    }
                    rejected += 1
                }
            }
        }
        #expect(rejected > 1_000)
    }

    private func permutations(_ keys: [String]) -> [[String]] {
        if keys.count < 2 { return [keys] }
        return keys.indices.flatMap { index -> [[String]] in
            var rest = keys
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }

    private func object(_ members: [String]) -> String {
        "{" + members.joined(separator: ",") + "}"
    }

    /// What a change is at three scales of the instrument: coarse, fine, or finer than all.
    private static let sizes = ["5.00", "5.0000001", "0.000000001"]

    @Test("the keys of a book message may stand in any order", arguments: sizes)
    func keyOrder(size: String) {
        let checksum = {
            var book = KrakenVenueBook(depth: 10)
            book.set(bids: KrakenScene.bids, asks: KrakenScene.asks)
            book.set(bids: [("100.1", size)], asks: [("100.25", "1.0")])
            return book.checksum
        }()
        let entry = [
            "\"symbol\":\"BTC/USD\"", "\"bids\":[{\"price\":100.1,\"qty\":\(size)}]",
            "\"asks\":[{\"qty\":1.0,\"more\":[{}],\"price\":100.25}]", "\"checksum\":\(checksum)",
            "\"timestamp\":\"2026-08-02T03:35:51.660084Z\"",
        ]
        var first: [EventBody]?
        for data in permutations(entry) {
            let top = [
                "\"channel\":\"book\"", "\"type\":\"update\"", "\"data\":[\(object(data))]",
            ]
            for text in permutations(top).map(object) {
                let scene = KrakenScene(live: 10)
                #expect(scene.bench.feed(text) == .used, "\(text)")
                #expect(scene.flags == [.checksumPassed], "\(text)")
                if first == nil { first = scene.bench.events }
                #expect(scene.bench.events == first, "\(text)")
            }
        }
    }

    @Test("the keys of a change of Kraken Futures may stand in any order", arguments: sizes)
    func futuresKeyOrder(size: String) {
        let parts = [
            "\"feed\":\"book\"", "\"product_id\":\"PI_XBTUSD\"", "\"side\":\"sell\"",
            "\"seq\":11", "\"price\":34981", "\"qty\":\(size)",
        ]
        var first: [EventBody]?
        for part in permutations(parts) {
            let bench = AdapterBench(.krakenFutures)
            _ = bench.feed(Self.futures[1])
            #expect(bench.feed(object(part)) == .used)
            if first == nil { first = bench.events }
            #expect(bench.events == first, "\(part)")
        }
    }

    @Test("single messages of other projects are all explained")
    func singleMessages() throws {
        guard let folder = SharedData.folder else { return }
        for (name, venue) in [("kraken", Venue.kraken), ("cryptofacilities", .krakenFutures)] {
            let url = folder.appendingPathComponent("tardis-node/\(name).jsonl")
            let bench = AdapterBench(venue)
            for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
                let outcome = bench.feed(String(line))
                if case .rejected = outcome { #expect(Bool(false), "\(name): \(line)") }
            }
        }
        let base = folder.appendingPathComponent("nautilus/kraken")
        let spot = AdapterBench(.kraken)
        let futures = AdapterBench(.krakenFutures)
        var outcomes: [String: Outcome] = [:]
        for url in try FileManager.default.contentsOfDirectory(
            at: base, includingPropertiesForKeys: nil
        ).sorted(by: { $0.path < $1.path }) {
            let text = try String(contentsOf: url, encoding: .utf8)
            let name = url.deletingPathExtension().lastPathComponent
            let bench = name.contains("futures") ? futures : spot
            outcomes[name] = bench.feed(text)
        }
        for (name, outcome) in outcomes {
            if case .rejected = outcome { #expect(Bool(false), "\(name)") }
        }
        // The examples of books have invented checksums, so the first is wrong and nothing
        // follows it.
        #expect(outcomes["ws_book_snapshot"] == .used)
        #expect(outcomes["ws_book_update"] == .unused(.waitingForSnapshot))
        #expect(outcomes["ws_futures_book_snapshot_with_zero_qty"] == .used)
        #expect(outcomes["ws_futures_trade_snapshot"] == .used)
        #expect(outcomes["ws_l3_update_add"] == .unused(.notRecorded))
        #expect(outcomes.count == 18)
    }
}
