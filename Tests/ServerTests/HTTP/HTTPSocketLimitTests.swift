import Engine
import Foundation
import Testing

@testable import Server

@Suite struct HTTPSocketLimitTests {
    private static func configuration(
        _ change: (inout WebSocketLimits) -> Void
    ) -> HTTPConfiguration {
        var configuration = TestServer.open
        change(&configuration.limits.webSocket)
        return configuration
    }

    @Test func `of a hundred clients that never read all are closed, and who reads misses nothing`()
        async throws
    {
        let configuration = Self.configuration {
            $0.socketBufferBytes = 8 << 10
            $0.queueBytes = 16 << 10
            $0.closeMillis = 200
        }
        try await TestServer.with(configuration) { server in
            let healthy = try SocketClient(port: server.port)
            _ = try healthy.text()
            let stuck = try (0..<100).map { _ in
                try SocketClient(port: server.port, receiveBuffer: 2 << 10)
            }
            #expect(stuck.allSatisfy { $0.isOpen })
            try server.until("all follow") { server.hub.followerCount == 101 }
            let first = try TestCore.frames(server.core.folder).count
            var read: [String] = []
            while server.hub.followerCount > 1 {
                guard read.count < 2_000 else { throw TestFailure("the slow are still there") }
                try server.core.step(5)
                read += try healthy.texts(5)
            }
            let folded = try TestCore.frames(server.core.folder).dropFirst(first)
            #expect(read.map { Array($0.utf8) } == Array(folded))
            try server.until("all connections are gone") {
                server.metric("tapefold_connections") <= 2
            }
            var (said, cut) = (0, 0)
            for client in stuck {
                while let frame = try? client.frame() {
                    if frame.opcode == 8 {
                        #expect(frame.code == 1013)
                        said += 1
                    }
                }
                cut += client.raw.hasEnded ? 1 : 0
            }
            let text = try server.connect().ask("GET", "/metrics").text
            #expect(text.contains(#"tapefold_websocket_closes_total{code="1013"} 100"#))
            print(
                "never reading: 100 closed after \(read.count) frames, \(said) read the 1013, \(cut) ended"
            )
        }
    }

    @Test func `what a slow client got before its close has no hole`() async throws {
        let configuration = Self.configuration {
            $0.socketBufferBytes = 8 << 10
            $0.queueBytes = 16 << 10
            $0.closeMillis = 30_000
        }
        try await TestServer.with(configuration) { server in
            let slow = try SocketClient(port: server.port, receiveBuffer: 2 << 10)
            try server.until("it follows") { server.hub.followerCount == 1 }
            let first = try TestCore.frames(server.core.folder).count
            while server.hub.followerCount > 0 { try server.core.step(5) }
            _ = try slow.text()
            var read: [[UInt8]] = []
            while let text = try slow.text() { read.append(Array(text.utf8)) }
            #expect(slow.closed?.code == 1013)
            let folded = try TestCore.frames(server.core.folder).dropFirst(first)
            #expect(read.count > 10 && read == Array(folded.prefix(read.count)))
            // And it goes on where it was.
            let last = TestCore.sequence(read.last!)
            let again = try SocketClient(port: server.port, target: "/ws/stream?after=\(last)")
            _ = try again.text()
            let rest = try again.texts(folded.count - read.count)
            #expect(rest.map { Array($0.utf8) } == Array(folded.dropFirst(read.count)))
        }
    }

    @Test func `while all queues together are too long, the longest ends`() async throws {
        let configuration = Self.configuration {
            $0.socketBufferBytes = 8 << 10
            $0.queueBytes = 1 << 30
            $0.queueMessages = 1 << 20
            $0.allQueuesBytes = 64 << 10
            $0.closeMillis = 200
        }
        try await TestServer.with(configuration) { server in
            let healthy = try SocketClient(port: server.port)
            _ = try healthy.text()
            let stuck = try (0..<6).map { _ in
                try SocketClient(port: server.port, receiveBuffer: 2 << 10)
            }
            try server.until("all follow") { server.hub.followerCount == 7 }
            var read = 0
            while server.hub.followerCount > 1 {
                guard read < 4_000 else { throw TestFailure("the slow are still there") }
                try server.core.step(5)
                read += try healthy.texts(5).count
            }
            #expect(stuck.count == 6 && server.hub.followerCount == 1)
        }
    }

    @Test(arguments: [
        ("frame", SocketClient.frame(1, [UInt8](repeating: 0x61, count: 16_385)), 1009),
        (
            "declared frame",
            Array(SocketClient.frame(2, [], lengthBytes: 8).prefix(2)) + [
                0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4,
            ], 1009
        ),
        (
            "63 bits", [0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4],
            1009
        ),
        (
            "64 bits", [0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4],
            1002
        ),
        ("16 bits for 5", SocketClient.frame(1, Array("hello".utf8), lengthBytes: 2), 1002),
        ("64 bits for 5", SocketClient.frame(1, Array("hello".utf8), lengthBytes: 8), 1002),
        (
            "64 bits for 300",
            SocketClient.frame(1, [UInt8](repeating: 0x61, count: 300), lengthBytes: 8), 1002
        ),
        ("not masked", SocketClient.frame(1, Array("hello".utf8), mask: nil), 1002),
        // Four bytes that whoever does not look at the bit would take for the key.
        ("ping not masked", SocketClient.frame(9, [], mask: nil) + [1, 2, 3, 4], 1002),
        ("text not masked", SocketClient.frame(1, [], mask: nil) + [1, 2, 3, 4], 1002),
    ])
    func `a frame beyond the rules ends the stream`(
        _ name: String, _ bytes: [UInt8], _ code: Int
    ) async throws {
        try await TestServer.with { server in
            for size in [1, 1 << 20] {
                let client = try SocketClient(port: server.port)
                _ = try client.text()
                for start in stride(from: 0, to: bytes.count, by: size) {
                    client.raw.send(Array(bytes[start..<min(bytes.count, start + size)]))
                }
                #expect(try client.text() == nil && client.closed?.code == code)
                client.raw.endInput()
                #expect(try client.raw.readToEnd().isEmpty)
            }
        }
    }

