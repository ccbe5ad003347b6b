import Engine
import Venues

/// Names one socket: a line and which of its sockets, so that what a former one still says is
/// told apart.
public struct SocketID: Hashable, Sendable {
    /// Id of the connection in events.
    public var line: UInt16
    /// Counts the sockets of the line.
    public var generation: UInt32
}

/// One connection of a venue: its adapter, and the state of its socket.
final class VenueLine {
    /// What the socket does; times are steady ns.
    enum State: Equatable {
        case down
        case connecting(since: Int64)
        case up(since: Int64)
    }

    let adapter: any VenueAdapter
    let id: UInt16
    let name: [UInt8]
    var state = State.down
    private(set) var generation: UInt32 = 0
    /// When something was heard last: a message, a pong, the opening.
    var heardAt: Int64 = 0
    /// When something was sent to keep it alive.
    var pingedAt: Int64 = 0
    /// Messages that wait for their turn to be sent.
    private var unsent: [[UInt8]] = []
    /// Its messages that could not be used lately.
    var rejections = RejectionCount()
    private var sendableAt: Int64 = 0
    /// When the venue may cut the connection and a new one takes over.
    var handOverAt = Int64.max

    /// Messages a second (V.5).
    static let sendSpacingNanos: Int64 = 250_000_000
    static let pingAfterNanos: Int64 = 10_000_000_000
    static let deadAfterNanos: Int64 = 20_000_000_000
    static let connectNanosMax: Int64 = 10_000_000_000

    init(adapter: any VenueAdapter, name: [UInt8]) {
        self.adapter = adapter
        self.name = name
        id = adapter.connection
    }

    var socket: SocketID { SocketID(line: id, generation: generation) }

    var isUp: Bool {
        if case .up = state { return true }
        return false
    }

    /// A new socket begins.
    func beginConnecting(_ now: Int64) {
        generation &+= 1
        state = .connecting(since: now)
        unsent = []
        rejections = RejectionCount()
    }

    func send(_ messages: [[UInt8]]) { unsent += messages }

    /// The next message whose turn has come.
    func takeDue(_ now: Int64) -> [UInt8]? {
        guard isUp, !unsent.isEmpty, now >= sendableAt else { return nil }
        sendableAt = now + VenueLine.sendSpacingNanos
        return unsent.removeFirst()
    }

    /// When something has to be looked at, steady ns.
    func deadline(_ keepalive: Keepalive) -> Int64 {
        switch state {
        case .down: return .max
        case .connecting(let since): return since + VenueLine.connectNanosMax
        case .up:
            // A hand-over may wait long for its turn: it is looked for now and then.
            var next = min(heardAt + VenueLine.deadAfterNanos, pingDue(keepalive))
            if !unsent.isEmpty { next = min(next, sendableAt) }
            return next
        }
    }

    /// When the next keepalive is sent.
    func pingDue(_ keepalive: Keepalive) -> Int64 {
        if let every = keepalive.everyNanos { return pingedAt + every }
        return max(heardAt, pingedAt) + VenueLine.pingAfterNanos
    }
}
