import NIOCore
import Synchronization

/// Counts connections over all loops: how many there may be, and how many of one address.
final class ConnectionGate: Sendable {
    private struct State {
        var count = 0
        var byAddress: [String: Int] = [:]
        var refused = 0
        /// What to do when there is room again.
        var waiting: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let limits: HTTPLimits

    /// A gate with the limits of the whole server.
    init(_ limits: HTTPLimits) { self.limits = limits }

    /// Connections that were not let in.
    var refused: Int { state.withLock { $0.refused } }

    /// Lets one in; false where it may not.
    func enter(_ address: String) -> Bool {
        let isLoopback = HTTPConfiguration.isLoopback(address)
        return state.withLock { state in
            let ofAddress = isLoopback ? 0 : state.byAddress[address, default: 0]
            guard state.count < limits.connections, ofAddress < limits.connectionsPerAddress
            else {
                state.refused += 1
                return false
            }
            if !isLoopback { state.byAddress[address] = ofAddress + 1 }
            state.count += 1
            return true
        }
    }

    /// One has gone.
    func leave(_ address: String) {
        let isLoopback = HTTPConfiguration.isLoopback(address)
        let waiting = state.withLock { state in
            state.count -= 1
            if !isLoopback, let count = state.byAddress[address] {
                state.byAddress[address] = count > 1 ? count - 1 : nil
            }
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?()
    }

    /// Whether one more may be accepted; if not, `retry` is called once there is room.
    func mayAccept(orElse retry: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard state.count >= limits.connections else { return true }
            state.waiting = retry
            return false
        }
    }
}

/// On the listening socket: accepts nothing while the server is full, and waits a moment after
/// an error of `accept`, such as having no descriptor left (F.9).
final class AcceptHandler: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    private let gate: ConnectionGate
    private static let pause = TimeAmount.milliseconds(100)
    private var pausedUntil: NIODeadline?
    private var isScheduled = false

    /// A handler that asks `gate`.
    init(_ gate: ConnectionGate) { self.gate = gate }

    func read(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        if let until = pausedUntil, until > .now() {
            guard !isScheduled else { return }
            isScheduled = true
            context.eventLoop.scheduleTask(deadline: until) {
                bound.value.0.isScheduled = false
                bound.value.0.read(context: bound.value.1)
            }
            return
        }
        pausedUntil = nil
        let loop = context.eventLoop
        let mayAccept = gate.mayAccept {
            loop.execute { bound.value.0.read(context: bound.value.1) }
        }
        if mayAccept { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = unwrapInboundIn(data)
        let address = channel.remoteAddress?.ipAddress ?? ""
        // Counted before the next one is read.
        guard gate.enter(address) else { return channel.close(promise: nil) }
        let gate = gate
        channel.closeFuture.whenComplete { _ in gate.leave(address) }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Errors of accept end nothing: what runs goes on.
        pausedUntil = .now() + AcceptHandler.pause
    }
}
