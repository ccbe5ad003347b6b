import Engine
import Foundation
import Journal
import Logging
import Synchronization
import Testing

@testable import Server

/// A recorded session on the live interface (`replay-tool play`, D.6).
@Suite struct HTTPPlayTests {
    /// Runs `body` against a player of a journal with `steps` ticks; on a thread of its own.
    private func with(
        steps: Int, packed: Bool = false, _ change: (inout PlayServer) -> Void = { _ in },
        _ body: @escaping @Sendable (_ folder: String, _ port: Int) throws -> Void
    ) async throws {
        let folder = TestServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var policy = SequencerPolicy()
        policy.nanosPerCheckpoint = 3_000_000_000
        try await TestServer.with(steps: steps, folder: folder, policy: policy) { _ in }
        if packed {
            let lock = try JournalLock(storage: FileStorage(directory: folder))
            let reader = JournalReader(directory: folder)
            for segment in try reader.listing().compactMap(\.info) where segment.state == .sealed {
                _ = try Repacking().run(
                    segment: segment.name, reader: reader, lock: lock, isCancelled: { false })
            }
        }
        var server = PlayServer(directory: folder)
        server.port = 0
        server.isPaused = true
        change(&server)
        let plan = server
        let isOver = Atomic(false)
        let address = AsyncStream.makeStream(of: String.self)
        async let ended: Void = plan.run(logger: Logger(label: "test")) { text in
            address.continuation.yield(text)
            address.continuation.finish()
        } until: {
            isOver.load(ordering: .relaxed)
        }
        for await text in address.stream {
            let port = Int(text.split(separator: ":").last ?? "") ?? 0
            defer { isOver.store(true, ordering: .relaxed) }
            try await onThread { try body(folder, port) }
        }
        isOver.store(true, ordering: .relaxed)
        try await ended
    }

    private static func tell(
        _ port: Int, _ body: String
    ) throws -> (status: Int, refusal: String, json: [String: Any]) {
        let client = try RawClient(port: port)
        defer { client.close() }
        let answer = try client.ask("POST", "/api/play", body: body)
        return (answer.status, answer.refusal, answer.json)
    }

