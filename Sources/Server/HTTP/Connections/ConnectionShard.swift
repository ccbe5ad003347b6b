import NIOCore

/// What one event loop counts; summed up for `/metrics`.
struct ConnectionCounters: Sendable {
    var accepted = 0
    var refused = 0
    /// Cut because the client took nothing for too long.
    var stuck = 0
    /// Cut because of a deadline, with or without an answer.
    var timedOut = 0
    /// WebSockets that were opened.
    var webSockets = 0
    /// WebSockets cut for silence.
    var silent = 0
    /// Close frames of ours by their code.
    var closes: [UInt16: Int] = [:]
    /// Frames of streams that were sent.
    var framesSent = 0

    mutating func add(_ other: ConnectionCounters) {
        accepted += other.accepted
        refused += other.refused
        stuck += other.stuck
        timedOut += other.timedOut
        webSockets += other.webSockets
        silent += other.silent
        closes.merge(other.closes, uniquingKeysWith: +)
        framesSent += other.framesSent
    }
}

/// All connections of one event loop, and the one timer that looks at them. Never touched off
/// that loop.
final class ConnectionShard {
    let loop: any EventLoop
    let limits: HTTPLimits
    /// The share of this loop in limits that hold for all of them.
    private let unheardMax: Int
    private let queuesBytesMax: Int
    private var connections: [Connection] = []
    /// Those that had sent no complete headers when it was last looked through; oldest first.
    private var unheard = CircularBuffer<Connection>()
    private var timer: RepeatedTask?
    private(set) var isStopping = false
    var counters = ConnectionCounters()
    /// Bytes that wait for clients.
    var unsentBytes = 0
    /// The date that responses bear.
    private(set) var date = HTTPDate.now()

    /// The shard of `loop`, one of `loops`.
    init(loop: any EventLoop, limits: HTTPLimits, loops: Int) {
        self.loop = loop
        self.limits = limits
        unheardMax = max(1, limits.unheardConnections / loops)
        queuesBytesMax = max(1, limits.webSocket.allQueuesBytes / loops)
    }

    /// Open connections.
    var count: Int { connections.count }

    /// Begins to look.
    func start() {
        let interval = TimeAmount.milliseconds(limits.lookMillis)
        let bound = NIOLoopBound(self, eventLoop: loop)
        timer = loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            bound.value.look(.now())
        }
    }

    /// Takes a connection in; the oldest one that never sent headers makes room.
    func add(_ connection: Connection) {
        connection.index = connections.count
        connections.append(connection)
        counters.accepted += 1
        if isStopping { return connection.cut() }
        unheard.append(connection)
        guard unheard.count > unheardMax else { return }
        unheard.removeAll { $0.index < 0 || !$0.isUnheard }
        if unheard.count > unheardMax {
            counters.refused += 1
            unheard.removeFirst().cut()
        }
    }

    func remove(_ connection: Connection) {
        let index = connection.index
        guard index >= 0 else { return }
        let last = connections.removeLast()
        if last !== connection {
            connections[index] = last
            last.index = index
        }
        connection.index = -1
    }

    /// Time went by: deadlines, pings, clients that take nothing.
    func look(_ now: NIODeadline) {
        date = HTTPDate.now()
        let stuck = TimeAmount.milliseconds(limits.stuckMillis)
        // Whoever ends meanwhile makes way for one that was looked at already.
        var index = connections.count - 1
        while index >= 0 {
            if index < connections.count { connections[index].look(now, stuck: stuck) }
            index -= 1
        }
        relieve()
    }

    /// While all queues together are too long, the longest ends.
    func relieve() {
        guard unsentBytes > queuesBytesMax else { return }
        let sockets = connections.compactMap { $0.conversation as? WebSocketConversation }
        var total = sockets.reduce(0) { $0 + $1.queuedBytes }
        for socket in sockets.sorted(by: { $0.queuedBytes > $1.queuedBytes }) {
            guard total > queuesBytesMax else { return }
            total -= socket.queuedBytes
            socket.close(CloseCode.tryAgainLater, "all queues together are too long")
        }
    }

    /// Says goodbye to everybody; nobody new is taken.
    func stop() {
        isStopping = true
        for connection in connections { connection.conversation?.stop() }
    }

    /// Ends what is left.
    func cutAll() {
        timer?.cancel()
        for connection in connections { connection.cut() }
    }
}
