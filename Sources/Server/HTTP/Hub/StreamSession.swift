import Engine
import NIOCore

/// Where a stream begins.
struct StreamPlan: Sendable {
    /// What is followed.
    var channel: StreamChannel
    /// The first message.
    var hello: ByteBuffer
    /// What may come before the present; nil where nothing was asked for.
    var past: StreamPast?
    /// Frames up to this sequence are known to the client, or not wanted.
    var cursor: UInt64 = 0
    /// How often the present had been moved when it was planned.
    var moves = 0
}

/// Frames of the log that a stream begins with.
struct StreamPast: Sendable {
    /// Reads them; off the loop, one step at a time.
    var source: StreamSource
    /// How fast.
    var pace: StreamPace
}

/// How fast frames of the log are played.
enum StreamPace: Equatable, Sendable {
    /// As fast as the client takes them.
    case max
    /// So many times as fast as they were made.
    case times(Double)

    /// `max`, or a number from 0.01 to 10000.
    init?(_ text: String) {
        if text == "max" {
            self = .max
            return
        }
        guard let value = try? DecimalText.parse(Array(text.utf8)) else { return nil }
        let speed = Double(value.mantissa) / Double(PowersOfTen.int64(Int(value.exponent)))
        guard (0.01...10_000).contains(speed) else { return nil }
        self = .times(speed)
    }

    /// What a speed has to be.
    static let rule = "max, or a number from 0.01 to 10000"

    /// As it is written.
    var text: String {
        switch self {
        case .max: "max"
        case .times(let speed): "\(speed)"
        }
    }
}

/// One client of `/ws/stream`: frames of the log, where it asked for some, then the present, each
/// exactly once. Lives on its connection's event loop.
///
/// ```
/// past: step off the loop ─► pending ─► sent as there is room ─► step …
///          └─ the log ends at E ≥ horizon ─► live: every frame behind E
/// ```
final class StreamSession: WebSocketSession {
    let channel: StreamChannel
    /// Its place in the hub's table; −1 while it is in none.
    var place = -1
    private let hello: ByteBuffer
    private let hub: Hub
    private var past: StreamPast?
    private weak var socket: WebSocketConversation?
    private var loop: (any EventLoop)?
    /// Sequence of the last frame that was sent.
    private var cursor: UInt64
    /// Sequence up to which frames were published without being sent here: the log has them.
    private var horizon: UInt64 = 0
    private var pending = CircularBuffer<StreamFrame>()
    /// The event up to which `pending` covers the log; nil where the log goes on.
    private var endsAt: UInt64?
    private var isStepping = false
    /// Whether the source holds a piece of the log since the last step.
    private var isHolding = false
    private var clock: PlayClock
    private var wake: Scheduled<Void>?
    private let moves: Int

    /// A stream as planned.
    init(_ plan: StreamPlan, hub: Hub) {
        hello = plan.hello
        self.hub = hub
        channel = plan.channel
        cursor = plan.cursor
        past = plan.past
        moves = plan.moves
        clock = PlayClock(plan.past?.pace ?? .max)
    }

    /// The shard of its connection.
    var shard: ConnectionShard? { socket?.shard }

    func opened(_ socket: WebSocketConversation) {
        guard let loop = socket.loop else { return }
        self.socket = socket
        self.loop = loop
        socket.send(hello)
        horizon = hub.follow(self, on: loop)
        guard past != nil else {
            cursor = horizon
            return
        }
        guard hub.moves == moves else {
            socket.close(CloseCode.serviceRestart, "the player was moved")
            return
        }
        // A client that knows all that this run has published needs nothing of the log; what an
        // earlier run published, only the log can tell.
        if horizon > 0, cursor >= horizon { endsAt = cursor }
        pump()
    }

    /// Takes a frame that was just published.
    func deliver(_ frame: StreamFrame) {
        guard past == nil else {
            // One that was on its way when the stream joined is known of already.
            horizon = max(horizon, frame.sequence)
            return
        }
        guard frame.sequence > cursor else { return }
        send(frame)
    }

    /// Whether the client has taken what it was sent, or does not follow the present.
    var hasRoom: Bool { past != nil || socket?.isWritable ?? true }

