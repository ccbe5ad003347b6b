import Engine
import Foundation
import Journal
import Testing

@testable import Server

/// `/api/metrics`: a venue's book metrics over a stretch of the log (S1.6).
@Suite struct HTTPMetricsTests {
    private static let start = TestCore.start / 1_000_000_000

    private static func time(_ point: [UInt8]) -> Double {
        let object = try? JSONSerialization.jsonObject(with: Data(point)) as? [String: Any]
        return Double(TimeText.nanos(object?["ts"] as? String ?? "") ?? 0) / 1e9
    }

    @Test func `points are the last tick of each step, in every stretch`() async throws {
        var policy = SequencerPolicy()
        policy.nanosPerCheckpoint = 4_000_000_000
        try await TestServer.with(steps: 41, policy: policy) { server in
            let all = try HTTPFeedTests.books(server.core.folder, venue: .coinbase, levels: nil)
            #expect(all.count == 41)
            let client = try server.connect()
            for step in [1, 2, 7] {
                for from in stride(from: -2, through: 24, by: 4) as StrideThrough<Int64> {
                    for length in [0, 1, 5, 40] as [Int64] {
                        let (first, end) = (Self.start + from, Self.start + from + length)
                        var wanted: [Int: [UInt8]] = [:]
                        for (_, point) in all {
                            let time = Self.time(point)
                            guard time >= Double(first), time < Double(end) else { continue }
                            wanted[Int(time) / step] = point
                        }
                        let points = wanted.sorted { $0.key < $1.key }.map {
                            String(decoding: $0.value, as: UTF8.self)
                        }
                        let response = try client.ask(
                            "GET",
                            "/api/metrics?venue=coinbase&from=\(first)&to=\(end)&step=\(step)")
                        #expect(
                            response.text == "{\"points\":[\(points.joined(separator: ","))],"
                                + "\"symbol\":\"BTC-USD\",\"venue\":\"coinbase\",\"step\":\(step),"
                                + "\"source\":\"simulated\"}")
                    }
                }
            }
        }
    }

    @Test(arguments: [
        ("from=1&to=2", 400, "venue missing"),
        ("venue=okx&from=1&to=2", 404, "venue unknown"),
        ("venue=binance&to=2", 400, "from missing"),
        ("venue=binance&from=2&to=1", 400, "to order"),
        ("venue=binance&from=1&to=90000", 400, "to span"),
        ("venue=binance&from=0&to=80000", 400, "step points"),
        ("venue=binance&from=1&to=2&step=0", 400, "step range"),
    ])
    func `what is wrong is said`(
        _ query: String, _ status: Int, _ refusal: String
    ) async throws {
        try await TestServer.with { server in
            let response = try server.connect().ask("GET", "/api/metrics?\(query)")
            #expect(response.status == status && response.refusal == refusal, "\(response.text)")
        }
    }
}
