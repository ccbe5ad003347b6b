import Engine
import Foundation
import Journal
import NIOCore
import NIOPosix
import Testing

@testable import Server

@Suite struct HTTPResumeTests {
    private static func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

    @Test func `a stream is resumed across a stop, each frame exactly once`() async throws {
        let folder = TestServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let seen = try await TestServer.with(steps: 2, folder: folder) { server in
            let client = try SocketClient(port: server.port)
            _ = try client.text()
            try server.until("the stream follows") { server.hub.followerCount == 1 }
            try server.core.step(7)
            let seen = Self.bytes(try client.texts(5))
            // Two frames are on their way when the line breaks.
            client.raw.reset()
            return seen
        }
        let last = TestCore.sequence(seen[4])
        let resumed = try await TestServer.with(steps: 6, folder: folder) { server in
            let client = try SocketClient(port: server.port, target: "/ws/stream?after=\(last)")
            #expect(try client.text()?.contains(#""type":"hello""#) == true)
            var frames = Self.bytes(try client.texts(8))
            try server.core.step(4)
            frames += Self.bytes(try client.texts(4))
            return frames
        }
        // The first two frames came before the first stream began.
        #expect(seen + resumed == Array(try TestCore.frames(folder).dropFirst(2)))
    }

    @Test func `streams that join in the middle of a storm miss nothing`() async throws {
        try await TestServer.with(steps: 40) { server in
            let before = try TestCore.frames(server.core.folder)
            let stepper = Thread { for _ in 0..<150 { try? server.core.step() } }
            stepper.start()
            let collected = Collected()
            let readers = (0..<12).map { number in
                Thread {
                    collected.add(number) {
                        let after = number == 0 ? 0 : TestCore.sequence(before[number * 3])
                        let client = try SocketClient(
                            port: server.port, target: "/ws/stream?after=\(after)")
                        _ = try client.text()
                        let count = 190 - (number == 0 ? 0 : number * 3 + 1)
                        return try client.texts(count)
                    }
                }
            }
            for reader in readers { reader.start() }
            try server.until("all have read") { collected.count == 12 }
            let folded = try TestCore.frames(server.core.folder)
            #expect(folded.count == 190)
            for number in 0..<12 {
                let skipped = number == 0 ? 0 : number * 3 + 1
                #expect(collected[number] == Array(folded.dropFirst(skipped)), "\(number)")
            }
        }
    }

    @Test func `a cursor that is known to be the last needs nothing of the log`() async throws {
        try await TestServer.with(steps: 5) { server in
            let last = server.hub.lastSequence
            let client = try SocketClient(port: server.port, target: "/ws/stream?after=\(last)")
            _ = try client.text()
            try server.until("the stream follows") { server.hub.followerCount == 1 }
            try server.until("the log is let go") { server.metric("tapefold_stream_replays") == 0 }
            try server.core.step(2)
            let folded = try TestCore.frames(server.core.folder).suffix(2)
            #expect(Self.bytes(try client.texts(2)) == Array(folded))
        }
    }

    @Test(arguments: [
        "from_seq=1", "from_seq=20", "from=1767571201.6", "from=1767571201600", "after=0",
    ])
    func `a replay gives the live bytes and goes on with the present`(
        _ start: String
    ) async throws {
        let speed = start.hasPrefix("from") ? "&speed=max" : ""
        try await TestServer.with(steps: 30) { server in
            let client = try SocketClient(
                port: server.port, target: "/ws/stream?\(start)\(speed)")
            #expect(client.isOpen, "\(client.response?.text ?? "")")
            _ = try client.text()
            var wanted = try TestCore.frames(server.core.folder)
            if start == "from_seq=20" { wanted.removeAll { TestCore.sequence($0) < 20 } }
            // The first tick at or behind 1.6 s stands at 2 s.
            if start.hasPrefix("from=") { wanted.removeFirst(3) }
            #expect(Self.bytes(try client.texts(wanted.count)) == wanted)
            try server.core.step(3)
            let folded = try TestCore.frames(server.core.folder).suffix(3)
            #expect(Self.bytes(try client.texts(3)) == Array(folded))
        }
    }

    @Test func `a replay at a speed gives the same bytes`() async throws {
        try await TestServer.with(steps: 12) { server in
            let client = try SocketClient(
                port: server.port, target: "/ws/stream?from_seq=1&speed=50")
            _ = try client.text()
            let wanted = try TestCore.frames(server.core.folder)
            #expect(Self.bytes(try client.texts(12)) == wanted)
        }
    }

    @Test func `frames are due as far apart as they were made, divided by the speed`() {
        var clock = PlayClock(.times(4))
        let start = NIODeadline.uptimeNanoseconds(1_000_000)
        #expect(clock.wait(1_000, start) == .nanoseconds(0))
        #expect(clock.wait(1_000 + 4_000, start) == .nanoseconds(1_000))
        #expect(clock.wait(1_000 + 4_000, start + .nanoseconds(700)) == .nanoseconds(300))
        #expect(clock.wait(1_000 + 4_000, start + .nanoseconds(1_001)) == .nanoseconds(0))
        var fast = PlayClock(.max)
        #expect(fast.wait(5, start) == .nanoseconds(0))
        #expect(fast.wait(Int64.max, start) == .nanoseconds(0))
    }

