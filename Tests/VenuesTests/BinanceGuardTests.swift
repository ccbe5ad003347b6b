import Engine
import Testing

@testable import Venues

@Suite("Binance: what must not be believed")
struct BinanceGuardTests {
    @Test("a snapshot without an update id has no levels")
    func listedAMomentAgo() {
        let bench = AdapterBench()
        #expect(bench.snapshot(-1) == .rejected(.outOfRange))
        #expect(bench.snapshot(-1, bids: "", asks: "") == .used)
        #expect(bench.delta(5, 9) == .used)
    }

    @Test("a delta that names a side twice is rejected")
    func twoNames() {
        let bench = AdapterBench()
        _ = bench.snapshot(100)
        _ = bench.delta(101, 101)
        let outcome = bench.feed(
            "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"U\":102,\"u\":102,"
                + "\"b\":[[\"1\",\"1\"]],\"bids\":[[\"2\",\"1\"]],\"a\":[]}")
        #expect(outcome == .rejected(.malformed))
        #expect(bench.words == ["rejected malformed", "invalid(parse)"])
    }

    @Test("a side is cut at the limit, beyond it, and at the venue's own maximum")
    func cut() {
        func flags(_ count: Int, _ limit: String) -> EventFlags {
            let bench = AdapterBench()
            let levels = (1...count).map { "[\"\($0)\",\"1\"]" }.joined(separator: ",")
            _ = bench.snapshot(1, bids: levels, asks: "", url: "?symbol=BTCUSDT" + limit)
            guard case .bookSnapshot(let event)? = bench.events.last else { return [] }
            return event.flags
        }
        #expect(flags(5, "&limit=5").contains(.bidsCut))
        #expect(flags(6, "&limit=5").contains(.bidsCut))
        #expect(flags(1_000, "&limit=5000").contains(.bidsCut))
        #expect(!flags(999, "&limit=1000").contains(.bidsCut))
        #expect(flags(100, "").contains(.bidsCut))
    }

    @Test("a snapshot whose buffered delta cannot be applied counts as rejected")
    func replayRejected() {
        let bench = AdapterBench()
        _ = bench.delta(101, 101, bids: "[\"1\",\"0.0000000000000001\"]")
        #expect(bench.snapshot(100) == .rejected(.outOfRange))
        #expect(
            bench.words == [
                "define 2,2", "snapshot 100", "rejected outOfRange", "invalid(overflow)",
            ])
    }

    @Test("the buffers of a connection share one limit, and an overfull one gives memory back")
    func budget() {
        let budget = BufferBudget()
        var buffers = (0..<5).map { _ in MessageBuffer(budget: budget) }
        let message = [UInt8](repeating: 0x20, count: 8 << 20)
        let range = UpdateRange(first: 1, last: 1, previous: nil)
        var kept = 0
        message.withUnsafeBufferPointer { bytes in
            for _ in 0..<2 {
                for index in buffers.indices where buffers[index].hasRoom(for: bytes.count, at: 1) {
                    buffers[index].append(bytes, range, 1)
                    kept += 1
                }
            }
        }
        #expect(kept == 8)
        #expect(budget.bytes == 64 << 20)
        for index in buffers.indices { buffers[index].clear() }
        #expect(budget.bytes == 0)
        #expect(buffers.allSatisfy { $0.capacity <= 1 << 20 })
    }

    @Test("rows of one message beyond the limit of a book reject it")
    func tooManyRows() throws {
        let run = CaptureRun()
        let head = "binance,BTCUSDT,1723161255000000,1723161255000000,true"
        var text = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n"
        for _ in 0...(2 * Limits.levelsPerSideMax) { text += head + ",bid,99,1\n" }
        try run.read(bytes: Array(text.utf8))
        #expect(run.rejections == ["rejected(Engine.RejectReason.tooLarge)": 1])
    }

    @Test("keys that coincide are told apart, but not without end")
    func manyKeys() {
        let filler = String(repeating: " ", count: 100_000)
        func outcome(_ keys: Int, _ filler: String) -> WireError? {
            let fields = (0..<keys).map { "\"key\($0)\":1" }.joined(separator: ",")
            let text = Array("{\"first\":1,\(filler)\(fields)}".utf8)
            return text.withUnsafeBufferPointer { bytes in
                var scanner = JSONScanner(bytes)
                do throws(WireError) {
                    var cursor = try scanner.object()
                    while try scanner.nextKey(&cursor) != nil { _ = try scanner.skipValue() }
                    return nil
                } catch {
                    return error
                }
            }
        }
        #expect(outcome(100, "") == nil)
        #expect(outcome(30, filler) == nil)
        #expect(outcome(100, filler) == .tooLarge)
    }
}
