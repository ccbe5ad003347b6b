import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

@Suite("OKX: any bytes at all end as an outcome")
struct OKXRobustnessTests {
    private static let snapshot = OKXBench.book(
        "snapshot", bids: [("3366.1", "7")], asks: [("3366.8", "9"), ("3368", "8")],
        previous: -1, seq: 10)
    private static let delta = OKXBench.book(
        "update", bids: [("3366.1", "7")], asks: [("3372", "8")], previous: 10, seq: 11,
        checksum: 831_078_360)
    private static let liquidation =
        "{\"arg\":{\"channel\":\"liquidation-orders\",\"instType\":\"SWAP\"},\"data\":[{"
        + "\"details\":[{\"bkPx\":\"0.5\",\"side\":\"buy\",\"sz\":\"13\","
        + "\"ts\":\"1692266434010\"}],"
        + "\"instId\":\"IOST-USDT-SWAP\",\"instType\":\"SWAP\"}]}"
    static let messages = [
        snapshot, delta, OKXBench.trade(7), liquidation,
        OKXBench.row("tickers", "BTC-USDT", "\"askPx\":\"101\",\"bidPx\":\"99\",\"ts\":\"5\""),
        OKXBench.row("mark-price", "BTC-USDT-SWAP", "\"markPx\":\"1.25\",\"ts\":\"5\""),
        OKXBench.row("open-interest", "BTC-USDT-SWAP", "\"oi\":\"1.25\",\"ts\":\"5\""),
        OKXBench.row("index-tickers", "BTC-USDT", "\"idxPx\":\"1.25\",\"ts\":\"5\""),
        OKXBench.row(
            "funding-rate", "BTC-USDT-SWAP", "\"fundingRate\":\"1\",\"fundingTime\":\"5\""),
        "{\"event\":\"error\",\"code\":\"60012\",\"msg\":\"Invalid request\"}",
    ]

    @Test("every proper prefix of a message is refused", arguments: messages)
    func prefixes(text: String) {
        let bytes = Array(text.utf8)
        for count in 0..<bytes.count {
            let okx = OKXBench()
            _ = okx.bench.feed(OKXRobustnessTests.snapshot)
            guard case .rejected = okx.bench.feed(bytes: Array(bytes[..<count])) else {
                return #expect(Bool(false), "a prefix of \(count) bytes was taken")
            }
            #expect(okx.bench.words.first?.hasPrefix("rejected") == true)
            #expect(okx.bench.words.allSatisfy { !$0.hasPrefix("delta") })
        }
        #expect(AdapterBench(.okx).feed(text) != .rejected(.malformed))
    }

    /// Changes, cuts and doubles bytes of every value, those above 127 included.
    private func damage(_ text: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var text = text
        for _ in 0..<(1 + random.next() % 4) {
            guard !text.isEmpty else { return text }
            let at = Int(random.next() % UInt64(text.count))
            switch random.next() % 8 {
            case 0: text.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
            case 1: text.remove(at: at)
            case 2: text.removeLast(text.count - at)
            case 3: text[at] = 0x30 + UInt8(random.next() % 10)
            default: text[at] = UInt8(truncatingIfNeeded: random.next())
            }
        }
        return text
    }

    @Test("damaged messages, by socket and as answers", arguments: [5, 6, 7] as [UInt64])
    func noise(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let bench = AdapterBench(.okx)
        var rejected = 0
        for round in 0..<2_000 {
            if round % 8 == 0 { _ = bench.feed(OKXRobustnessTests.snapshot) }
            for source in OKXRobustnessTests.messages {
                let message = damage(Array(source.utf8), &random)
                let outcome = bench.feed(bytes: message)
                if case .rejected = outcome {
                    #expect(bench.words.contains { $0.hasPrefix("rejected") })
                    rejected += 1
                } else {
                    #expect(String(validating: message, as: UTF8.self) != nil, "\(message)")
                }
                _ = bench.feed(bytes: message, rest: "/api/v5/public/instruments")
                #expect(bench.words.allSatisfy { $0.hasPrefix("rejected") })
            }
        }
        #expect(rejected > 10_000)
    }

    /// With a checksum, even a digit that became another digit is seen among the best 25 levels.
    @Test("a damaged delta leaves the right book, or none", arguments: [1, 2, 3] as [UInt64])
    func checkedDamage(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var applied = 0
        for _ in 0..<4_000 {
            let message = damage(Array(OKXRobustnessTests.delta.utf8), &random)
            let bench = AdapterBench(.okx)
            _ = bench.feed(OKXRobustnessTests.snapshot)
            _ = bench.feed(bytes: message)
            guard bench.words == ["delta 10-11"], case .bookDelta(let event)? = bench.events.last,
                event.flags.contains(.checksumPassed)
            else { continue }
            applied += 1
            var book = PlainSide(isBid: false)
            for level in [(336_680, 900), (336_800, 800)] as [(Int64, Int64)] {
                book.set(PriceLevel(price: level.0, size: level.1))
            }
            for level in event.asks { book.set(level) }
            #expect(
                book.top(3).map(\.price) == [336_680, 336_800, 337_200], "\(message)")
        }
        #expect(applied > 20)
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

    @Test(
        "every order of the keys gives the same event",
        arguments: [("99", "5"), ("99", "5.0000001"), ("99.001", "5")])
    func keyOrder(price: String, size: String) {
        var first: [EventBody]?
        let entry = [
            "\"asks\":[[\"101.00001\",\"1\",\"0\",\"1\"]]", "\"bids\":[[\"99\",\"3\",\"0\",\"1\"]]",
            "\"prevSeqId\":1", "\"seqId\":2", "\"checksum\":0",
        ]
        let arg = "\"arg\":{\"channel\":\"books\",\"instId\":\"BTC-USDT\"}"
        for data in permutations(entry) {
            let rest = ["\"action\":\"update\"", "\"data\":[" + object(data) + "]"]
            for text in permutations([arg] + rest) {
                let bench = AdapterBench(.okx)
                let snapshot = OKXBench.book(
                    "snapshot", bids: [(price, size)], previous: -1, seq: 1)
                #expect(bench.feed(snapshot) == .used)
                #expect(bench.feed(object(text)) == .used)
                #expect(bench.words.last == "delta 1-2")
                if first == nil { first = bench.events }
                #expect(bench.events == first, "\(text)")
            }
        }
        #expect(first?.isEmpty == false)
    }

    @Test("keys of rows and of arg may stand in any order")
    func rowOrder() {
        let row = [
            "\"instId\":\"BTC-USDT\"", "\"tradeId\":\"7\"", "\"px\":\"1.5\"", "\"sz\":\"2\"",
            "\"side\":\"sell\"",
        ]
        var first: [EventBody]?
        for arg in permutations(["\"channel\":\"trades\"", "\"instId\":\"BTC-USDT\""]) {
            for row in permutations(row) {
                let parts = ["\"arg\":" + object(arg), "\"data\":[" + object(row) + "]"]
                for text in permutations(parts) {
                    let bench = AdapterBench(.okx)
                    #expect(bench.feed(object(text)) == .used)
                    if first == nil { first = bench.events }
                    #expect(bench.events == first, "\(text)")
                }
            }
        }
        #expect(first?.count == 2)
    }
}
