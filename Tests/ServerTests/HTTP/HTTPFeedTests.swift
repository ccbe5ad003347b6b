import Foundation
import Journal
import Testing

@testable import Engine
@testable import Server

/// The feeds beside frames: `/ws/depth`, `/ws/book` (S0.10, S1.6).
@Suite struct HTTPFeedTests {
    /// What each clock tick of a log gives, made from the events alone: `make` has the state
    /// behind the tick and the trades since the tick before, or since the session began.
    static func ticks(
        _ folder: String, _ make: (borrowing Engine, [ShownTrade]) -> [UInt8]
    ) throws -> [(sequence: UInt64, bytes: [UInt8])] {
        let log = LogReader(directory: folder)
        var engine = Engine()
        var outputs = OutputBuffer(wantsFrames: false)
        var trades: [ShownTrade] = []
        var all: [(sequence: UInt64, bytes: [UInt8])] = []
        try log.forEachBlock(from: 1) { block throws(LogError) in
            for index in 0..<block.count {
                try log.apply(block, index..<index + 1, to: &engine, &outputs)
                guard let event = try? block.event(at: index) else { return false }
                switch event.body {
                case .sessionStart: trades = []
                case .trade(let trade):
                    let definition = engine.definitions[Int(trade.key.instrument)]
                    trades.append(
                        ShownTrade(
                            key: trade.key, takerSide: trade.takerSide, price: trade.price,
                            size: trade.size, priceExponent: definition.priceExponent,
                            sizeExponent: definition.sizeExponent))
                case .clockTick:
                    let bytes = make(engine, trades)
                    if !bytes.isEmpty { all.append((engine.sequence, bytes)) }
                    trades = []
                default: break
                }
            }
            return true
        }
        return all
    }

    static func depths(
        _ folder: String, levels: Int = 40
    ) throws -> [(sequence: UInt64, bytes: [UInt8])] {
        try ticks(folder) { engine, trades in
            var bytes: [UInt8] = []
            _ = engine.appendDepth(
                of: Array("BTC-USD".utf8), step: .init(mantissa: 5, exponent: 0), levels: levels,
                trades: trades, to: &bytes)
            return bytes
        }
    }

    static func books(
        _ folder: String, venue: Venue, levels: Int?
    ) throws -> [(sequence: UInt64, bytes: [UInt8])] {
        try ticks(folder) { engine, _ in
            var bytes: [UInt8] = []
            _ = engine.appendBookFrame(
                of: Array("BTC-USD".utf8), venue: venue, levels: levels, digest: engine.digest,
                to: &bytes)
            return bytes
        }
    }

    private func messages(_ client: SocketClient, _ count: Int) throws -> [[UInt8]] {
        try (0..<count).map { _ in try #require(try client.frame()).payload }
    }

    @Test func `depth says hello, then a message a tick, with its trades`() async throws {
        try await TestServer.with(steps: 3) { server in
            let client = try SocketClient(
                port: server.port, target: "/ws/depth?symbol=BTC-USD&step=5.0&levels=40")
            let accepted = server.core.status.acceptedSequence
            #expect(
                try client.text() == """
                    {"type":"hello","source":"simulated","symbol":"BTC-USD","step":5,\
                    "levels":40,"tick_hz":2,"seq":\(accepted)}
                    """)
            try server.until("the stream follows") { server.hub.followerCount == 1 }
            try server.core.step(9)
            let frame = try #require(try client.frame())
            #expect(frame.opcode == 2, "binary")
            let read = [frame.payload] + (try messages(client, 8))
            let folded = try Self.depths(server.core.folder).suffix(9)
            #expect(read == folded.map(\.bytes))
            #expect(Set(read.map(\.count)).count > 1, "there were trades to show")
        }
    }

    @Test func `depth played again gives the same bytes from any event on`() async throws {
        var policy = SequencerPolicy()
        policy.nanosPerCheckpoint = 2_000_000_000
        try await TestServer.with(steps: 21, policy: policy) { server in
            let folded = try Self.depths(server.core.folder)
            #expect(folded.count == 21)
            for first in 1...server.core.status.acceptedSequence {
                let wanted = folded.filter { $0.sequence >= first }.map(\.bytes)
                let client = try SocketClient(
                    port: server.port,
                    target: "/ws/depth?step=5&levels=40&speed=max&from_seq=\(first)")
                _ = try client.text()
                #expect(try messages(client, wanted.count) == wanted, "from \(first)")
                client.raw.close()
            }
        }
    }

