import Engine
import TestSupport
import Testing

@testable import Venues

@Suite("Any bytes at all end as an outcome")
struct NoiseTests {
    private static let messages = [
        "{\"e\":\"depthUpdate\",\"E\":1700000000002,\"s\":\"BTCUSDT\",\"U\":1,\"u\":2,\"pu\":0,"
            + "\"b\":[[\"100.00\",\"1.00\"]],\"a\":[[\"101.00\",\"0\"]]}",
        "{\"type\":\"l2update\",\"product_id\":\"BTC-USD\",\"changes\":[[\"buy\",\"1.0\",\"2\"]],"
            + "\"time\":\"2026-04-07T14:30:00.1Z\"}",
        "{\"channel\":\"market_trades\",\"sequence_num\":1,\"events\":[{\"type\":\"update\","
            + "\"trades\":[{\"trade_id\":\"1\",\"product_id\":\"BTC-USD\",\"price\":\"1\",\"size\":"
            + "\"1\",\"side\":\"BUY\",\"time\":\"2026-04-07T14:30:02Z\"}]}]}",
        BybitMessage.book("snapshot", 7, seq: 8, asks: "[\"101.00\",\"2.00\"]"),
        BybitMessage.trades([BybitMessage.trade("2290000000050703789")]),
        BybitMessage.ticker("snapshot", [("markPrice", "7.5"), ("fundingRate", "0.0001")]),
    ]

    /// Changes, cuts and doubles bytes of every value, those above 127 included.
    private func damage(_ text: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var text = text
        for _ in 0..<(random.next() % 6) {
            let at = Int(random.next() % UInt64(text.count))
            switch random.next() % 8 {
            case 0: text.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
            case 1 where text.count > 1: text.remove(at: at)
            case 2 where at > 0: text.removeLast(text.count - at)
            default: text[at] = UInt8(truncatingIfNeeded: random.next())
            }
        }
        return text
    }

    @Test("damaged messages of every feed", arguments: [5, 6, 7])
    func noise(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let benches = [
            AdapterBench(.binance), AdapterBench(.binanceUSDM), AdapterBench(.coinbase),
            AdapterBench(.coinbase, feed: .exchange), AdapterBench(.bybit),
            AdapterBench(.bybit, market: .spot),
        ]
        var rejected = 0
        for _ in 0..<2_000 {
            for source in NoiseTests.messages {
                let message = damage(Array(source.utf8), &random)
                let isUTF8 = String(validating: message, as: UTF8.self) != nil
                for bench in benches {
                    let outcome = bench.feed(bytes: message)
                    _ = bench.feed(bytes: message, rest: "/depth?symbol=BTCUSDT&limit=5")
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

    @Test("random bytes are no capture, and end as an outcome where they are read as one")
    func captures() {
        var random = SeededRandom(seed: 8)
        for format in CaptureFormat.allCases {
            let reader = CaptureReader(format: format, session: CaptureSession())
            var block = EventBlock()
            for _ in 0..<2_000 {
                let line = (0..<(random.next() % 80)).map { _ in
                    let byte = UInt8(truncatingIfNeeded: random.next())
                    return byte == 0x0a ? 0x2c : byte
                }
                line.withUnsafeBufferPointer { line in
                    guard let record = reader.push(line) else { return }
                    _ = reader.apply(record, into: &block)
                }
            }
            if let record = reader.finish() { _ = reader.apply(record, into: &block) }
            #expect(block.levels.isEmpty)
        }
    }
}
