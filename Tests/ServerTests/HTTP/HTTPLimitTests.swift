import Engine
import Foundation
import NIOCore
import Testing

@testable import Server

@Suite struct HTTPLimitTests {
    private static func configuration(_ change: (inout HTTPLimits) -> Void) -> HTTPConfiguration {
        var configuration = TestServer.open
        change(&configuration.limits)
        return configuration
    }

    /// A header line of so many bytes.
    private static func header(_ bytes: Int, _ name: String = "X-A") -> String {
        name + ": " + String(repeating: "v", count: bytes - name.utf8.count - 2)
    }

    /// Headers of so many bytes together, ends of lines included.
    private static func headers(_ bytes: Int) -> [String] {
        var left = bytes
        var lines: [String] = []
        while left > 0 {
            // None too short to have a name.
            let size = left >= 9_000 ? 8_002 : left > 8_002 ? 1_002 : left
            lines.append(header(size - 2, "X-\(lines.count)"))
            left -= size
        }
        return lines
    }

    @Test func `lines, headers and bodies fit to the byte, and not one more`() async throws {
        try await TestServer.with { server in
            let rest = "GET / HTTP/1.1".utf8.count
            func line(_ bytes: Int) -> String {
                "GET /" + String(repeating: "a", count: bytes - rest) + " HTTP/1.1"
            }
            let get = "GET /health HTTP/1.1"
            let post = "POST /api/execute HTTP/1.1"
            let host = "Host: 127.0.0.1:\(server.port)"
            let left = 32_768 - host.utf8.count - 2
            let many = (0..<63).map { "X-\($0): 1" }
            let order = #"{"symbol":"BTC-USD","side":"buy","notional_usd":1000}"#
            let padded = order + String(repeating: " ", count: 16_384 - order.utf8.count)
            let cases: [(String, [String], String, Int)] = [
                (line(8_192), [], "", 404), (line(8_193), [], "", 414),
                (get, [Self.header(8_192)], "", 200), (get, [Self.header(8_193)], "", 431),
                (get, Self.headers(left), "", 200), (get, Self.headers(left + 1), "", 431),
                (get, many, "", 200), (get, many + ["X-Z: 1"], "", 431),
                (post, [], padded, 200), (post, [], padded + " ", 413),
            ]
            for (first, more, body, status) in cases {
                let client = try server.connect()
                var all = [first, host] + more
                if !body.isEmpty {
                    all.append("Content-Type: application/json")
                    all.append("Content-Length: \(body.utf8.count)")
                }
                client.send(all.joined(separator: "\r\n") + "\r\n\r\n" + body)
                let seen = try client.response()?.status
                #expect(
                    seen == status, "\(first.prefix(20)), \(more.count) headers, \(body.utf8.count)"
                )
            }
        }
    }

    @Test(arguments: [
        ("GET /health HTT", "head"), ("", "head"),
        (
            "POST /api/execute HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 9\r\n\r\n{",
            "body"
        ),
    ])
    func `what does not come in time is 408 and the end`(_ bytes: String, _ part: String)
        async throws
    {
        let configuration = Self.configuration {
            if part == "head" { $0.headMillis = 50 } else { $0.bodyMillis = 50 }
        }
        try await TestServer.with(configuration) { server in
            let client = try server.connect()
            client.send(bytes.replacingOccurrences(of: "PORT", with: "\(server.port)"))
            let response = try client.response()
            #expect(response?.status == 408 && response?.refusal == "- time")
            #expect(try client.readToEnd().isEmpty && client.hasEnded)
        }
    }

    @Test func `a body below the slowest pace is 408`() async throws {
        let configuration = Self.configuration {
            $0.bodyFloorAfterMillis = 1_000
            $0.bodyBytesPerSecond = 1 << 20
        }
        try await TestServer.with(configuration) { server in
            let client = try server.connect()
            client.send(
                "POST /api/execute HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nContent-Length: 16000\r\n\r\n{"
            )
            #expect(try client.response()?.status == 408)
        }
    }

    @Test func `an idle connection ends without a word, and so does a used up one`() async throws {
        let configuration = Self.configuration {
            $0.idleMillis = 50
            $0.requestsPerConnection = 3
        }
        try await TestServer.with(configuration) { server in
            let idle = try server.connect()
            #expect(try idle.ask("GET", "/health").status == 200)
            #expect(try idle.readToEnd().isEmpty)
            let busy = try server.connect()
            let request = "GET /health HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n\r\n"
            busy.send(String(repeating: request, count: 5))
            var kept: [Bool] = []
            while let response = try busy.response() {
                kept.append(response["connection"] != "close")
            }
            #expect(kept == [true, true, false])
        }
    }

    @Test func `requests that come at once are answered one by one, in order`() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            let paths = (0..<50).map { $0 % 3 == 0 ? "/health" : "/nothing/\($0)" }
            client.send(
                paths.map { "GET \($0) HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n\r\n" }
                    .joined())
            let statuses = try paths.map { _ in try client.response()?.status }
            #expect(statuses == paths.map { $0 == "/health" ? 200 : 404 })
        }
    }

    @Test func `at the cap of connections nobody is taken until one goes`() async throws {
        try await TestServer.with(Self.configuration { $0.connections = 3 }) { server in
            let clients = try (0..<3).map { _ in try server.connect() }
            for client in clients { #expect(try client.ask("GET", "/health").status == 200) }
            let waiting = try server.connect()
            waiting.send("GET /health HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n\r\n")
            // The others go on while it waits.
            for _ in 0..<5 {
                for client in clients { #expect(try client.ask("GET", "/health").status == 200) }
            }
            clients[1].close()
            #expect(try waiting.response()?.status == 200)
        }
    }

    @Test func `of connections that never say anything the oldest makes room`() async throws {
        // Two loops: two of them each.
        try await TestServer.with(Self.configuration { $0.unheardConnections = 4 }) { server in
            let heard = try server.connect()
            #expect(try heard.ask("GET", "/health").status == 200)
            let silent = try (0..<12).map { _ in try server.connect() }
            try server.until("the oldest are gone") {
                server.metric("tapefold_connections_refused_total") >= 8
            }
            #expect(try silent[0].readToEnd().isEmpty)
            #expect(try heard.ask("GET", "/health").status == 200)
            #expect(try silent[11].ask("GET", "/health").status == 200)
        }
    }

    @Test func `a response that nobody takes is cut, and others are served`() async throws {
        let configuration = Self.configuration {
            $0.stuckMillis = 100
            $0.webSocket.socketBufferBytes = 8 << 10
        }
        try await TestServer.with(configuration, steps: 400) { server in
            let stuck = try RawClient(port: server.port, receiveBuffer: 4 << 10)
            let last = server.core.status.acceptedSequence
            stuck.send(
                "GET /api/journal/blocks?from_seq=1&to_seq=\(last) HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n\r\n"
            )
            try server.until("it is cut") {
                server.metric("tapefold_connections_stuck_total") == 1
            }
            #expect(server.metric("tapefold_unsent_bytes") == 0)
        }
    }

    @Test func `what waits is counted to the byte, also what left in the same moment`()
        async throws
    {
        try await TestServer.with(steps: 400) { server in
            let target =
                "/api/journal/blocks?from_seq=1&to_seq=\(server.core.status.acceptedSequence)"
            for _ in 0..<4 {
                let clients = try (0..<4).map { _ in try server.connect() }
                for client in clients {
                    for _ in 0..<3 { #expect(try client.ask("GET", target).body.count > 100_000) }
                    #expect(server.metric("tapefold_unsent_bytes") == 0)
                }
            }
        }
    }

    @Test func `a large last response is not cut while the client takes it`() async throws {
        let configuration = Self.configuration {
            $0.lingerMillis = 30
            $0.webSocket.socketBufferBytes = 8 << 10
        }
        try await TestServer.with(configuration, steps: 400) { server in
            let last = server.core.status.acceptedSequence
            let target = "/api/journal/blocks?from_seq=1&to_seq=\(last)"
            let whole = try server.connect().ask("GET", target)
            let slow = try RawClient(port: server.port, receiveBuffer: 4 << 10)
            slow.send(
                "GET \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nConnection: close\r\n\r\n"
            )
            try server.until("it waits") { server.metric("tapefold_unsent_bytes") > 0 }
            // Many times longer than what is given after the last byte.
            usleep(300_000)
            let response = try slow.response()
            #expect(response?.status == 200 && response?["connection"] == "close")
            #expect(response?.body == whole.body && whole.body.count > 100_000)
            #expect(try slow.readToEnd().isEmpty)
        }
    }

    @Test func `a client that asks too often is told when to come again`() async throws {
        let configuration = Self.configuration {
            $0.executeRate = RateLimit(intervalNanos: 3_600_000_000_000, burst: 3)
            $0.otherRate = RateLimit(intervalNanos: 3_600_000_000_000, burst: 2)
        }
        try await TestServer.with(configuration) { server in
            let client = try server.connect()
            let orders = try (0..<4).map { _ in try client.ask("POST", "/api/execute", body: "{}") }
            #expect(orders.map(\.status) == [400, 400, 400, 429])
            let wait = Int(orders[3]["retry-after"] ?? "") ?? 0
            #expect((1...3_600).contains(wait) && orders[3].refusal == "- rate")
            let others = try (0..<3).map { _ in try client.ask("GET", "/nothing") }
            #expect(others.map(\.status) == [404, 404, 429])
            #expect(try SocketClient(port: server.port).response?.status == 429)
        }
    }
}
