import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

/// Every recording with a reference result: the books that follow from our
/// events equal the reference in every count, in the best ten levels and in the trace of the best
/// five after each update.
@Suite("Recordings give the reference's books")
struct ReferenceTests {
    static let names = binance + coinbase + kraken + okx + bybit
    static let binance = [
        "binance_coinm_20210722_10sym_30s", "binance_coinm_btcusd_perp_20240808",
        "binance_spot_20210405_10sym_120s", "binance_spot_20211012_4sym_30s",
        "binance_spot_btcusdt_20240808", "binance_us_20210405_10sym_120s",
        "binance_usdm_20210405_5sym_120s", "binance_usdm_btcusdt_20240808",
    ]
    static let coinbase = [
        "coinbase_advanced_20260809_first600", "coinbase_exchange_20210417_A_30s",
    ]
    static let kraken = [
        "kraken_futures_v1_20210722_30s", "kraken_v1_20210405_10sym_120s",
        "kraken_v2_btcusd_20260801_short", "kraken_v2_btcusd_20260802",
    ]
    /// Levels a side that the venue keeps, where it cuts its books.
    static let depths = [
        "kraken_v1_20210405_10sym_120s": 1_000, "kraken_v2_btcusd_20260801_short": 10,
        "kraken_v2_btcusd_20260802": 25,
    ]
    static let okx = ["okx_v5_20220227_30s", "okx_v5_20220513_11s"]
    static let bybit = [
        "bybit_v5_l1_20250613_29s", "bybit_v5_linear_20260809_BTC_SOL_42s",
    ]

    @Test("books, trades, tickers and traces equal the reference", arguments: names)
    func equalsReference(name: String) throws {
        guard let folder = SharedData.folder else { return }
        let expected = try SharedFile.json(
            folder.appendingPathComponent("expected/\(name).json"))
        let run = CaptureRun(depth: ReferenceTests.depths[name] ?? .max)
        for file in try #require(expected["files"] as? [String]) {
            let parents = ["hftbacktest", "cryptofeed", "crossbook"]
            let url = parents.map { folder.appendingPathComponent("\($0)/\(file)") }
                .first { FileManager.default.fileExists(atPath: $0.path) }
            try run.read(try #require(url))
        }
        #expect(run.rejections.isEmpty, "\(run.rejections)")
        #expect(run.rejected.isEmpty)
        var books = 0
        var updates = 0
        let symbols = try #require(expected["symbols"] as? [String: [String: Any]])
        for (symbol, values) in symbols.sorted(by: { $0.key < $1.key })
        where values["synced"] as? Bool == true {
            let book = try #require(run.book(symbol), "\(symbol) has no book")
            compare(book, values, symbol)
            #expect(run.trades(symbol) == values["trades"] as? Int, "\(symbol)")
            books += 1
            updates += book.messagesApplied
        }
        print("reference \(name): \(books) books, \(updates) updates equal; \(run.outcomes)")
    }

    private func compare(_ book: PlainBook, _ values: [String: Any], _ symbol: String) {
        func number(_ key: String) -> Int { values[key] as? Int ?? -1 }
        let counts = book.touchCounts
        #expect(book.messagesApplied == number("messages_applied"), "\(symbol)")
        // A book of limited depth also says which levels fell out of it: no message named those.
        let named = book.levelsApplied - book.levelsFallen
        #expect(named == number("levels_applied"), "\(symbol)")
        #expect(book.checksumsPassed == number("checksums_passed"), "\(symbol)")
        #expect(book.checksumsFailed == number("checksums_failed"), "\(symbol)")
        #expect(book.snapshots >= number("snapshots"), "\(symbol)")
        #expect(book.gaps == number("sequence_gaps"), "\(symbol)")
        #expect(book.crossed == number("crossed_after_apply"), "\(symbol)")
        #expect(book.validity == .live, "\(symbol)")
        #expect(counts.matches == number("ticker_bbo_matches"), "\(symbol)")
        #expect(counts.mismatches == number("ticker_bbo_mismatches"), "\(symbol)")
        if values["snapshot_id"] is Int { #expect(Int(book.snapshotID) == number("snapshot_id")) }
        if values["last_id"] is Int { #expect(Int(book.lastID) == number("last_id")) }
        if let first = values["first_applied"] as? [String: Any] {
            #expect(book.firstApplied.map { Int($0.first) } == first["U"] as? Int)
            #expect(book.firstApplied.map { Int($0.last) } == first["u"] as? Int)
        }
        #expect(
            [book.bids.levels.count, book.asks.levels.count] == values["final_levels"] as? [Int])
        #expect(book.topText(book.bids) == SharedFile.trimmed(values["bids_top10"]), "\(symbol)")
        #expect(book.topText(book.asks) == SharedFile.trimmed(values["asks_top10"]), "\(symbol)")
        #expect(book.traceDigest == values["trace_sha256"] as? String, "\(symbol)")
        print(
            "  \(symbol): \(book.messagesApplied) updates, \(book.levelsApplied) levels,",
            "\(book.trades) trades, tickers \(counts.matches)/\(counts.mismatches),",
            "trace \(book.traceDigest.prefix(12))")
    }
}
