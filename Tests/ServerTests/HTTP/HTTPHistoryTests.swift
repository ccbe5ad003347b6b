import Engine
import Foundation
import Journal
import Testing

@testable import Server

@Suite struct HTTPHistoryTests {
    @Test func `points of what retention left are given, also before a rollup is stored`()
        async throws
    {
        try await TestServer.with(steps: 240, segmentBytes: 4 << 10) { server in
            let client = try server.connect()
            let times = "from=1767571200&to=1767571400"
            func points() throws -> [String] {
                let answer = try client.ask("GET", "/api/replay?\(times)")
                #expect(answer.status == 200, "\(answer.text)")
                return answer.text.split(separator: "{").map(String.init)
            }
            let all = try points()
            #expect(try server.core.retain(segments: 1) == nil)
            let left = try points()
            #expect(left.count > 1 && left.count < all.count)
            // The head is the same object's.
            #expect(all.suffix(left.count - 2) == left.suffix(left.count - 2))
        }
    }

    private static let start = TestCore.start / 1_000_000_000

    /// All rollups of a log, folded from its first event.
    private static func folded(_ folder: String) throws -> [StoredRollup] {
        var all: [StoredRollup] = []
        try LogReader(directory: folder).forEachFoldedRollup(after: 0) { all.append($0) }
        return all
    }

