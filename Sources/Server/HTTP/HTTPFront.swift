import Logging
public import NIOCore
import NIOPosix
import Synchronization

/// The HTTP and WebSocket front of the live server.
///
/// ```
/// socket ─► Connection ─► HTTPConversation ─► FrontRouter ─► routes ─► LiveAccess, LogReader
///                └──────► WebSocketConversation ─► StreamSession ◄── Hub ◄── live core
/// ```
///
/// Start it once, after the hub was given to the live core; stop it before the core.
public final class HTTPFront: Sendable {
    private struct State {
        var channel: (any Channel)?
        var isStopping = false
    }

    private let configuration: HTTPConfiguration
    private let live: any LiveAccess
    private let hub: Hub
    private let group: any EventLoopGroup
    private let connections: ConnectionTable
    private let gate: ConnectionGate
    private let services: FrontServices
    private let logger: Logger
    private let state = Mutex(State())

    /// Longest time that an orderly end may take (F.16).
    private static let stopMillis: Int64 = 10_000

    /// A front that serves `live` and the journal in `directory`; `group` is that of `hub` and
    /// outlives the front.
    ///
    /// - Throws: `HTTPConfigurationError`.
    public init(
        configuration: HTTPConfiguration, live: any LiveAccess, directory: String, hub: Hub,
        group: any EventLoopGroup
    ) throws(HTTPConfigurationError) {
        try configuration.check()
        self.configuration = configuration
        self.live = live
        self.hub = hub
        self.group = group
        connections = ConnectionTable(group: group, limits: configuration.limits)
        gate = ConnectionGate(configuration.limits)
        services = FrontServices(
            configuration, live: live, directory: directory, hub: hub, connections: connections)
        logger = Logger(label: "tapefold.http")
    }

    /// Binds and begins to accept.
    ///
    /// - Throws: what the system says of the address.
    public func start() async throws {
        let gate = gate
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4_096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Only when the port is known is it known who may ask.
            .serverChannelOption(.autoRead, value: false)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptHandler(gate))
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .socketOption(.so_sndbuf),
                value: .init(configuration.limits.webSocket.socketBufferBytes)
            )
            // The event of room comes early enough that no queue overflows by itself.
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 4 << 10, high: 8 << 10))
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try self.take(channel) }
            }
            .bind(host: configuration.address, port: configuration.port).get()
        let isStopping = state.withLock { state in
            state.channel = channel
            return state.isStopping
        }
        if isStopping { return try await channel.close() }
        let boundary = Boundary(configuration, port: channel.localAddress?.port ?? 0)
        router.set(FrontRouter(services, boundary: boundary, logger: logger))
        connections.forEach { $0.start() }
        try await channel.setOption(.autoRead, value: true).get()
    }

    /// Serves until `stop`, or until the listening socket fails.
    public func run() async throws {
        try await start()
        try await state.withLock { $0.channel }?.closeFuture.get()
    }

    /// The port that is listened on; nil before `start`.
    public var port: Int? { state.withLock { $0.channel }?.localAddress?.port }

    private let router = RouterSlot()

    /// Takes an accepted socket in; on its loop.
    private func take(_ channel: any Channel) throws {
        let client = channel.remoteAddress?.ipAddress ?? ""
        let shard = connections.shard(of: channel.eventLoop)
        guard let router = router.value, gate.enter(client) else {
            shard.counters.refused += 1
            return channel.close(promise: nil)
        }
        let gate = gate
        let connection = Connection(shard: shard, client: client) { gate.leave(client) }
        connection.conversation = HTTPConversation(connection, router, configuration.limits)
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    /// Ends in order: nobody new, requests in work are answered, streams get close 1001; after
    /// ten seconds what is left is cut.
    public func stop() async {
        let channel = state.withLock { state in
            state.isStopping = true
            return state.channel
        }
        try? await channel?.close()
        connections.forEach { $0.stop() }
        let end = NIODeadline.now() + .milliseconds(HTTPFront.stopMillis)
        while await connections.totals().connections > 0, NIODeadline.now() < end {
            try? await Task.sleep(for: .milliseconds(10))
        }
        connections.forEach { $0.cutAll() }
        try? await services.reads.pool.shutdownGracefully()
    }
}

/// The router, once the port is known.
private final class RouterSlot: Sendable {
    private let router = Mutex<FrontRouter?>(nil)

    var value: FrontRouter? { router.withLock { $0 } }

    func set(_ new: FrontRouter) { router.withLock { $0 = new } }
}
