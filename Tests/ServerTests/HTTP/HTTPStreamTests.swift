import Engine
import Foundation
import Testing

@testable import Server

@Suite struct HTTPStreamTests {
    @Test func `a stream says hello and then the fold's frames, byte for byte`() async throws {
        try await TestServer.with(steps: 3) { server in
            let client = try SocketClient(port: server.port)
            #expect(client.isOpen)
            #expect(client.response?["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            let accepted = server.core.status.acceptedSequence
            #expect(
                try client.text() == """
                    {"type":"hello","source":"simulated","symbol":"BTC-USD","window_bps":50,\
                    "tick_hz":2,"seq":\(accepted)}
                    """)
            try server.until("the stream follows") { server.hub.followerCount == 1 }
            try server.core.step(5)
            let frames = try client.texts(5)
            let folded = try TestCore.frames(server.core.folder).suffix(5)
            #expect(frames.map { Array($0.utf8) } == Array(folded))
            #expect(frames.allSatisfy { $0.utf8.count <= 2_048 })
        }
    }

    @Test(arguments: ["050bps", "50", "50bps", "010bps", "25", "100bps"])
    func `each window is a channel of its own`(_ window: String) async throws {
        try await TestServer.with { server in
            let client = try SocketClient(
                port: server.port, target: "/ws/stream?symbol=BTC-USD&window=\(window)")
            let bps = WindowText.bps(window)!
            #expect(try client.text()?.contains(#""window_bps":\#(bps),"#) == true)
            try server.until("the stream follows") { server.hub.followerCount == 1 }
            let made = server.hub.framesEncoded
            try server.core.step(3)
            let frames = try client.texts(3)
            let folded = try TestCore.frames(server.core.folder, window: bps).suffix(3)
            #expect(frames.map { Array($0.utf8) } == Array(folded))
            #expect(server.hub.framesEncoded == made + 3, "only what is followed is encoded")
        }
    }

    @Test func `a frame is encoded once however many follow`() async throws {
        try await TestServer.with { server in
            let clients = try (0..<20).map { _ in try SocketClient(port: server.port) }
            for client in clients { _ = try client.text() }
            try server.until("all follow") { server.hub.followerCount == 20 }
            try server.core.step(4)
            let all = try clients.map { try $0.texts(4) }
            #expect(all.allSatisfy { $0 == all[0] && $0.count == 4 })
            #expect(server.hub.framesEncoded == 4)
            for client in clients { client.raw.close() }
            try server.until("all have left") { server.hub.followerCount == 0 }
            try server.core.step(1)
            #expect(server.hub.framesEncoded == 4 && server.hub.channelCount == 0)
        }
    }

    @Test func `the end of the server is said with 1001`() async throws {
        let client = try await TestServer.with { server in
            let client = try SocketClient(port: server.port)
            _ = try client.text()
            Thread.detachNewThread {
                // Answer the close as a client does.
                while let frame = try? client.frame() {
                    if frame.opcode == 8 {
                        client.send(8, frame.payload)
                        client.raw.endInput()
                    }
                }
            }
            return client
        }
        try await onThread { while !client.raw.hasEnded { usleep(1_000) } }
    }

    @Test(arguments: [
        ("/ws/stream?symbol=DOGE-USD", 404, "symbol unknown"),
        ("/ws/stream?window=51bps", 400, "window unknown"),
        ("/ws/stream?window=wide", 400, "window unknown"),
        ("/ws/stream?colour=red", 400, "colour unknown"),
        ("/ws/stream?after=1&from_seq=2", 400, "from_seq conflict"),
        ("/ws/stream?from=1767571201&from_seq=2", 400, "from_seq conflict"),
        ("/ws/stream?after=99999", 400, "after outside"),
        ("/ws/stream?from_seq=99999", 400, "from_seq outside"),
        ("/ws/stream?from_seq=0", 400, "from_seq sequence"),
        ("/ws/stream?after=-1", 400, "after sequence"),
        ("/ws/stream?from=4000000000", 400, "from future"),
        ("/ws/stream?from=yesterday", 400, "from time"),
        ("/ws/stream?after=1&speed=2", 400, "speed conflict"),
        ("/ws/stream?from_seq=1&speed=0", 400, "speed range"),
        ("/ws/stream?from_seq=1&speed=fast", 400, "speed range"),
        ("/ws/stream?symbol=BTC-USD&symbol=BTC-USD", 400, "symbol repeated"),
    ])
    func `what is wrong is said before the handshake`(
        _ target: String, _ status: Int, _ refusal: String
    ) async throws {
        try await TestServer.with { server in
            let client = try SocketClient(port: server.port, target: target)
            client.expectRefusal(status, refusal)
            // The connection is still one for requests.
            #expect(try client.raw.ask("GET", "/health").status == 200)
        }
    }
}
