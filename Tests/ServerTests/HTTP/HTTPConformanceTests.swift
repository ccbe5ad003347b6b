import Foundation
import Testing

@testable import Server

/// The protocol's cases against an echo, after the groups of the published case list
/// (`reliability.md` 8).
@Suite struct HTTPConformanceTests {
    private static func run(
        _ group: String, _ count: Int, _ cases: @escaping @Sendable () -> [SocketCase]
    ) async throws {
        try await EchoAnswering.with { port in
            let all = cases()
            #expect(all.count == count)
            let failures = try all.compactMap { one in
                let seen = try one.run(port)
                return seen == one.wanted ? nil : "\(one.name): \(seen), not \(one.wanted)"
            }
            #expect(failures.isEmpty, "\(failures.prefix(10))")
            print("websocket \(group): \(all.count) cases, \(failures.count) failed")
        }
    }

    @Test func `1 framing`() async throws {
        try await Self.run("1 framing", 16) { SocketCases.framing }
    }

    @Test func `2 ping and pong`() async throws {
        try await Self.run("2 ping/pong", 11) { SocketCases.pings }
    }

    @Test func `3 reserved bits`() async throws {
        try await Self.run("3 reserved bits", 7) { SocketCases.reservedBits }
    }

    @Test func `4 opcodes`() async throws {
        try await Self.run("4 opcodes", 10) { SocketCases.opcodes }
    }

    @Test func `5 fragmentation`() async throws {
        try await Self.run("5 fragmentation", 20) { SocketCases.fragments }
    }

    @Test func `6 text is UTF-8`() async throws {
        try await Self.run("6 UTF-8", 145) { SocketCases.texts }
    }

    @Test func `7 close`() async throws {
        try await Self.run("7 close", 37) { SocketCases.closes }
    }

    @Test func `9 and 10 large and many messages`() async throws {
        try await Self.run("9 limits, 10 misc", 55) { SocketCases.large }
    }

    @Test func `12 and 13 compression is declined, whatever is offered`() async throws {
        let offers = SocketCases.compressionOffers
        #expect(offers.count == 216 && Set(offers).count == 216)
        let failures = try await EchoAnswering.with { port in
            try offers.filter { offer in
                let client = try SocketClient(
                    port: port, target: "/", headers: ["Sec-WebSocket-Extensions: \(offer)"])
                guard client.isOpen, client.response?["sec-websocket-extensions"] == nil else {
                    return true
                }
                client.send("plain")
                let echo = try client.frame()
                client.raw.send(SocketClient.frame(1, Array("x".utf8), rsv: 4))
                let close = try client.frame()
                return echo?.text != "plain" || close?.code != 1002
            }
        }
        #expect(failures.isEmpty, "\(failures.prefix(5))")
        print("websocket 12, 13 compression: \(offers.count) offers declined")
    }

    @Test func `bytes of a frame may come one by one, and a line may break at any of them`()
        async throws
    {
        let message =
            SocketClient.frame(1, Array("κόσμε".utf8), isFinal: false)
            + SocketClient.frame(9, [1, 2, 3])
            + SocketClient.frame(0, Array(String(repeating: "x", count: 130).utf8))
        try await EchoAnswering.with { port in
            for cut in 0..<message.count {
                let client = try SocketClient(port: port, target: "/")
                client.raw.send(Array(message[..<cut]))
                client.raw.reset()
            }
            let client = try SocketClient(port: port, target: "/")
            for byte in message { client.raw.send([byte]) }
            #expect(try client.frame() == SocketClient.Frame(opcode: 10, payload: [1, 2, 3]))
            #expect(try client.frame()?.payload.count == 140)
            print("websocket hostile: \(message.count) lines broken inside frames")
        }
    }
}