    @Test func `a step plays one tick, and what is played again is the same again`() async throws {
        try await with(steps: 12) { folder, port in
            let log = try TestCore.frames(folder).map { String(decoding: $0, as: UTF8.self) }
            let client = try SocketClient(port: port)
            _ = try client.text()
            for tick in 0..<3 {
                let state = try Self.tell(port, #"{"action":"step"}"#)
                #expect(state.json["paused"] as? Bool == true)
                #expect(try client.text() == log[tick])
            }
            let third = TestCore.sequence(Array(log[2].utf8))
            _ = try Self.tell(port, #"{"action":"step","ticks":4}"#)
            #expect(try client.texts(4) == Array(log[3..<7]))

            // Back to behind the third one, and on.
            let back = try Self.tell(port, #"{"action":"seek","seq":\#(third)}"#)
            #expect(back.json["seq"] as? UInt64 == third)
            #expect(try client.text() == #"{"type":"moved","seq":\#(third)}"#)
            _ = try Self.tell(port, #"{"action":"play","speed":"max"}"#)
            #expect(try client.texts(9) == Array(log[3...]))
            let state = try RawClient(port: port).ask("GET", "/api/player").json
            #expect(state["ended"] as? Bool == true && state["speed"] as? String == "max")
        }
    }

    @Test func `the present is as far as was played`() async throws {
        try await with(steps: 12) { folder, port in
            let log = try TestCore.frames(folder)
            _ = try Self.tell(port, #"{"action":"step","ticks":5}"#)
            let here = TestCore.sequence(log[4])
            let client = try RawClient(port: port)
            #expect(try client.ask("GET", "/api/status").json["accepted_seq"] as? UInt64 == here)
            #expect(try client.ask("GET", "/api/at?seq=\(here)").status == 200)
            #expect(try client.ask("GET", "/api/at?seq=\(here + 1)").status == 404)
            let order = #"{"symbol":"BTC-USD","side":"buy","notional_usd":10000}"#
            let answer = try client.ask("POST", "/api/execute", body: order)
            var wanted: [UInt8] = []
            let engine = try LogReader(directory: folder).engine(after: here)
            try engine.execute(
                try ExecuteRoute.order(Array(order.utf8)), to: &wanted)
            #expect(answer.status == 200 && answer.body == wanted)

            // Who resumes gets what was played, and then what is played.
            let stream = try SocketClient(port: port, target: "/ws/stream?after=1")
            _ = try stream.text()
            #expect(try stream.texts(5).map { Array($0.utf8) } == Array(log[..<5]))
            _ = try Self.tell(port, #"{"action":"step","ticks":2}"#)
            #expect(try stream.texts(2).map { Array($0.utf8) } == Array(log[5..<7]))
            let late = try SocketClient(port: port, target: "/ws/stream?after=\(here + 999)")
            #expect(late.response?.refusal == "after outside")
        }
    }

    @Test(arguments: ["1000", "max"])
    func `at any speed every frame comes, once, in the bytes of the log`(
        _ speed: String
    ) async throws {
        try await with(steps: 400) { server in
            server.speed = speed
        } _: { folder, port in
            let log = try TestCore.frames(folder).map { String(decoding: $0, as: UTF8.self) }
            let client = try SocketClient(port: port)
            let depth = try SocketClient(port: port, target: "/ws/depth?step=5&levels=40")
            _ = try client.text()
            _ = try depth.text()
            _ = try Self.tell(port, #"{"action":"play"}"#)
            let read = try client.texts(400)
            #expect(read == log)
            let depths = try HTTPFeedTests.depths(folder).map(\.bytes)
            #expect(try (0..<400).map { _ in try depth.frame()?.payload } == depths)
        }
    }

    @Test func `a reader whose block is cut by the player goes on behind the cut`() async throws {
        // As in a re-packed journal: one block holds many ticks.
        try await with(steps: 300, packed: true) { folder, _ in
            let log = try TestCore.frames(folder)
            let horizon = Mutex<UInt64>(0)
            let player = LogPlayer(
                directory: folder,
                channel: StreamChannel(
                    symbol: Array("BTC-USD".utf8), topic: .frames(windowBps: 50)),
                first: 1, horizon: { horizon.withLock { $0 } })
            var read: [UInt64] = []
            horizon.withLock { $0 = TestCore.sequence(log[9]) }
            try player.open()
            // The player moves on by amounts that are no block's.
            for tick in stride(from: 9, to: 300, by: 37) {
                horizon.withLock { $0 = TestCore.sequence(log[tick]) }
                read += try player.step().frames.map(\.sequence)
                horizon.withLock { $0 = TestCore.sequence(log[min(299, tick + 20)]) }
                read += try player.step().frames.map(\.sequence)
            }
            horizon.withLock { $0 = .max }
            while true {
                let step = try player.step()
                read += step.frames.map(\.sequence)
                if step.endsAt != nil { break }
            }
            #expect(read == log.map(TestCore.sequence))
        }
    }

    @Test(arguments: [
        (#"{"action":"jump"}"#, 400, "action value"), ("{}", 400, "action value"),
        (#"{"action":"play","speed":0}"#, 400, "speed range"),
        (#"{"action":"pause","speed":1}"#, 400, "speed conflict"),
        (#"{"action":"step","ticks":0}"#, 400, "ticks range"),
        (#"{"action":"seek"}"#, 400, "seq conflict"),
        (#"{"action":"seek","seq":1,"t":2}"#, 400, "seq conflict"),
        (#"{"action":"seek","seq":99999}"#, 404, "seq outside"),
        (#"{"action":"seek","t":"soon"}"#, 400, "t time"),
        (#"{"action":"seek","t":1000000000}"#, 404, "t outside"),
        (#"{"action":"pause","colour":1}"#, 400, "colour unknown"), ("pause", 400, "- json"),
    ])
    func `what cannot be done is said`(
        _ body: String, _ status: Int, _ refusal: String
    ) async throws {
        try await with(steps: 2) { _, port in
            let answer = try Self.tell(port, body)
            #expect(answer.status == status && answer.refusal == refusal, "\(answer)")
        }
    }

    @Test func `a speed or a journal that is none ends the start`() async throws {
        var server = PlayServer(directory: TestServer.temporaryFolder())
        server.speed = "fast"
        let fast = server
        await #expect(throws: SettingError.self) {
            try await fast.run(logger: Logger(label: "test")) { _ in
            } until: {
                true
            }
        }
        server.speed = "1"
        let none = server
        await #expect(throws: LogError.self) {
            try await none.run(logger: Logger(label: "test")) { _ in
            } until: {
                true
            }
        }
    }
}
