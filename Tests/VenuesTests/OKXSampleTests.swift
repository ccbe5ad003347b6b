import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

@Suite("OKX: single messages of other projects")
struct OKXSampleTests {
    /// What a sample is, and what becomes of it on a connection that has seen nothing.
    private func outcome(_ object: Any, _ name: String) throws -> Outcome {
        let wrapped = (object as? [String: Any])?["message"] ?? object
        let data = try JSONSerialization.data(withJSONObject: wrapped)
        let bench = AdapterBench(.okx)
        let outcome = bench.feed(bytes: Array(data))
        #expect(bench.words.filter { $0.hasPrefix("rejected") }.count <= 1, "\(name)")
        return outcome
    }

    @Test("tardis-node: messages of v5 are explained, those of v3 are of an API that is gone")
    func tardis() throws {
        guard let folder = SharedData.folder else { return }
        var counts: [String: Int] = [:]
        for name in ["okex", "okex-swap", "okex-futures", "okex-options"] {
            let url = folder.appendingPathComponent("tardis-node/\(name).jsonl")
            for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
                let object = try jsonObject(Array(line.utf8))
                let outcome = try outcome(object, String(line))
                let isOld = object["table"] != nil
                // `liquidations` is a channel of the recorder, made from answers by REST.
                let isGenerated = line.contains("\"generated\"")
                #expect(
                    (outcome == .rejected(.unknownMessage)) == (isOld || isGenerated), "\(line)")
                if case .rejected = outcome, !isOld { #expect(isGenerated, "\(line)") }
                counts["\(outcome)", default: 0] += 1
            }
        }
        #expect(
            counts == [
                "rejected(Engine.RejectReason.unknownMessage)": 30, "used": 13,
                "unused(Venues.UnusedReason.subscriptionAnswer)": 2,
                "unused(Venues.UnusedReason.waitingForSnapshot)": 2,
                "unused(Venues.UnusedReason.bestBidAsk)": 3,
                "unused(Venues.UnusedReason.statistics)": 1,
                "unused(Venues.UnusedReason.indexOnly)": 7,
                "unused(Venues.UnusedReason.partialDepth)": 1,
                "unused(Venues.UnusedReason.notRecorded)": 2,
            ])
        print("tardis-node okex*: \(counts)")
    }

    @Test(
        "nautilus: shapes from the documentation",
        arguments: [
            ("ws_bbo_tbt", .unused(.partialDepth)), ("ws_books_snapshot", .used),
            ("ws_books_update", .unused(.waitingForSnapshot)), ("ws_candle", .unused(.candle)),
            ("ws_funding_rate", .used), ("ws_instruments", .unused(.instrumentList)),
            // The rows of a message without the message around them.
            ("ws_opt_summary", .rejected(.malformed)), ("ws_tickers", .unused(.bestBidAsk)),
            ("ws_trades", .used),
        ] as [(String, Outcome)])
    func nautilus(name: String, expected: Outcome) throws {
        guard let folder = SharedData.folder else { return }
        let url = folder.appendingPathComponent("nautilus/okx/\(name).json")
        let bench = AdapterBench(.okx)
        #expect(bench.feed(bytes: [UInt8](try Data(contentsOf: url))) == expected)
        // The documentation's levels are a part of those that its checksum is over.
        guard case .bookSnapshot(let event)? = bench.events.last else { return }
        #expect(event.flags == .checksumFailed)
    }

    @Test("every sample stands in the list of the nautilus test")
    func nautilusFiles() throws {
        guard let folder = SharedData.folder else { return }
        let files = try FileManager.default.contentsOfDirectory(
            atPath: folder.appendingPathComponent("nautilus/okx").path)
        #expect(files.count == 9)
    }
}