    /// The present was moved to behind the event `sequence`, back or forth.
    func moved(to sequence: UInt64) {
        guard past == nil else {
            socket?.close(CloseCode.serviceRestart, "the player was moved")
            return
        }
        cursor = sequence
        horizon = sequence
        socket?.send(WebSocketFrames.encode(.text, StreamMessages.moved(sequence)))
    }

    private func send(_ frame: StreamFrame) {
        precondition(frame.sequence > cursor, "a frame is sent once, in order")
        cursor = frame.sequence
        guard let socket else { return }
        socket.shard?.counters.framesSent += 1
        socket.send(frame.bytes)
    }

    /// Sends what is due of the past, as far as there is room, and sees to what comes next.
    private func pump() {
        guard let past, let socket else { return }
        while let frame = pending.first {
            guard socket.isWritable else { return rest(past.source) }
            let wait = clock.wait(frame.time, .now())
            if wait > .nanoseconds(0) {
                sleep(wait)
                return rest(past.source)
            }
            pending.removeFirst()
            send(frame)
            // Sending may have ended it.
            guard self.past != nil else { return }
        }
        guard !isStepping else { return }
        if let end = endsAt, end >= horizon {
            // From here on everything that is published is behind the cursor and is delivered.
            cursor = max(cursor, end)
            self.past = nil
            past.source.close()
            return
        }
        step(past.source)
    }

    private func sleep(_ wait: TimeAmount) {
        guard wake == nil, let loop else { return }
        let bound = NIOLoopBound(self, eventLoop: loop)
        wake = loop.scheduleTask(in: wait) {
            bound.value.wake = nil
            bound.value.pump()
        }
    }

    /// Nothing can be sent for a while: retention is not kept from the log meanwhile.
    private func rest(_ source: StreamSource) {
        guard isHolding, !isStepping, let loop else { return }
        isHolding = false
        isStepping = true
        let bound = NIOLoopBound(self, eventLoop: loop)
        source.rest(on: loop) {
            bound.value.isStepping = false
            bound.value.pump()
        }
    }

    private func step(_ source: StreamSource) {
        guard let loop else { return }
        isStepping = true
        isHolding = true
        let bound = NIOLoopBound(self, eventLoop: loop)
        source.step(on: loop) { bound.value.stepped($0) }
    }

    private func stepped(_ result: Result<StreamStep, StreamSourceError>) {
        isStepping = false
        guard past != nil else { return }
        switch result {
        case .success(let step):
            if let oldest = step.truncatedTo {
                socket?.send(WebSocketFrames.encode(.text, StreamMessages.truncated(oldest)))
            }
            pending.append(contentsOf: step.frames)
            endsAt = step.endsAt
            pump()
        case .failure(let error): socket?.close(error.code, error.reason)
        }
    }

    func message(isText: Bool, _ bytes: [UInt8]) {
        guard isText, (try? StrictJSON.object(bytes)) != nil else {
            socket?.complainMalformed()
            return
        }
        socket?.complain("no-messages", "a stream takes no messages")
    }

    func becameWritable() { pump() }

    func closed() {
        wake?.cancel()
        wake = nil
        pending.removeAll()
        past?.source.close()
        past = nil
        if let loop { hub.leave(self, on: loop) }
    }
}

/// When a frame of the log is due: the first one at once, the others as far behind it as they
/// were made, divided by the speed.
struct PlayClock {
    private let pace: StreamPace
    private var start: (time: Int64, at: NIODeadline)?

    /// A clock that starts with the first frame.
    init(_ pace: StreamPace) { self.pace = pace }

    /// How long a frame of log time `time` has to wait at `now`.
    mutating func wait(_ time: Int64, _ now: NIODeadline) -> TimeAmount {
        guard case .times(let speed) = pace else { return .nanoseconds(0) }
        guard let start else {
            self.start = (time, now)
            return .nanoseconds(0)
        }
        let due = Double(time - start.time) / speed
        let gone = Double((now - start.at).nanoseconds)
        return .nanoseconds(Int64(min(max(0, due - gone), 86_400e9)))
    }
}
