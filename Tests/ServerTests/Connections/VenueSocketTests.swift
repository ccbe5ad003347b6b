import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Server

/// Sockets to venues that do not behave.
@Suite struct VenueSocketTests {
    /// What the other side of a connection sees.
    private final class Seen: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let accepted: Mutex<Int>
        let ended: Mutex<Int>

        init() {
            accepted = Mutex(0)
            ended = Mutex(0)
        }

        func channelActive(context: ChannelHandlerContext) { accepted.withLock { $0 += 1 } }
        func channelInactive(context: ChannelHandlerContext) { ended.withLock { $0 += 1 } }
    }

    @Test(arguments: ["wss", "ws"])
    func `one that takes the connection and says nothing is given up, and its socket closed`(
        scheme: String
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let seen = Seen()
        let silent = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in channel.pipeline.addHandler(seen) }
            .bind(host: "127.0.0.1", port: 0).get()
        var connector = try VenueSocketConnector(
            group: group, roots: TrustedRoots.system.value, inbox: Inbox(),
            clock: SharedClock(notBefore: 0))
        connector.openTimeMax = .milliseconds(200)
        let port = silent.localAddress?.port ?? 0
        let address = try #require(SocketAddress("\(scheme)://localhost:\(port)/"))
        let opener = connector
        await #expect(throws: (any Error).self) {
            try await opener.connect(SocketID(line: 1, generation: 1), address) { _ in
                Issue.record("nobody agreed to speak WebSocket")
            }
        }
        while seen.ended.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(seen.accepted.withLock { $0 } == 1)
        try await silent.close()
    }
}
