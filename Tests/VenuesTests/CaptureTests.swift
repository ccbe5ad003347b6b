import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

@Suite("Formats of recordings")
struct CaptureTests {
    private func file(_ path: String) -> URL? {
        SharedData.folder?.appendingPathComponent(path)
    }

    @Test("a format is told from the first bytes")
    func recognition() {
        func recognise(_ text: String) -> CaptureFormat? {
            Array(text.utf8).withUnsafeBufferPointer { CaptureFormat.recognise($0) }
        }
        #expect(recognise("{\"t\":\"header\",\"format\":2}\n") == .jsonLines)
        #expect(recognise("1723161256172216566 {\"stream\":1}\n") == .receivedLines)
        #expect(
            recognise("exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\r\n")
                == .levelCSV)
        #expect(recognise("# report\n\nTimestampOfReceive,Stream\n") == .binanceCSV)
        #expect(recognise("# Unfazed Binance Data Processor\n") == .binanceCSV)
        #expect(recognise("") == nil)
        #expect(recognise("hello world\n") == nil)
        #expect(recognise("{\"data\":1}\n") == nil)
    }

    @Test("only socket and REST records are messages, and their times are exact")
    func records() throws {
        let reader = CaptureReader(format: .jsonLines, session: CaptureSession())
        func push(_ text: String) -> CaptureRecord? {
            Array(text.utf8).withUnsafeBufferPointer { reader.push($0) }
        }
        var block = EventBlock()
        let header = try #require(
            push("{\"t\":\"header\",\"exchange\":\"BINANCE\",\"recorded\":1}"))
        #expect(!header.isMessage)
        #expect(reader.apply(header, into: &block) == .unused(.recorderLine))
        let connect = try #require(
            push(
                "{\"t\":\"connect\",\"conn\":\"a\",\"ts\":1617647602.6,\"addr\":"
                    + "\"wss://stream.binance.us:9443/stream\"}"))
        #expect(!connect.isMessage)
        _ = reader.apply(connect, into: &block)
        #expect(block.count == 0)
        let message = try #require(
            push(
                "{\"t\":\"recv\",\"conn\":\"a\",\"ts\":1617647603.4249449,\"data\":"
                    + "\"{\\\"result\\\":null,\\\"id\\\":1}\"}"))
        #expect(message == CaptureRecord(receivedAt: 1_617_647_603_424_944_900, isMessage: true))
        #expect(reader.apply(message, into: &block) == .unused(.subscriptionAnswer))
        guard case .venueStatus(let status) = try block.event(at: 0).body else {
            return #expect(Bool(false))
        }
        #expect(status.subject == .connection(0, .binanceUS, name: [0x61], .up))
        let broken = try #require(push("{\"t\":\"recv\",\"conn\":"))
        #expect(broken == CaptureRecord(receivedAt: message.receivedAt, isMessage: true))
        #expect(reader.apply(broken, into: &block) == .rejected(.malformed))
    }

    @Test("a connection that is opened again loses its books first")
    func reopened() throws {
        let run = CaptureRun()
        func record(_ type: String, _ rest: String) -> String {
            "{\"t\":\"\(type)\",\"conn\":\"a\",\"ts\":1617647602.6,\(rest)}\n"
        }
        let connect = record("connect", "\"addr\":\"wss://ws-feed.pro.coinbase.com\"")
        let snapshot = record(
            "recv",
            "\"data\":\"{\\\"type\\\":\\\"snapshot\\\",\\\"product_id\\\":\\\"BTC-USD\\\","
                + "\\\"bids\\\":[],\\\"asks\\\":[]}\"")
        try run.read(bytes: Array((connect + snapshot + connect + snapshot).utf8))
        let book = try #require(run.book("BTC-USD"))
        #expect(book.statuses == [.empty])
        #expect(book.snapshots == 2)
    }

    @Test("level rows give the three books of the frames that they came from")
    func levelCSV() throws {
        guard let url = file("l2-csv/binance_btc_3markets_20240808_l2.csv.zst") else { return }
        let run = CaptureRun()
        try run.read(url)
        #expect(run.rejections.isEmpty)
        let pairs = [
            (Venue.binance, "BTCUSDT", "binance_spot_btcusdt_20240808"),
            (.binanceCoinM, "BTCUSD_PERP", "binance_coinm_btcusd_perp_20240808"),
            (.binanceUSDM, "BTCUSDT", "binance_usdm_btcusdt_20240808"),
        ]
        var levels = 0
        for (venue, symbol, name) in pairs {
            let key = try #require(
                run.books.keys.first {
                    run.symbols[BookKey(rawValue: $0).instrument].map {
                        $0.venue == venue && $0.symbol == symbol
                    } == true
                })
            let book = try #require(run.books[key])
            let values = try SharedFile.json(try #require(file("expected/\(name).json")))
            let symbols = try #require(values["symbols"] as? [String: [String: Any]])
            let expected = try #require(symbols[symbol])
            #expect(book.validity == .live)
            #expect(book.levelsApplied == expected["levels_applied"] as? Int)
            #expect(
                [book.bids.levels.count, book.asks.levels.count] == expected["final_levels"]
                    as? [Int])
            #expect(book.topText(book.bids) == SharedFile.trimmed(expected["bids_top10"]))
            #expect(book.topText(book.asks) == SharedFile.trimmed(expected["asks_top10"]))
            levels += book.levelsApplied
        }
        print("level CSV: \(run.messages) messages, \(levels) levels, \(run.outcomes)")
    }

    @Test("per-level files of Binance: the undamaged ones have no gap and no rejected message")
    func binanceCSV() throws {
        guard let folder = SharedData.folder else { return }
        let base = folder.appendingPathComponent("binance-processor")
        let merged = "merged_depth_snapshot_difference_depth_stream_trade_stream_usd_m_futures"
        for name in [
            "positive_difference_depth_stream_coin_m_futures_trxusd_perp_04-03-2025",
            "positive_difference_depth_stream_usd_m_futures_trxusdt_04-03-2025",
            "positive_trade_stream_coin_m_futures_trxusd_perp_04-03-2025",
            "positive_trade_stream_usd_m_futures_trxusdt_04-03-2025",
            "positive_depth_snapshot_spot_btcusdt_14-04-2025",
            "\(merged)_trxusdt_14-04-2025_positive",
        ] {
            let run = CaptureRun()
            try run.read(base.appendingPathComponent("\(name).csv.zst"))
            #expect(run.rejections.isEmpty, "\(name)")
            #expect(run.books.values.allSatisfy { $0.gaps == 0 }, "\(name)")
            print("\(name): \(run.messages) messages, \(run.skippedLines) skipped, \(run.outcomes)")
            if name.hasPrefix("merged") {
                let book = try #require(run.book("TRXUSDT"))
                #expect(book.messagesApplied == 155)
                #expect(book.validity == .live)
                #expect(book.crossed == 0)
            }
            if name.contains("snapshot_spot") {
                #expect(try #require(run.book("BTCUSDT")).snapshots == 2)
            }
        }
    }

    @Test("damaged twins end in rejected messages, gaps and invalid books, never silently")
    func damaged() throws {
        guard let folder = SharedData.folder else { return }
        let base = folder.appendingPathComponent("binance-processor")
        func run(_ name: String) throws -> CaptureRun {
            let run = CaptureRun()
            try run.read(base.appendingPathComponent("\(name).csv.zst"))
            let gaps = run.books.values.reduce(0) { $0 + $1.gaps }
            let reasons = run.rejected.map { "\($0.reason)" }
            print("\(name): \(run.outcomes), gaps \(gaps), rejected \(reasons)")
            return run
        }
        let coin = try run("negative_difference_depth_stream_coin_m_futures_trxusd_perp_04-03-2025")
        #expect(coin.rejected.map(\.reason) == [.outOfRange, .badNumber, .outOfRange])
        let trades = try run("negative_trade_stream_usd_m_futures_trxusdt_04-03-2025")
        #expect(trades.rejected.map(\.reason) == [.outOfRange])
        #expect(trades.book("TRXUSDT")?.trades == 9_998)
        let twice = try run("negative_trade_stream_coin_m_futures_trxusd_perp_04-03-2025")
        #expect(twice.outcomes["unused(Venues.UnusedReason.duplicate)"] == 1)
        #expect(twice.book("TRXUSD_PERP")?.trades == 9_999)
        _ = try run("negative_difference_depth_stream_usd_m_futures_trxusdt_04-03-2025")
        let merged = try run(
            "merged_depth_snapshot_difference_depth_stream_trade_stream_usd_m_futures_trxusdt_"
                + "14-04-2025_negative")
        let book = try #require(merged.book("TRXUSDT"))
        #expect(book.gaps + merged.rejected.count + book.crossed > 0)
    }

    @Test("recordings without a snapshot stay out of sync, without a gap and without a book")
    func neverInSync() throws {
        guard let folder = SharedData.folder else { return }
        for (name, marks) in [
            ("binance_usdm_btcusdt_20230405_markprice_nosnapshot", 415),
            ("binance_usdm_btcusdt_20240719_nosnapshot", 0),
        ] {
            let run = CaptureRun()
            try run.read(folder.appendingPathComponent("hftbacktest/\(name).txt.zst"))
            let book = try #require(run.book("BTCUSDT"))
            #expect(run.rejections.isEmpty)
            #expect(book.snapshots == 0)
            #expect(book.messagesApplied == 0)
            #expect(book.gaps == 0)
            #expect(run.events[EventKind.markPrice.rawValue] ?? 0 == marks)
            #expect(run.events[EventKind.funding.rawValue] ?? 0 == marks)
            print("\(name): \(run.messages) messages, \(run.outcomes)")
        }
    }

    @Test("single messages of other projects are all explained")
    func singleMessages() throws {
        guard let folder = SharedData.folder else { return }
        let files: [(String, Venue)] = [
            ("binance", .binance), ("binance-futures", .binanceUSDM),
            ("binance-delivery", .binanceCoinM), ("coinbase", .coinbase),
        ]
        for (name, venue) in files {
            let url = folder.appendingPathComponent("tardis-node/\(name).jsonl")
            let bench = AdapterBench(venue)
            for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
                let outcome = bench.feed(String(line))
                if case .rejected = outcome { #expect(Bool(false), "\(name): \(line)") }
            }
        }
        for (name, venue) in [("binance", Venue.binanceUSDM), ("coinbase", .coinbase)] {
            let base = folder.appendingPathComponent("nautilus/\(name)")
            let bench = AdapterBench(venue)
            for url in try FileManager.default.contentsOfDirectory(
                at: base, includingPropertiesForKeys: nil
            ).sorted(by: { $0.path < $1.path }) {
                let text = try String(contentsOf: url, encoding: .utf8)
                let outcome = bench.feed(text)
                // The example of a trade lacks nothing; the one of a book ticker has a time.
                if case .rejected = outcome { #expect(Bool(false), "\(url.lastPathComponent)") }
            }
        }
    }
}