    @Test func `a message has so many bytes and so many frames`() async throws {
        let part = [UInt8](repeating: 0x61, count: 16_384)
        func message(_ parts: [[UInt8]]) -> [UInt8] {
            parts.enumerated().flatMap { index, part in
                SocketClient.frame(index == 0 ? 1 : 0, part, isFinal: index == parts.count - 1)
            }
        }
        let cases: [(String, [UInt8], Int?)] = [
            ("64 KiB", message(Array(repeating: part, count: 4)), nil),
            ("64 KiB and a byte", message(Array(repeating: part, count: 4) + [[0x61]]), 1009),
            ("64 frames", message(Array(repeating: [], count: 64)), nil),
            ("65 frames", message(Array(repeating: [], count: 65)), 1009),
        ]
        try await TestServer.with { server in
            for (name, bytes, code) in cases {
                let client = try SocketClient(port: server.port)
                _ = try client.text()
                client.raw.send(bytes)
                let answer = try client.text()
                #expect(client.closed?.code == code, "\(name)")
                // A stream takes no messages, and these are no JSON.
                #expect((answer?.contains(#""rule":"json""#) == true) == (code == nil), "\(name)")
            }
        }
    }

    @Test func `messages are answered with errors, and too many end the stream`() async throws {
        try await TestServer.with { server in
            let client = try SocketClient(port: server.port)
            _ = try client.text()
            client.send(#"{"subscribe":"everything"}"#)
            #expect(
                try client.text()
                    == #"{"type":"error","rule":"no-messages","message":"a stream takes no messages"}"#
            )
            for _ in 0..<250 { client.send("{}") }
            var rules: [String: Int] = [:]
            while let text = try client.text() {
                let rule = text.firstMatch(of: /"rule":"([a-z-]+)"/).map { String($0.1) } ?? "?"
                rules[rule, default: 0] += 1
            }
            #expect(client.closed?.code == 1008)
            #expect((rules["no-messages"] ?? 0) >= 39 && (rules["rate"] ?? 0) > 0, "\(rules)")
            #expect(rules.values.reduce(0, +) == 199, "the 201st ends it")
        }
    }

    @Test func `messages that are no JSON are too many at some point`() async throws {
        let configuration = Self.configuration {
            $0.messageRate = RateLimit(perSecond: 1_000_000, burst: 1_000_000)
            $0.malformedPerMinute = 10
        }
        try await TestServer.with(configuration) { server in
            let client = try SocketClient(port: server.port)
            _ = try client.text()
            for text in [
                "", "{", "[]", "1", "{\"a\":1,\"a\":2}", "{} {}", "nul", "\"x\"", "{'a':1}",
                "{\"a\":01}",
            ] {
                client.send(text)
                #expect(try client.text()?.contains(#""rule":"json""#) == true, "\(text)")
            }
            client.send(2, Array("{}".utf8))
            #expect(try client.text() == nil && client.closed?.code == 1008)
        }
    }

    @Test(arguments: [9, 10] as [UInt8])
    func `a flood of control frames ends the stream`(_ opcode: UInt8) async throws {
        try await TestServer.with { server in
            let client = try SocketClient(port: server.port)
            _ = try client.text()
            for _ in 0..<201 { client.send(opcode, []) }
            var pongs = 0
            while let frame = try client.frame() {
                if frame.opcode == 10 { pongs += 1 }
                if frame.opcode == 8 {
                    #expect(frame.code == 1008)
                    break
                }
            }
            #expect(pongs == (opcode == 9 ? 200 : 0))
        }
    }

    @Test func `who is silent is cut, who answers pings is not`() async throws {
        let configuration = Self.configuration {
            $0.pingMillis = 20
            $0.silenceMillis = 3_000
            $0.messagesPer10Seconds = 1_000_000
        }
        try await TestServer.with(configuration) { server in
            let silent = try SocketClient(port: server.port)
            let alive = try SocketClient(port: server.port)
            let stop = Thread {
                while let frame = try? alive.frame() { if frame.opcode == 9 { alive.send(10, []) } }
            }
            stop.start()
            var pings = 0
            while let frame = try silent.frame() { pings += frame.opcode == 9 ? 1 : 0 }
            #expect(pings > 0 && silent.raw.hasEnded)
            #expect(server.metric("tapefold_websocket_silent_total") == 1)
            #expect(server.hub.followerCount == 1)
        }
    }

    @Test func `who does not answer our close is cut`() async throws {
        let configuration = Self.configuration {
            $0.malformedPerMinute = 0
            $0.closeMillis = 50
        }
        try await TestServer.with(configuration) { server in
            let client = try SocketClient(port: server.port)
            _ = try client.text()
            client.send("nonsense")
            #expect(try client.text() == nil && client.closed?.code == 1008)
            #expect(try client.raw.readToEnd().isEmpty && client.raw.hasEnded)
        }
    }

    @Test func `what arrives behind our close is no message any more`() async throws {
        try await TestServer.with(Self.configuration { $0.malformedPerMinute = 0 }) { server in
            let client = try SocketClient(port: server.port)
            _ = try client.text()
            client.send("nonsense")
            for _ in 0..<500 { client.send("{}") }
            client.send(8, [3, 232])
            #expect(try client.text() == nil && client.closed?.code == 1008)
            #expect(try client.raw.readToEnd().isEmpty)
        }
    }
}