    @Test(arguments: ["after=1", "from_seq=2&speed=max", "from=1767571200.2&speed=max"])
    func `what retention took is said, and the stream begins with what is left`(
        _ start: String
    ) async throws {
        let folder = TestServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try await TestServer.with(steps: 60, folder: folder, segmentBytes: 4 << 10) { _ in }
        do {
            let lock = try JournalLock(storage: FileStorage(directory: folder))
            let report = try Retention.apply(RetentionPolicy(segmentsMax: 2), lock: lock)
            #expect(!report.removed.isEmpty)
        }
        let oldest = try LogReader(directory: folder).bounds().lowerBound
        #expect(oldest > 2)
        try await TestServer.with(steps: 0, folder: folder) { server in
            let client = try SocketClient(port: server.port, target: "/ws/stream?\(start)")
            _ = try client.text()
            #expect(try client.text() == #"{"type":"truncated","oldest":\#(oldest)}"#)
            let wanted = try TestCore.frames(folder)
            #expect(wanted.count > 2)
            #expect(Self.bytes(try client.texts(wanted.count)) == wanted)
        }
    }

    @Test func `a slow replay keeps nothing from retention, and goes on with what is left`()
        async throws
    {
        let folder = TestServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try await TestServer.with(steps: 60, folder: folder, segmentBytes: 4 << 10) { _ in }
        try await TestServer.with(steps: 0, folder: folder) { server in
            let client = try SocketClient(
                port: server.port, target: "/ws/stream?from_seq=1&speed=0.01")
            _ = try client.text()
            #expect(try client.text() != nil, "the first frame")
            let before = try LogReader(directory: folder).bounds().lowerBound
            try server.until("nothing holds the oldest segment") {
                (try? server.core.retain(segments: 2)) == .some(nil)
            }
            #expect(try LogReader(directory: folder).bounds().lowerBound > before)
            client.raw.reset()
        }
    }

    @Test func `F4 a segment that is damaged meanwhile takes nothing from who reads the others`()
        async throws
    {
        try await TestServer.with(steps: 60, segmentBytes: 4 << 10) { server in
            let folder = server.core.folder
            let wanted = try TestCore.frames(folder)
            let names = try JournalReader(directory: folder).segmentNames()
            let sequences = try names.map { try #require(UInt64($0.prefix { $0 != "." })) }
            // The end of a sealed segment is its index.
            let file = URL(fileURLWithPath: folder).appendingPathComponent(names[1])
            var bytes = try Data(contentsOf: file)
            bytes[bytes.count - 40] ^= 1
            try bytes.write(to: file)
            let first = sequences[2]
            let client = try SocketClient(
                port: server.port, target: "/ws/stream?from_seq=\(first)&speed=max")
            _ = try client.text()
            let left = wanted.filter { TestCore.sequence($0) >= first }
            let read = Self.bytes(try client.texts(left.count))
            #expect(left.count > 10 && read == left)
            let statuses = try [first, sequences[1] + 1, 2].map {
                try server.connect().ask("GET", "/api/at?seq=\($0)").status
            }
            #expect(statuses == [200, 500, 200])
        }
    }

    @Test func `a step of a replay ends, also where there is no frame for long`() throws {
        let folder = TestServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let core = try TestCore(
            folder: folder, hub: Hub(group: MultiThreadedEventLoopGroup.singleton),
            policy: SequencerPolicy())
        try core.step(200)
        try core.close()
        let channel = StreamChannel(symbol: Array("NONE".utf8), topic: .frames(windowBps: 50))
        let player = LogPlayer(directory: folder, channel: channel, first: 1, eventsPerStep: 128)
        var steps = 0
        while try player.step().endsAt == nil {
            steps += 1
            player.rest()
        }
        let events = Int(try LogReader(directory: folder).bounds().upperBound)
        #expect(events > 512 && (events / 192 - 1...events / 128).contains(steps), "\(steps)")
    }

    @Test func `streams that read the log are bounded, and the next one is told`() async throws {
        var configuration = TestServer.open
        configuration.limits.replays = 2
        try await TestServer.with(configuration, steps: 30) { server in
            // At a hundredth of the speed the first frame alone comes.
            let target = "/ws/stream?from_seq=1&speed=0.01"
            let first = try SocketClient(port: server.port, target: target)
            let second = try SocketClient(port: server.port, target: target)
            #expect(first.isOpen && second.isOpen)
            let third = try SocketClient(port: server.port, target: target)
            #expect(third.response?.status == 429 && third.response?["retry-after"] == "1")
            #expect(third.response?.refusal == "- busy")
            first.raw.reset()
            try server.until("the seat is free") { server.metric("tapefold_stream_replays") == 1 }
            #expect(try SocketClient(port: server.port, target: target).isOpen)
        }
    }
}

/// What several clients read.
private final class Collected: @unchecked Sendable {
    private let lock = NSLock()
    private var texts: [Int: [[UInt8]]] = [:]

    func add(_ number: Int, _ body: () throws -> [String]) {
        let read = (try? body()) ?? []
        lock.withLock { texts[number] = read.map { Array($0.utf8) } }
    }

    var count: Int { lock.withLock { texts.count } }
    subscript(_ number: Int) -> [[UInt8]] { lock.withLock { texts[number] ?? [] } }
}
