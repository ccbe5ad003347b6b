import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

@Suite("Bybit: recordings and messages of other projects")
struct BybitCaptureTests {
    private static let linear = "bybit_v5_linear_20260809_BTC_SOL_42s"

    /// Connection and text of every message that came by a socket.
    private func messages(_ name: String) throws -> [(connection: String, text: String)] {
        guard let folder = SharedData.folder else { return [] }
        let bytes = try SharedFile.bytes(
            folder.appendingPathComponent("cryptofeed/\(name).jsonl.zst"))
        return try bytes.split(separator: 0x0a).compactMap { line in
            let record = try jsonObject(Array(line))
            guard record["t"] as? String == "recv" else { return nil }
            return (
                try #require(record["conn"] as? String), try #require(record["data"] as? String)
            )
        }
    }

    @Test("a recording has the reference's snapshots, and nothing falls out unsaid")
    func counts() throws {
        guard let folder = SharedData.folder else { return }
        for name in ReferenceTests.bybit {
            let expected = try SharedFile.json(
                folder.appendingPathComponent("expected/\(name).json"))
            let run = CaptureRun()
            try run.read(folder.appendingPathComponent("cryptofeed/\(name).jsonl.zst"))
            #expect(run.messages == (expected["messages"] as? Int ?? -1) + (run.requests))
            let symbols = try #require(expected["symbols"] as? [String: [String: Any]])
            for (symbol, values) in symbols {
                let book = try #require(run.book(symbol))
                #expect(book.snapshots == values["snapshots"] as? Int, "\(symbol)")
                // The venue itself deletes what falls out of its depth: our cut says nothing more.
                #expect(book.levelsApplied == values["levels_applied"] as? Int, "\(symbol)")
                #expect(book.statuses == [], "\(symbol)")
                #expect(book.snapshotFlags == [.bidsCut, .asksCut])
            }
        }
    }

    @Test("tickers give what a plain merge of the recording gives")
    func tickers() throws {
        let bench = AdapterBench(.bybit, market: .linear)
        var merged: [String: [String: String]] = [:]
        var said: [String: [String]] = [:]
        var counts: [String: Int] = [:]
        for (connection, text) in try messages(BybitCaptureTests.linear)
        where connection == "BYBIT.ws.2" {
            _ = bench.feed(text)
            let object = try jsonObject(Array(text.utf8))
            guard let topic = object["topic"] as? String, topic.hasPrefix("tickers.") else {
                continue
            }
            let data = try #require(object["data"] as? [String: String])
            var all = object["type"] as? String == "snapshot" ? [:] : merged[topic] ?? [:]
            all.merge(data) { $1 }
            merged[topic] = all
            let groups = [
                ["markPrice", "indexPrice"], ["fundingRate", "nextFundingTime"],
                ["singleOpenInterest"],
            ].map { keys in keys.map { normal(all[$0] ?? "") }.joined(separator: " ") }
            let before = said[topic] ?? ["", "", ""]
            said[topic] = groups
            let expected = groups.indices.filter { groups[$0] != before[$0] }.map { groups[$0] }
            let events = bench.events.compactMap(text(of:))
            #expect(events == expected, "\(text)")
            for event in events { counts["\(event.split(separator: " ").count)", default: 0] += 1 }
        }
        guard SharedData.folder != nil else { return }
        #expect(merged.count == 2)
        print("bybit tickers: \(counts), \(said)")
        #expect(counts["2"] ?? 0 > 100 && counts["1"] ?? 0 > 5)
    }

    /// A number without zeros at its end, another text as it is.
    private func normal(_ text: String) -> String {
        guard let value = try? DecimalText.parse(Array(text.utf8)) else { return text }
        return plain(value.mantissa, value.exponent)
    }

    private func plain(_ mantissa: Int64, _ exponent: UInt8) -> String {
        var bytes: [UInt8] = []
        DecimalText.append(Int128(mantissa), exponent: Int(exponent), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// An event in the words of the wire.
    private func text(of body: EventBody) -> String? {
        switch body {
        case .markPrice(let event):
            let mark = plain(event.mark.mantissa, event.mark.exponent)
            return mark + " " + plain(event.index.mantissa, event.index.exponent)
        case .funding(let event):
            let rate = plain(event.rate.mantissa, event.rate.exponent)
            return rate + " \(event.nextTime / 1_000_000)"
        case .openInterest(let event): return plain(event.size.mantissa, event.size.exponent)
        default: return nil
        }
    }

    @Test("single messages of other projects are explained; older interfaces are refused")
    func singleMessages() throws {
        guard let folder = SharedData.folder else { return }
        func lines(_ name: String) throws -> [String] {
            try String(
                contentsOf: folder.appendingPathComponent("tardis-node/\(name).jsonl"),
                encoding: .utf8
            ).split(separator: "\n").map(String.init)
        }
        let spot = AdapterBench(.bybit, market: .spot)
        let older = Outcome.rejected(.unknownMessage)
        #expect(
            try lines("bybit-spot").map { spot.feed($0) }
                // `depth`, `trade` and `bookTicker` are topics of the interface before v5.
                == [older, older, older, older, .used, .used, .used])
        let linear = AdapterBench(.bybit, market: .linear)
        for line in try lines("bybit") {
            let outcome = linear.feed(line)
            let object = try jsonObject(Array(line.utf8))
            let topic = object["topic"] as? String ?? ""
            let isOlder =
                object["timestamp_e6"] != nil || object["timestampE6"] != nil
                || topic.hasPrefix("trade.")
            if isOlder {
                #expect(outcome == older, "\(line)")
            } else if topic.hasPrefix("liquidation."), object["type"] == nil {
                // The object of v5 names its fields otherwise (`size`, `updatedTime`).
                #expect(outcome == .rejected(.missingField), "\(line)")
            } else if topic.isEmpty {
                #expect(outcome == .unused(.subscriptionAnswer))
            } else if object["type"] as? String == "delta" {
                // The book stands at a snapshot of a later day.
                #expect(outcome == .unused(.duplicate))
            } else {
                #expect(outcome == .used, "\(line)")
            }
        }
        let base = folder.appendingPathComponent("nautilus/bybit")
        let expected: [String: Outcome] = [
            "ws_kline.json": .unused(.candle), "ws_orderbook_snapshot.json": .used,
            "ws_orderbook_delta.json": .used, "ws_ticker_linear.json": .used,
            // Its topic `trade.linear.BTCUSDT` is none of v5.
            "ws_public_trade.json": older,
        ]
        let bench = AdapterBench(.bybit, market: .linear)
        for (name, outcome) in expected.sorted(by: { $0.key > $1.key }) {
            let url = base.appendingPathComponent(name)
            let text = try String(contentsOf: url, encoding: .utf8)
            #expect(bench.feed(text) == outcome, "\(name)")
        }
        let option = AdapterBench(.bybit, market: .option)
        let url = base.appendingPathComponent("ws_ticker_option.json")
        #expect(
            option.feed(try String(contentsOf: url, encoding: .utf8)) == .unused(.notRecorded))
    }
}

extension CaptureRun {
    /// Answers to requests among the messages.
    fileprivate var requests: Int { outcomes["unused(Venues.UnusedReason.instrumentList)"] ?? 0 }
}