    @Test func `a session shows no trades of the one before, live as in a replay`() async throws {
        let folder = TestServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await TestServer.with(steps: 3, folder: folder) { server in
            try server.core.trade()
        }
        try await TestServer.with(steps: 0, folder: folder) { server in
            let client = try SocketClient(port: server.port, target: "/ws/depth?step=5&levels=40")
            _ = try client.text()
            try server.until("the stream follows") { server.hub.followerCount == 1 }
            try server.core.step(4)
            let folded = try Self.depths(folder)
            let live = try messages(client, 4)
            #expect(live == folded.suffix(4).map(\.bytes))
            let again = try SocketClient(
                port: server.port, target: "/ws/depth?step=5&levels=40&speed=max&from_seq=1")
            _ = try again.text()
            #expect(try messages(again, folded.count) == folded.map(\.bytes))
        }
    }

    @Test(arguments: [("binance", 20), ("coinbase", 3)])
    func `a book's frames are those of the fold, live and again, and can be proved`(
        _ name: String, _ levels: Int
    ) async throws {
        try await TestServer.with(steps: 2) { server in
            let asked = levels == 20 ? "" : "&levels=\(levels)"
            let client = try SocketClient(
                port: server.port, target: "/ws/book?symbol=BTC-USD&venue=\(name)\(asked)")
            #expect(
                try client.text()?.contains(#""venue":"\#(name)","levels":\#(levels),"#) == true)
            try server.until("the stream follows") { server.hub.followerCount == 1 }
            try server.core.step(5)
            let live = try client.texts(5).map { Array($0.utf8) }
            let venue = try #require(Venue(id: Array(name.utf8)))
            let folded = try Self.books(server.core.folder, venue: venue, levels: levels)
            #expect(live == folded.suffix(5).map(\.bytes))
            let again = try SocketClient(
                port: server.port,
                target: "/ws/book?venue=\(name)\(asked)&after=\(folded[2].sequence)")
            _ = try again.text()
            #expect(try again.texts(4).map { Array($0.utf8) } == folded.suffix(4).map(\.bytes))

            let proof = FrameProof(LogReader(directory: server.core.folder))
            #expect(try proof.run(live) == Array(repeating: .match, count: 5))
            let digit = try #require(live[0].lastIndex { (0x30...0x38).contains($0) })
            var altered = live[0]
            altered[digit] += 1
            let verdict = try proof.run([altered])
            let expected = String(decoding: live[0], as: UTF8.self)
            #expect(verdict == [.differs(expected: expected, at: digit)])
        }
    }

    @Test(arguments: [
        ("/ws/depth", 400, "step missing"), ("/ws/depth?step=0", 400, "step range"),
        ("/ws/depth?step=wide", 400, "step range"), ("/ws/depth?step=0.001", 400, "step grid"),
        ("/ws/depth?step=1&levels=0", 400, "levels range"),
        ("/ws/depth?step=1&levels=1001", 400, "levels range"),
        ("/ws/depth?step=1&window=50", 400, "window unknown"),
        ("/ws/depth?step=1&symbol=DOGE-USD", 404, "symbol unknown"),
        ("/ws/depth?step=1&after=999999", 400, "after outside"),
        ("/ws/book", 400, "venue missing"), ("/ws/book?venue=nyse", 404, "venue unknown"),
        ("/ws/book?venue=okx", 404, "venue unknown"),
        ("/ws/book?venue=binance&levels=501", 400, "levels range"),
        ("/ws/book?venue=binance&from=1&from_seq=1", 400, "from_seq conflict"),
    ])
    func `what is wrong is said before the handshake`(
        _ target: String, _ status: Int, _ refusal: String
    ) async throws {
        try await TestServer.with { server in
            let client = try SocketClient(port: server.port, target: target)
            client.expectRefusal(status, refusal)
        }
    }

    @Test func `different feeds are limited, the same one is shared`() async throws {
        var configuration = TestServer.open
        configuration.limits.madeChannels = 3
        try await TestServer.with(configuration) { server in
            func open(_ levels: Int) throws -> SocketClient {
                try SocketClient(port: server.port, target: "/ws/depth?step=1&levels=\(levels)")
            }
            let clients = try [1, 2, 3, 3, 2].map(open)
            #expect(clients.allSatisfy { $0.isOpen })
            try server.until("all follow") { server.hub.followerCount == 5 }
            let refused = try open(4)
            #expect(refused.response?.status == 429 && refused.response?.refusal == "- channels")
            #expect(try SocketClient(port: server.port).isOpen, "frames are made anyway")
            clients[0].raw.close()
            try server.until("one has left") { server.hub.channelCount <= 3 }
            #expect(try open(4).isOpen)
        }
    }
}
