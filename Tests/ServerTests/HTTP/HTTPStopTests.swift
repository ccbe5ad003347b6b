import Foundation
import Testing

@testable import Server

/// The end of the server (F.16).
@Suite struct HTTPStopTests {
    @Test func `what is in work is answered, idle connections end, nobody new is taken`()
        async throws
    {
        try await TestServer.with { server in
            // Some on every loop.
            let idle = try (0..<6).map { _ in try server.connect() }
            for client in idle { #expect(try client.ask("GET", "/health").status == 200) }
            server.core.slow(.seconds(3_600))
            let client = try server.connect()
            let body = #"{"symbol":"BTC-USD","side":"buy","notional_usd":1000}"#
            client.send(
                "POST /api/execute HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nContent-Type: "
                    + "application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            try server.until("it is asked") { server.core.asked > 0 }
            let front = server.front
            Task { await front.stop() }
            for client in idle { #expect(try client.readToEnd().isEmpty) }
            #expect(throws: TestFailure.self) { _ = try RawClient(port: server.port) }
            server.core.slow(nil)
            let response = try client.response()
            #expect(response?.status == 200 && response?["connection"] == "close")
            #expect(try client.readToEnd().isEmpty)
        }
    }

    @Test func `what it used is given back`() async throws {
        for _ in 0..<3 {
            let held = try await TestServer.with { server in
                let stream = try SocketClient(
                    port: server.port, target: "/ws/stream?from_seq=1&speed=0.01")
                _ = try stream.text()
                try server.until("it follows") { server.hub.followerCount == 1 }
                return (Weak(server.hub), Weak(server.front), Weak(server.core))
            }
            #expect(held.0.value == nil && held.1.value == nil && held.2.value == nil)
        }
    }

    private struct Weak<Value: AnyObject & Sendable>: @unchecked Sendable {
        weak var value: Value?
        init(_ value: Value) { self.value = value }
    }
}
