import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// Why a socket was not opened.
enum VenueSocketError: Error {
    /// The other side answered, but speaks no WebSocket.
    case notWebSocket
}

/// Opens WebSocket connections to venues, over TLS where the address says so, and tells the core's
/// inbox what they bring.
struct VenueSocketConnector: Sendable {
    private let group: any EventLoopGroup
    private let tls: NIOSSLContext
    private let inbox: Inbox
    private let clock: SharedClock

    /// Largest message of a venue (V.13).
    static let messageBytesMax = 16 << 20
    /// Longest time for TCP, and for TLS and the upgrade (V.3).
    var openTimeMax = TimeAmount.seconds(10)

    /// A connector to venues whose certificates `roots` answer for.
    init(
        group: any EventLoopGroup, roots: NIOSSLTrustRoots, inbox: Inbox, clock: SharedClock
    ) throws {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = roots
        tls.minimumTLSVersion = .tlsv12
        self.group = group
        self.tls = try NIOSSLContext(configuration: tls)
        self.inbox = inbox
        self.clock = clock
    }

    /// Opens a socket; returns once the venue has agreed to speak WebSocket. `opened` is called
    /// with the channel on its loop, before anything that the venue says there.
    func connect(
        _ socket: SocketID, _ address: SocketAddress,
        opened: @escaping @Sendable (any Channel) -> Void
    ) async throws {
        let tls = self.tls
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(openTimeMax)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        let upgraded: EventLoopFuture<Bool> = try await bootstrap.connect(
            host: address.host, port: address.port
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                let deadline = channel.eventLoop.scheduleTask(in: openTimeMax) {
                    channel.close(promise: nil)
                }
                if address.isSecure {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: tls, serverHostname: address.serverName))
                }
                return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                    configuration: upgrade(socket, address, deadline, opened))
            }
        }
        guard try await upgraded.get() else { throw VenueSocketError.notWebSocket }
    }

    private func upgrade(
        _ socket: SocketID, _ address: SocketAddress, _ deadline: Scheduled<Void>,
        _ opened: @escaping @Sendable (any Channel) -> Void
    ) -> NIOUpgradableHTTPClientPipelineConfiguration<Bool> {
        let (inbox, clock) = (self.inbox, self.clock)
        let upgrader = NIOTypedWebSocketClientUpgrader<Bool>(
            maxFrameSize: Self.messageBytesMax,
            upgradePipelineHandler: { channel, _ in
                deadline.cancel()
                return channel.eventLoop.makeCompletedFuture {
                    let aggregator = NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 4_096,
                        maxAccumulatedFrameSize: Self.messageBytesMax)
                    let handler = VenueSocketHandler(socket: socket, inbox: inbox, clock: clock)
                    try channel.pipeline.syncOperations.addHandlers([aggregator, handler])
                    opened(channel)
                    return true
                }
            })
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: address.path,
            headers: ["Host": address.authority])
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration(
            upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
                upgradeRequestHead: head, upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in
                    channel.close(promise: nil)
                    return channel.eventLoop.makeSucceededFuture(false)
                }))
        // The default drops frames that arrive together with the answer 101.
        configuration.leftOverBytesStrategy = .forwardBytes
        return configuration
    }
}

/// One socket's frames on their way to the core. Lives on its event loop only.
final class VenueSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let socket: SocketID
    private let inbox: Inbox
    private let clock: SharedClock
    private var isEnded = false

    init(socket: SocketID, inbox: Inbox, clock: SharedClock) {
        self.socket = socket
        self.inbox = inbox
        self.clock = clock
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text, .binary:
            if inbox.push(.message(socket, frame.unmaskedData), at: clock.now) { return }
            end(.overflowed)
            context.close(promise: nil)
        case .ping:
            answer(.pong, frame.unmaskedData, context)
            inbox.push(.heard(socket), at: clock.now)
        case .pong: inbox.push(.heard(socket), at: clock.now)
        case .connectionClose:
            var body = frame.unmaskedData
            answer(.connectionClose, frame.unmaskedData, context)
            end(.closedByVenue(code: body.readInteger(as: UInt16.self)))
            context.close(promise: nil)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.lost)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.lost)
        context.close(promise: nil)
    }

    private func end(_ how: SocketEnd) {
        if isEnded { return }
        isEnded = true
        inbox.push(.closed(socket, how), at: clock.now)
    }

    private func answer(
        _ opcode: NIOWebSocket.WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext
    ) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}
