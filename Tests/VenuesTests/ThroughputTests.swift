import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

/// Prints speeds (nothing is asserted about them), and asserts that a message in the steady state
/// allocates nothing. Speeds mean something in release only.
@Suite("Speed and allocations", .serialized)
struct ThroughputTests {
    /// Messages of a recording, as the adapter gets them.
    private func messages(_ url: URL) throws -> [[UInt8]] {
        try SharedFile.bytes(url).split(separator: 0x0a).map { line in
            Array(line[(line.firstIndex(of: 0x20)! + 1)...])
        }
    }

    private func feed(
        _ messages: [[UInt8]], _ adapter: BinanceAdapter, _ block: inout EventBlock
    ) -> (levels: Int, bytes: Int) {
        var levels = 0
        var bytes = 0
        let symbol = adapter.venue == .binanceCoinM ? "BTCUSD_PERP" : "BTCUSDT"
        let query = Array("?symbol=\(symbol)".utf8)
        var now: Int64 = 1_723_161_253_000_000_000
        for message in messages {
            now += 1_000_000
            let isSnapshot = message[2] == 0x6c
            message.withUnsafeBufferPointer { text in
                query.withUnsafeBufferPointer { query in
                    _ = adapter.receive(
                        text, origin: isSnapshot ? .rest(query) : .socket, receivedAt: now,
                        into: &block)
                }
            }
            bytes += message.count
            if block.count >= 1_024 {
                levels += block.levels.count
                block.clear()
            }
        }
        levels += block.levels.count
        block.clear()
        return (levels, bytes)
    }

    @Test("messages to events: MB/s, level updates/s and allocations a message")
    func speed() throws {
        #if DEBUG
            return print("SKIPPED: speed is measured in release only")
        #else
            try measureAll()
        #endif
    }

    private func measureAll() throws {
        guard let folder = SharedData.folder else { return }
        for (name, venue) in [
            ("binance_usdm_btcusdt_20240808_1", Venue.binanceUSDM),
            ("binance_coinm_btcusd_perp_20240808_1", .binanceCoinM),
            ("binance_spot_btcusdt_20240808_1", .binance),
        ] {
            let all = try messages(folder.appendingPathComponent("hftbacktest/\(name).txt.zst"))
            measure("\(name), all messages", all, venue)
            let books = all.filter { message in
                message.withUnsafeBufferPointer {
                    message[2] == 0x6c || ByteText.find("depthUpdate", in: $0) != nil
                }
            }
            measure("\(name), deltas alone", books, venue)
        }
    }

    private func measure(_ name: String, _ all: [[UInt8]], _ venue: Venue) {
        let runs = 5
        var best = Double.infinity
        var totals = (levels: 0, bytes: 0)
        for _ in 0..<runs {
            let adapter = BinanceAdapter(
                venue: venue, connection: 0, instruments: InstrumentTable())
            var block = EventBlock()
            let start = clock()
            totals = feed(all, adapter, &block)
            best = min(best, Double(clock() - start) / Double(CLOCKS_PER_SEC))
        }
        let megabytes = Double(totals.bytes) / 1e6 / best
        let updates = Double(totals.levels) / 1e6 / best
        print(
            "throughput \(name): \(Int(megabytes)) MB/s,",
            "\(Int(updates * 10) / 10).\(Int(updates * 10) % 10) M level updates/s,",
            "\(Int(Double(all.count) / best / 1e3)) k messages/s (CPU time, best of \(runs))")
    }

    @Test("reading level rows")
    func levelRows() throws {
        guard let folder = SharedData.folder else { return }
        let text = try SharedFile.bytes(
            folder.appendingPathComponent("l2-csv/binance_btc_3markets_20240808_l2.csv.zst"))
        let start = clock()
        var levels = 0
        var rows = 0
        var rejected = 0
        text.withUnsafeBufferPointer { text in
            let reader = CaptureReader(format: .levelCSV, session: CaptureSession())
            rows = text.count { $0 == 0x0a } - 1
            var block = EventBlock()
            var at = 0
            while at < text.count {
                let end = ByteText.find(0x0a, in: text, from: at) ?? text.count
                if let record = reader.push(ByteText.slice(text, at, end)) {
                    if case .rejected = reader.apply(record, into: &block) { rejected += 1 }
                    levels += block.levels.count
                    block.clear()
                }
                at = end + 1
            }
        }
        let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
        #expect(rejected == 0)
        // Every row is one level, except those of the last message, which nothing completed.
        #expect(levels <= rows && levels > rows * 99 / 100, "\(levels) levels of \(rows) rows")
        print(
            "throughput level CSV: \(Int(Double(text.count) / 1e6 / seconds)) MB/s,",
            "\(Int(Double(levels) / 1e5 / seconds)) x 0.1 M rows/s")
    }

    @Test("a message in the steady state allocates nothing")
    func allocations() throws {
        guard let folder = SharedData.folder else { return }
        guard AllocationCounter.calls != nil else {
            guard let second = try AllocationCounter.rerun(filter: "ThroughputTests/allocations")
            else { return print("SKIPPED: no C compiler, so no allocation was counted") }
            let line = second.output.split(separator: "\n").first { $0.hasPrefix("allocations") }
            print(line ?? "no count")
            #expect(second.isPassed && line != nil, "\(second.output.suffix(2_000))")
            return
        }
        let all = try messages(
            folder.appendingPathComponent("hftbacktest/binance_usdm_btcusdt_20240808_1.txt.zst"))
        let adapter = BinanceAdapter(
            venue: .binanceUSDM, connection: 0, instruments: InstrumentTable())
        var block = EventBlock()
        // Warm: half of the recording, and then the measured part's neighbour.
        let middle = all.count / 2
        _ = feed(Array(all[..<middle]), adapter, &block)
        let rest = Array(all[middle..<middle + middle / 2])
        let before = AllocationCounter.calls ?? 0
        _ = feed([], adapter, &block)
        let own = (AllocationCounter.calls ?? 0) - before
        let start = AllocationCounter.calls ?? 0
        _ = feed(rest, adapter, &block)
        let made = (AllocationCounter.calls ?? 0) - start - own
        print("allocations: \(made) in \(rest.count) messages (the harness itself makes \(own))")
        #expect(own > 0, "the counter counts nothing")
        #if DEBUG
            print("allocations: a debug build makes some that release does not")
        #else
            #expect(made == 0)
        #endif
    }
}
