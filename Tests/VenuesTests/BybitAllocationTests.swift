import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

/// Asserts in release only: a debug build makes some allocations that release does not.
@Suite("Bybit: allocations", .serialized)
struct BybitAllocationTests {
    /// The recording's messages by the market that they are of.
    private func messages(_ folder: URL) throws -> [(isSpot: Bool, bytes: [UInt8])] {
        let file = "cryptofeed/bybit_v5_linear_20260809_BTC_SOL_42s.jsonl.zst"
        return try SharedFile.bytes(folder.appendingPathComponent(file))
            .split(separator: 0x0a).compactMap { line in
                let record = try jsonObject(Array(line))
                guard record["t"] as? String == "recv" else { return nil }
                let data = try #require(record["data"] as? String)
                return (record["conn"] as? String == "BYBIT.ws.3", Array(data.utf8))
            }
    }

    private func feed(
        _ messages: [(isSpot: Bool, bytes: [UInt8])], _ linear: BybitAdapter, _ spot: BybitAdapter,
        _ block: inout EventBlock
    ) {
        var now: Int64 = 1_786_310_819_000_000_000
        for message in messages {
            now += 1_000_000
            message.bytes.withUnsafeBufferPointer { text in
                _ = (message.isSpot ? spot : linear).receive(
                    text, origin: .socket, receivedAt: now, into: &block)
            }
            if block.count >= 1_024 { block.clear() }
        }
        block.clear()
    }

    @Test("books, trades and tickers of a recording that is read again allocate nothing")
    func steady() throws {
        guard let folder = SharedData.folder else { return }
        guard AllocationCounter.calls != nil else {
            guard let second = try AllocationCounter.rerun(filter: "BybitAllocationTests/steady")
            else { return print("SKIPPED: no C compiler, so no allocation was counted") }
            let line = second.output.split(separator: "\n").first {
                $0.hasPrefix("bybit allocations")
            }
            print(line ?? "no count")
            #expect(second.isPassed && line != nil, "\(second.output.suffix(2_000))")
            return
        }
        let all = try messages(folder)
        let instruments = InstrumentTable()
        let linear = BybitAdapter(market: .linear, connection: 0, instruments: instruments)
        let spot = BybitAdapter(market: .spot, connection: 1, instruments: instruments)
        var block = EventBlock()
        for _ in 0..<2 { feed(all, linear, spot, &block) }
        // Tickers and trades that repeat say nothing new: another time of them is read too.
        let start = AllocationCounter.calls ?? 0
        let probe = [UInt8](repeating: 0, count: 100_000)
        let own = (AllocationCounter.calls ?? 0) - start
        let before = AllocationCounter.calls ?? 0
        feed(all, linear, spot, &block)
        let made = (AllocationCounter.calls ?? 0) - before
        print("bybit allocations: \(made) in \(all.count) messages")
        #expect(own > 0 && probe.count == 100_000, "the counter counts nothing")
        #if DEBUG
            print("bybit allocations: a debug build makes some that release does not")
        #else
            #expect(made == 0)
        #endif
    }
}
