import Engine
import Testing

@testable import Venues

@Suite("Binance: a snapshot that is unreadable")
struct LostSnapshotTests {
    @Test(
        "is asked for again, once, by a book that waits for it, whose buffer is kept",
        arguments: [
            "{\"lastUpdateId\":100,\"bids\":[[\"x\",\"1\"]],\"asks\":[]}",
            "{\"lastUpdateId\":100,\"bids\":[[\"1\",\"1\"]],\"as",
            "{\"lastUpdateId\":100,\"s\":\"BTCUSDT\",\"bids\":[[\"1\",\"1e-30\"]],\"asks\":[]}",
            "{\"lastUpdateId\":-7,\"bids\":[],\"asks\":[]}", "<html>", "",
        ])
    func askedAgain(body: String) {
        let bench = AdapterBench()
        _ = bench.delta(101, 101)
        let request = bench.commands
        #expect(request.count == 1)
        for url in [
            "/api/v3/depth?limit=5000&symbol=BTCUSDT",
            "https://api.binance.com/api/v3/depth?symbol=btcusdt",
        ] {
            guard case .rejected = bench.feed(body, rest: url) else {
                Issue.record("not rejected")
                return
            }
            #expect(bench.events.count == 1, "no status: \(bench.words)")
            #expect(bench.commands == request)
            _ = bench.delta(102, 102)
            #expect(bench.commands.isEmpty)
        }
        #expect(bench.snapshot(100) == .used)
        #expect(bench.words == ["define 2,2", "snapshot 100", "delta 101-101", "delta 102-102"])
    }

    @Test("asks for nothing where no book waits for it, and leaves a live book alone")
    func nobodyWaits() {
        let bench = AdapterBench()
        let body = "{\"lastUpdateId\":100,\"s\":\"BTCUSDT\",\"bids\":[[\"x\",\"1\"]],\"asks\":[]}"
        let url = "/api/v3/depth?limit=5000&symbol=BTCUSDT"
        #expect(bench.feed(body, rest: url) == .rejected(.badNumber))
        #expect(bench.commands.isEmpty)
        _ = bench.snapshot(100)
        _ = bench.delta(101, 101)
        #expect(bench.feed(body, rest: url) == .rejected(.badNumber))
        #expect(bench.words == ["rejected badNumber"])
        #expect(bench.commands.isEmpty)
        #expect(bench.delta(102, 102) == .used)
    }

    @Test("asks for nothing when another answer was unreadable")
    func otherAnswers() {
        let bench = AdapterBench(.binanceUSDM)
        _ = bench.delta(101, 101, previous: 100)
        for url in [
            "/fapi/v1/openInterest?symbol=BTCUSDT", "/fapi/v1/exchangeInfo",
            "/fapi/v1/depth?symbol=ETHUSDT",
        ] {
            _ = bench.feed("{\"x", rest: url)
            #expect(bench.words == ["rejected malformed"])
            #expect(bench.commands.isEmpty)
        }
    }

    @Test("asks for nothing where the instrument cannot be defined")
    func undefinable() {
        let bench = AdapterBench()
        for index in 0..<Limits.instrumentsMax {
            _ = bench.snapshot(1, url: "/api/v3/depth?symbol=A\(index)USDT")
        }
        _ = bench.delta(101, 101)
        #expect(bench.commands.count == 1)
        #expect(bench.snapshot(100) == .rejected(.tooLarge))
        #expect(bench.words == ["rejected tooLarge"])
        #expect(bench.commands.isEmpty)
    }
}
