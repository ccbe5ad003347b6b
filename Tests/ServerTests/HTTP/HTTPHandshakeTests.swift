import Foundation
import Testing

@testable import Server

/// The opening handshake, header by header.
@Suite struct HTTPHandshakeTests {
    /// Lines of a sound handshake.
    private static let sound = [
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]

    /// The lines with the one of this name replaced, or left out.
    private static func lines(_ name: String, _ values: String...) -> [String] {
        sound.filter { !$0.hasPrefix(name + ":") } + values.map { "\(name): \($0)" }
    }

    private static let versions = [
        "12", "14", "0", "8", "13, 8", "13.0", "+13", "013", "", "thirteen", "13 13", "-13",
    ]
    private static let keys = [
        "", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ===",
        "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZ===", "dGhlIHNhbXBsZSBub25j",
        "dGhlIHNhbXBsZSBub25jZQ==dGhl",
        "dGhlIHNhbXBsZSBub25jZQ==, x", "dGhl IHNhbXBsZSBub25jZ==", "dGhlIHNhbXBsZSBub25-ZQ==",
        "dGhlIHNhbXBsZSBub25_ZQ==",
        "0123456789abcdef", "========================", "dGhlIHNhbXBsZSBub25jZ\u{e9}==",
        "AAAAAAAAAAAAAAAAAAAAAB==",
        "dGhlIHNhbXBsZSBub25jZQ= =", "*GhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQA=",
        "dGhlIHNhbXBsZSBub25jZQAA",
    ]
    private static let connections = [
        "close", "keep-alive", "", "Upgrad", "Upgraded", "not-upgrade", "up grade", "\"Upgrade\"",
        "Upgrade;q=1",
    ]
    private static let upgrades = [
        "h2c", "", "web socket", "websockets", "websocke", "\"websocket\"", "websocket/13",
        "xwebsocket",
    ]

    private static var cases: [(name: String, lines: [String], status: Int)] {
        var cases: [(String, [String], Int)] = []
        for value in versions {
            cases.append(("version \(value)", lines("Sec-WebSocket-Version", value), 426))
        }
        cases.append(("no version", lines("Sec-WebSocket-Version"), 426))
        cases.append(("two versions", lines("Sec-WebSocket-Version", "13", "13"), 400))
        for value in keys { cases.append(("key \(value)", lines("Sec-WebSocket-Key", value), 400)) }
        cases.append(("no key", lines("Sec-WebSocket-Key"), 400))
        cases.append(
            (
                "two keys",
                lines("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA=="),
                400
            ))
        for value in connections {
            cases.append(("connection \(value)", lines("Connection", value), 400))
        }
        cases.append(("no connection", lines("Connection"), 400))
        for value in upgrades { cases.append(("upgrade \(value)", lines("Upgrade", value), 400)) }
        cases.append(("no upgrade", lines("Upgrade"), 400))
        cases.append(("none of it", [], 426))
        for value in [
            "Upgrade", "upgrade", "UPGRADE", "keep-alive, Upgrade", "Upgrade, keep-alive",
            ",Upgrade,", "keep-alive ,\tupgrade",
        ] {
            cases.append(("connection \(value)", lines("Connection", value), 101))
        }
        cases.append(("two connections", lines("Connection", "keep-alive", "Upgrade"), 101))
        for value in ["websocket", "WebSocket", "WEBSOCKET", "h2c, websocket", "websocket, h2c"] {
            cases.append(("upgrade \(value)", lines("Upgrade", value), 101))
        }
        for value in [
            "AAAAAAAAAAAAAAAAAAAAAA==", "/+/+/+/+/+/+/+/+/+/+/w==", "dGhlIHNhbXBsZSBub25jZQ==",
        ] {
            cases.append(("key \(value)", lines("Sec-WebSocket-Key", value), 101))
        }
        for value in ["chat", "chat, superchat", ""] {
            cases.append(("protocol \(value)", sound + ["Sec-WebSocket-Protocol: \(value)"], 101))
        }
        for number in 0..<5 {
            cases.append(("more headers", sound + (0..<number * 10).map { "X-\($0): \($0)" }, 101))
        }
        return cases
    }

