import NIOCore
import NIOPosix
import Synchronization

/// A listening socket and the connections that came over it; what is answered is another's.
final class Listener: Sendable {
    private struct State {
        var channel: (any Channel)?
        var answering: (any Answering)?
        var isStopping = false
    }

    let connections: ConnectionTable
    private let limits: HTTPLimits
    private let group: any EventLoopGroup
    private let gate: ConnectionGate
    private let state = Mutex(State())

    /// A listener on the loops of `group`.
    init(group: any EventLoopGroup, limits: HTTPLimits) {
        self.group = group
        self.limits = limits
        gate = ConnectionGate(limits)
        connections = ConnectionTable(group: group, limits: limits, gate: gate)
    }

    /// The port that is listened on; nil before `start`.
    var port: Int? { state.withLock { $0.channel }?.localAddress?.port }

    /// Binds, and begins to accept once `answering` was made for the port.
    func start(
        _ address: String, port: Int, _ answering: (_ port: Int) -> any Answering
    ) async throws {
        let channel = try await bind(address, port)
        let isStopping = state.withLock { state in
            state.channel = channel
            state.answering = answering(channel.localAddress?.port ?? 0)
            return state.isStopping
        }
        if isStopping { return try await channel.close() }
        connections.forEach { $0.start() }
        try await channel.setOption(.autoRead, value: true).get()
    }

    private func bind(_ address: String, _ port: Int) async throws -> any Channel {
        let gate = gate
        return try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4_096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Only when the port is known is it known who may ask.
            .serverChannelOption(.autoRead, value: false)
            // One by one, each counted before the next.
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptHandler(gate))
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .socketOption(.so_sndbuf), value: .init(limits.webSocket.socketBufferBytes)
            )
            // The event of room comes early enough that no queue overflows by itself.
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 4 << 10, high: 8 << 10))
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try self.take(channel) }
            }
            .bind(host: address, port: port).get()
    }

    /// Takes an accepted socket in; on its loop.
    private func take(_ channel: any Channel) throws {
        let client = channel.remoteAddress?.ipAddress ?? ""
        let shard = connections.shard(of: channel.eventLoop)
        guard let answering = state.withLock({ $0.answering }) else {
            return channel.close(promise: nil)
        }
        let connection = Connection(shard: shard, client: client)
        connection.conversation = HTTPConversation(connection, answering, limits)
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    /// Waits until the listening socket is closed.
    func closed() async throws {
        try await state.withLock { $0.channel }?.closeFuture.get()
    }

    /// Ends in order: nobody new, requests in work are answered, WebSockets get close 1001; what
    /// is left after `time` is cut.
    func stop(within time: TimeAmount) async {
        let channel = state.withLock { state in
            state.isStopping = true
            return state.channel
        }
        try? await channel?.close()
        connections.forEach { $0.stop() }
        let end = NIODeadline.now() + time
        while await connections.totals().connections > 0, NIODeadline.now() < end {
            try? await Task.sleep(for: .milliseconds(10))
        }
        connections.forEach { $0.cutAll() }
    }
}
