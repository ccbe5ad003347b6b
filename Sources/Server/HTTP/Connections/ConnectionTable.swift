import NIOCore

/// What all loops have counted.
struct ConnectionTotals: Sendable {
    var counters = ConnectionCounters()
    var connections = 0
    var unsentBytes = 0
}

/// The shards of all event loops.
final class ConnectionTable: Sendable {
    private let shards: [(loop: any EventLoop, shard: NIOLoopBoundBox<ConnectionShard>)]

    private let gate: ConnectionGate

    /// One shard for each loop of `group`, behind `gate`.
    init(group: any EventLoopGroup, limits: HTTPLimits, gate: ConnectionGate) {
        self.gate = gate
        let loops = Array(group.makeIterator())
        shards = loops.map { loop in
            let shard = ConnectionShard(loop: loop, limits: limits, loops: loops.count)
            return (loop, NIOLoopBoundBox.makeBoxSendingValue(shard, eventLoop: loop))
        }
    }

    /// The shard of a loop; on that loop.
    func shard(of loop: any EventLoop) -> ConnectionShard {
        guard let found = shards.first(where: { $0.loop === loop }) else {
            preconditionFailure("a connection lives on a loop of the front's group")
        }
        return found.shard.value
    }

    /// Does `body` with every shard, on its loop.
    func forEach(_ body: @escaping @Sendable (ConnectionShard) -> Void) {
        for (loop, shard) in shards { loop.execute { body(shard.value) } }
    }

    /// All counts, as each loop has them at its next turn.
    func totals() async -> ConnectionTotals {
        var sum = ConnectionTotals()
        sum.counters.refused = gate.refused
        for (loop, shard) in shards {
            let part = try? await loop.submit {
                ConnectionTotals(
                    counters: shard.value.counters, connections: shard.value.count,
                    unsentBytes: shard.value.unsentBytes)
            }.get()
            guard let part else { continue }
            sum.counters.add(part.counters)
            sum.connections += part.connections
            sum.unsentBytes += part.unsentBytes
        }
        return sum
    }

    /// Bytes that clients have not taken yet.
    func unsentBytes() async -> Int { await totals().unsentBytes }
}