    @Test func `every header of the handshake is held to its rule`() async throws {
        try await TestServer.with { server in
            for (name, lines, status) in Self.cases {
                let client = try server.connect()
                client.send(
                    (["GET /ws/stream HTTP/1.1", "Host: 127.0.0.1:\(server.port)"] + lines)
                        .joined(separator: "\r\n") + "\r\n\r\n")
                let response = try #require(try client.response())
                #expect(response.status == status, "\(name): \(response.text)")
                if response.status == 426 {
                    #expect(
                        response["sec-websocket-version"] == "13"
                            && response["upgrade"] == "websocket")
                }
                #expect(response["sec-websocket-protocol"] == nil)
                if status == 101 {
                    let key = lines.first { $0.hasPrefix("Sec-WebSocket-Key: ") }!.dropFirst(19)
                    #expect(
                        response["sec-websocket-accept"]
                            == WebSocketHandshake.answer(to: String(key)))
                    #expect(
                        response["connection"] == "Upgrade" && response["content-length"] == nil)
                }
            }
            print("handshake: \(Self.cases.count) cases")
            #expect(Self.cases.count >= 80)
        }
    }

    @Test func `methods, versions and paths that are no handshake`() async throws {
        try await TestServer.with { server in
            for (line, status) in [
                ("POST /ws/stream HTTP/1.1", 415), ("PUT /ws/stream HTTP/1.1", 415),
                ("HEAD /ws/stream HTTP/1.1", 400),
                ("GET /ws/stream HTTP/1.0", 400), ("GET /ws/streams HTTP/1.1", 404),
                ("GET /health HTTP/1.1", 200),
            ] {
                let client = try server.connect()
                client.send(
                    ([line, "Host: 127.0.0.1:\(server.port)"] + Self.sound).joined(
                        separator: "\r\n") + "\r\n\r\n")
                #expect(
                    try client.response(isHead: line.hasPrefix("HEAD"))?.status == status, "\(line)"
                )
            }
        }
    }

    @Test func `bytes behind the handshake are frames already, also after other requests`()
        async throws
    {
        try await TestServer.with { server in
            let client = try server.connect()
            #expect(try client.ask("GET", "/health").status == 200)
            var bytes = Array(SocketClient.handshake(server.port, "/ws/stream").utf8)
            bytes += SocketClient.frame(9, Array("early".utf8)) + SocketClient.frame(8, [3, 232])
            client.send(bytes)
            #expect(try client.response()?.status == 101)
            client.endInput()
            let rest = try client.readToEnd()
            let pong: [UInt8] = [0x8a, 5] + Array("early".utf8)
            #expect(rest.suffix(11) == pong + [0x88, 2, 3, 232])
            #expect(rest.first == 0x81, "the hello")
        }
    }

    @Test func `broken bytes of every kind end in a close or a refusal, and nothing else`()
        async throws
    {
        let seed: UInt64 = 20_260_105
        try await TestServer.with { server in
            var state = seed
            func next() -> UInt64 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return state >> 33
            }
            var (closes, ends) = (0, 0)
            for number in 0..<150 {
                let client = try SocketClient(port: server.port)
                var bytes: [UInt8] = []
                for _ in 0..<(1 + next() % 6) {
                    let payload = (0..<(next() % 140)).map { _ in UInt8(truncatingIfNeeded: next())
                    }
                    bytes += SocketClient.frame(
                        UInt8(next() % 16), payload, isFinal: next() % 3 > 0,
                        rsv: next() % 8 == 0 ? 1 : 0,
                        mask: next() % 10 == 0 ? nil : [1, 2, 3, UInt8(next() % 256)])
                }
                if number % 3 == 0 { bytes[Int(next()) % bytes.count] ^= UInt8(1 << (next() % 8)) }
                client.raw.send(bytes)
                client.raw.endInput()
                var last: SocketClient.Frame?
                while let frame = try client.frame() { last = frame }
                if last?.opcode == 8 {
                    #expect(
                        [0, 1000, 1002, 1007, 1008, 1009].contains(last!.code)
                            || CloseCode.maySend(UInt16(last!.code)))
                    closes += 1
                } else {
                    ends += 1
                }
            }
            #expect(try server.connect().ask("GET", "/health").status == 200, "seed \(seed)")
            print(
                "websocket hostile: 150 random streams, \(closes) closed, \(ends) ended; seed \(seed)"
            )
        }
    }
}
