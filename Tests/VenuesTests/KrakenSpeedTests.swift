import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

/// Prints speeds, and asserts that a message in the steady state allocates nothing.
@Suite("Kraken: speed and allocations", .serialized)
struct KrakenSpeedTests {
    private static let captures: [(name: String, venue: Venue)] = [
        ("crossbook/kraken_v2_btcusd_20260802", .kraken),
        ("cryptofeed/kraken_v1_20210405_10sym_120s", .kraken),
        ("cryptofeed/kraken_futures_v1_20210722_30s", .krakenFutures),
    ]

    /// What came by the socket, as the adapter gets it.
    private func messages(_ name: String, _ folder: URL) throws -> [[UInt8]] {
        let lines = try SharedFile.bytes(folder.appendingPathComponent("\(name).jsonl.zst"))
            .split(separator: 0x0a)
        return try lines.compactMap { line in
            let record =
                try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] ?? [:]
            guard record["t"] as? String == "recv", let data = record["data"] as? String else {
                return nil
            }
            return Array(data.utf8)
        }
    }

    private func feed(
        _ messages: [[UInt8]], _ adapter: any VenueAdapter, _ block: inout EventBlock
    ) -> Int {
        var now: Int64 = 1_785_641_750_000_000_000
        var used = 0
        for message in messages {
            now += 1_000_000
            message.withUnsafeBufferPointer { text in
                let outcome = adapter.receive(
                    text, origin: .socket, receivedAt: now, into: &block)
                if outcome == .used { used += 1 }
            }
            if block.count >= 1_024 { block.clear() }
        }
        block.clear()
        return used
    }

    private func adapter(_ venue: Venue) throws -> any VenueAdapter {
        try #require(
            VenueRegistry.adapter(
                VenueEndpoint(venue), connection: 0, name: [], instruments: InstrumentTable()))
    }

    @Test("messages to events: MB/s and messages/s")
    func speed() throws {
        #if DEBUG
            return print("SKIPPED: speed is measured in release only")
        #else
            guard let folder = SharedData.folder else { return }
            for (name, venue) in Self.captures {
                let all = try messages(name, folder)
                var best = Double.infinity
                for _ in 0..<5 {
                    let adapter = try adapter(venue)
                    var block = EventBlock()
                    let start = clock()
                    _ = feed(all, adapter, &block)
                    best = min(best, Double(clock() - start) / Double(CLOCKS_PER_SEC))
                }
                let bytes = all.reduce(0) { $0 + $1.count }
                print(
                    "throughput \(name): \(Int(Double(bytes) / 1e6 / best)) MB/s,",
                    "\(Int(Double(all.count) / best / 1e3)) k messages/s")
            }
        #endif
    }

    @Test("a message in the steady state allocates nothing")
    func allocations() throws {
        guard let folder = SharedData.folder else { return }
        guard AllocationCounter.calls != nil else {
            guard let second = try AllocationCounter.rerun(filter: "KrakenSpeedTests/allocations")
            else { return print("SKIPPED: no C compiler, so no allocation was counted") }
            let lines = second.output.split(separator: "\n").filter {
                $0.hasPrefix("allocations")
            }
            print(lines.joined(separator: "\n"))
            #expect(second.isPassed && !lines.isEmpty, "\(second.output.suffix(2_000))")
            return
        }
        for (name, venue) in Self.captures {
            let all = try messages(name, folder)
            let adapter = try adapter(venue)
            var block = EventBlock()
            let middle = all.count / 2
            _ = feed(Array(all[..<middle]), adapter, &block)
            let rest = Array(all[middle...])
            let start = AllocationCounter.calls ?? 0
            let used = feed(rest, adapter, &block)
            let made = (AllocationCounter.calls ?? 0) - start
            print("allocations \(name): \(made) in \(rest.count) messages, \(used) of them used")
            #expect(used > rest.count / 2)
            #if DEBUG
                print("allocations: a debug build makes some that release does not")
            #else
                #expect(made == 0)
            #endif
        }
        let own = AllocationCounter.calls ?? 0
        #expect(withExtendedLifetime([UInt8](repeating: 1, count: 999)) { $0.count } == 999)
        #expect((AllocationCounter.calls ?? 0) > own, "the counter counts nothing")
    }
}
