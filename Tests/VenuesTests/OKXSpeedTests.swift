import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

/// Prints a speed (nothing is asserted about it), and asserts that a message in the steady state
/// allocates nothing.
@Suite("OKX: speed and allocations", .serialized)
struct OKXSpeedTests {
    /// Socket messages of a recording, as the adapter gets them.
    private func messages() throws -> [[UInt8]]? {
        guard let folder = SharedData.folder else { return nil }
        let url = folder.appendingPathComponent("cryptofeed/okx_v5_20220227_30s.jsonl.zst")
        return try SharedFile.bytes(url).split(separator: 0x0a).compactMap { line in
            let record = try jsonObject(Array(line))
            guard record["t"] as? String == "recv" else { return nil }
            return (record["data"] as? String).map { Array($0.utf8) }
        }
    }

    /// Messages that a connection gets again and again: a mark price, an open interest, a sign of
    /// life of the connection.
    private static let others = [
        OKXBench.row(
            "mark-price", "UNI-USD-SWAP", "\"markPx\":\"9.6151\",\"ts\":\"1646003667000\""),
        OKXBench.row("open-interest", "UNI-USD-SWAP", "\"oi\":\"64419\",\"ts\":\"1646003667000\""),
        OKXBench.row("index-tickers", "UNI-USD", "\"idxPx\":\"9.61\",\"ts\":\"1646003667000\""),
        "pong",
    ].map { Array($0.utf8) }

    private func feed(
        _ messages: [[UInt8]], _ adapter: OKXAdapter, _ block: inout EventBlock
    ) {
        var now: Int64 = 1_646_003_667_000_000_000
        for message in messages {
            now += 1_000_000
            message.withUnsafeBufferPointer { text in
                _ = adapter.receive(text, origin: .socket, receivedAt: now, into: &block)
            }
            if block.count >= 1_024 { block.clear() }
        }
        block.clear()
    }

    /// The message as the venue writes it today.
    private func withoutChecksum(_ message: [UInt8]) -> [UInt8] {
        let text = String(decoding: message, as: UTF8.self)
        return Array(text.replacing(#/"checksum":-?[0-9]+/#, with: "\"checksum\":0").utf8)
    }

    private func measure(_ all: [[UInt8]], _ name: String) {
        var best = Double.infinity
        for _ in 0..<9 {
            let adapter = OKXAdapter(connection: 0, instruments: InstrumentTable())
            var block = EventBlock()
            let start = clock()
            feed(all, adapter, &block)
            best = min(best, Double(clock() - start) / Double(CLOCKS_PER_SEC))
        }
        let bytes = all.reduce(0) { $0 + $1.count }
        print(
            "throughput okx \(name): \(Int(Double(bytes) / 1e6 / best)) MB/s,",
            "\(Int(Double(all.count) / best / 1e3)) k messages/s (CPU time, best of 9)")
    }

    @Test("messages to events: MB/s and messages/s")
    func speed() throws {
        #if DEBUG
            print("SKIPPED: speed is measured in release only")
        #else
            guard let all = try messages() else { return }
            measure(all, "with checksums")
            measure(all.map(withoutChecksum), "without checksums")
        #endif
    }

    @Test("a message in the steady state allocates nothing")
    func allocations() throws {
        guard let all = try messages() else { return }
        guard AllocationCounter.calls != nil else {
            guard
                let second = try AllocationCounter.rerun(filter: "OKXSpeedTests/allocations")
            else { return print("SKIPPED: no C compiler, so no allocation was counted") }
            let line = second.output.split(separator: "\n").first { $0.hasPrefix("allocations") }
            print(line ?? "no count")
            #expect(second.isPassed && line != nil, "\(second.output.suffix(2_000))")
            return
        }
        let adapter = OKXAdapter(connection: 0, instruments: InstrumentTable())
        var block = EventBlock()
        let middle = all.count / 2
        let others = OKXSpeedTests.others
        let warm = AllocationCounter.calls ?? 0
        feed(Array(all[..<middle]) + others, adapter, &block)
        #expect((AllocationCounter.calls ?? 0) > warm, "the counter counts nothing")
        // The rest is what a connection brings in its course: no subscription, no snapshot.
        let rest = all[middle...].filter {
            let text = String(decoding: $0, as: UTF8.self)
            return !text.contains("\"event\"") && !text.contains("\"snapshot\"")
        }
        let measured = rest + others + others
        let before = AllocationCounter.calls ?? 0
        feed([], adapter, &block)
        let own = (AllocationCounter.calls ?? 0) - before
        let start = AllocationCounter.calls ?? 0
        feed(measured, adapter, &block)
        let made = (AllocationCounter.calls ?? 0) - start - own
        print("allocations: \(made) in \(measured.count) messages (the harness makes \(own))")
        #if DEBUG
            print("allocations: a debug build makes some that release does not")
        #else
            #expect(made == 0)
        #endif
    }
}