    @Test func `points are the fold's rollups, stored or not, in every stretch`() async throws {
        var policy = SequencerPolicy()
        // Some are stored, and the last ones are in no block yet.
        policy.nanosPerCheckpoint = 4_000_000_000
        try await TestServer.with(steps: 41, policy: policy) { server in
            let all = try Self.folded(server.core.folder)
            #expect(all.count == 20)
            let client = try server.connect()
            var asked = 0
            for from in stride(from: -2, through: 24, by: 3) as StrideThrough<Int64> {
                for length in [0, 1, 2, 7, 30] as [Int64] {
                    let (first, end) = (Self.start + from, Self.start + from + length)
                    let response = try client.ask(
                        "GET", "/api/replay?from=\(first)&to=\(end)&symbol=BTC-USD")
                    let wanted = all.filter {
                        (first..<end).contains($0.time / 1_000_000_000)
                    }.map { String(decoding: $0.json, as: UTF8.self) }
                    #expect(
                        response.text == "{\"points\":[\(wanted.joined(separator: ","))],"
                            + "\"symbol\":\"BTC-USD\",\"step\":1,\"source\":\"simulated\"}")
                    asked += 1
                }
            }
            print("replay: \(asked) stretches equal the folded rollups")
        }
    }

    @Test func `a step gives its last point, the sum of ticks and the extremes`() async throws {
        try await TestServer.with(steps: 61) { server in
            let all = try Self.folded(server.core.folder)
            let from = Self.start, to = Self.start + 40
            let response = try server.connect().ask(
                "GET", "/api/replay?from=\(from)&to=\(to)&step=7")
            let points = response.json["points"] as? [[String: Any]] ?? []
            let groups = Dictionary(grouping: all) { $0.time / 7_000_000_000 }
            #expect(points.count == groups.count)
            for (point, key) in zip(points, groups.keys.sorted()) {
                let group = try groups[key]!.map {
                    try JSONSerialization.jsonObject(with: Data($0.json)) as! [String: Any]
                }
                func numbers(_ key: String) -> [Double] { group.compactMap { $0[key] as? Double } }
                let last = group.last!
                for field in ["t", "seq", "hhi", "mid", "binance_share", "latency_coinbase"] {
                    #expect(point[field] as? Double == last[field] as? Double, "\(field)")
                }
                #expect(point["n"] as? Double == numbers("n").reduce(0, +))
                #expect(point["mid_min"] as? Double == numbers("mid_min").min())
                #expect(point["mid_max"] as? Double == numbers("mid_max").max())
                #expect(point["spread_bps_min"] as? Double == numbers("spread_bps_min").min())
                #expect(point["spread_bps_max"] as? Double == numbers("spread_bps_max").max())
            }
        }
    }

    @Test(arguments: [
        ("", 400, "from missing"), ("?from=1767571200", 400, "to missing"),
        ("?from=1767571210&to=1767571200", 400, "to order"),
        ("?from=1767571200&to=1767657601", 400, "to span"),
        ("?from=x&to=1767571200", 400, "from time"),
        ("?from=1767571200&to=1767571260&step=0", 400, "step range"),
        ("?from=1767571200&to=1767571260&symbol=NO-USD", 404, "symbol unknown"),
    ])
    func `a stretch that cannot be meant is refused`(
        _ query: String, _ status: Int, _ refusal: String
    ) async throws {
        try await TestServer.with { server in
            let response = try server.connect().ask("GET", "/api/replay\(query)")
            #expect(response.status == status && response.refusal == refusal, "\(response.text)")
        }
    }

    @Test func `a state is the one that a fold from the first event reaches`() async throws {
        var policy = SequencerPolicy()
        policy.nanosPerCheckpoint = 2_000_000_000
        try await TestServer.with(steps: 20, policy: policy) { server in
            let client = try server.connect()
            let reader = LogReader(directory: server.core.folder)
            let last = try reader.bounds().upperBound
            for sequence in [1, 2, 7, last / 2, last] as [UInt64] {
                for levels in [0, 3, 50] {
                    var engine = Engine()
                    var outputs = OutputBuffer(wantsFrames: false)
                    try reader.forEachBlock(from: 1) { block throws(LogError) in
                        let end = min(block.count, Int(sequence + 1 - block.firstSequence))
                        try reader.apply(block, 0..<end, to: &engine, &outputs)
                        return engine.sequence < sequence
                    }
                    var wanted: [UInt8] = []
                    StateEncoder.append(engine, levels: levels, to: &wanted)
                    let query = levels == 50 ? "" : "&levels=\(levels)"
                    let response = try client.ask("GET", "/api/at?seq=\(sequence)\(query)")
                    #expect(response.status == 200 && response.body == wanted)
                    let time = engine.time
                    let byTime = try client.ask("GET", "/api/at?t=\(time)&levels=\(levels)")
                    #expect(byTime.status == 200)
                    let seen = (byTime.json["seq"] as? UInt64) ?? 0
                    #expect(seen >= sequence, "the last event of that time")
                }
            }
            for (query, status, refusal) in [
                ("", 400, "seq missing"), ("?seq=1&t=1767571201", 400, "seq conflict"),
                ("?seq=0", 400, "seq sequence"), ("?seq=\(last + 1)", 404, "seq outside"),
                ("?t=1", 404, "t outside"), ("?seq=1&levels=65537", 400, "levels range"),
            ] {
                let response = try client.ask("GET", "/api/at\(query)")
                #expect(response.status == status && response.refusal == refusal, "\(query)")
            }
        }
    }

    @Test func `a histogram counts every event once, and gaps where they were`() async throws {
        try await TestServer.with(steps: 9) { server in
            try server.core.record(
                .venueStatus(
                    VenueStatus(
                        .book(BookKey(instrument: 0, connection: 0), .invalid(.gap)))))
            try server.core.step(4)
            let first = TestCore.start
            let end = server.core.lastTime + 1
            let query = "from=\(TimeText.iso(first))&to=\(end)&buckets=5"
            let response = try server.connect().ask("GET", "/api/journal/histogram?\(query)")
            #expect(response.status == 200, "\(response.text)")
            let events = response.json["events"] as? [Int] ?? []
            let gaps = response.json["gaps"] as? [Int] ?? []
            #expect(events.count == 5 && gaps.count == 5)
            #expect(events.reduce(0, +) == Int(server.core.status.acceptedSequence))
            #expect(gaps.reduce(0, +) == 1 && gaps[3] == 1, "\(gaps)")
            #expect(response.json["alerts"] as? [Int] == [0, 0, 0, 0, 0])
        }
    }
}
