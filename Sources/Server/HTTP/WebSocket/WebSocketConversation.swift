import NIOCore

/// What a WebSocket is for. Called on the connection's loop only.
protocol WebSocketSession: AnyObject {
    /// The handshake is done.
    func opened(_ socket: WebSocketConversation)
    /// A message came that is within the limits.
    func message(isText: Bool, _ bytes: [UInt8])
    /// There is room again for what is sent.
    func becameWritable()
    /// Nothing can be sent any more.
    func closed()
}

/// WebSocket on one connection: control frames, limits, and both ends of a close.
final class WebSocketConversation: Conversation {
    private var connection: Connection?
    private let limits: WebSocketLimits
    private let session: any WebSocketSession
    private var reader: WebSocketReader
    private var heardAt = NIODeadline.now()
    private var pingAt: NIODeadline
    private var rate = RateAccount()
    private var messages = SpanCounter()
    private var controls = SpanCounter()
    private var malformed = SpanCounter()
    /// Set once our close frame went out.
    private var closeBy: NIODeadline?
    private var isOver = false

    private static let tenSeconds: Int64 = 10_000_000_000
    private static let ping = WebSocketFrames.encode(.ping, [UInt8]())

    /// A conversation right behind the handshake.
    init(_ connection: Connection, _ limits: WebSocketLimits, _ session: any WebSocketSession) {
        self.connection = connection
        self.limits = limits
        self.session = session
        reader = WebSocketReader(limits)
        pingAt = heardAt + .milliseconds(limits.pingMillis)
    }

    /// Begins.
    func open() { session.opened(self) }

    /// The loop on which everything here happens.
    var loop: (any EventLoop)? { connection?.loop }
    /// The shard that counts.
    var shard: ConnectionShard? { connection?.shard }
    /// Whether more may be sent without piling up.
    var isWritable: Bool { !isClosing && connection?.isWritable == true }
    /// Bytes that wait.
    var queuedBytes: Int { connection?.outbound.bytes ?? 0 }
    private var isClosing: Bool { isOver || closeBy != nil }

    /// Sends a finished frame. A client that lets too many wait is told to come again: it never
    /// misses one silently.
    func send(_ frame: ByteBuffer) {
        guard !isClosing, let connection else { return }
        connection.send(frame)
        guard
            connection.outbound.bytes > limits.queueBytes
                || connection.outbound.count > limits.queueMessages
        else { return }
        close(CloseCode.tryAgainLater, "too slow; resume with after=")
    }

    /// Sends our close frame and waits for the client's.
    func close(_ code: UInt16, _ reason: String) {
        guard !isClosing, let connection else { return }
        closeBy = .now() + .milliseconds(limits.closeMillis)
        connection.shard.counters.closes[code, default: 0] += 1
        session.closed()
        connection.send(WebSocketFrames.close(code, reason))
    }

    /// Ends with `last` as the last frame.
    private func end(_ last: ByteBuffer) {
        isOver = true
        session.closed()
        connection?.finish(
            last, within: .milliseconds(limits.closeMillis), isTaking: false)
    }

    func received(_ input: inout ByteBuffer) {
        let now = NIODeadline.now()
        while !isOver, let event = reader.next(&input) {
            heardAt = now
            take(event, Int64(clamping: now.uptimeNanoseconds))
        }
        if isOver { input.clear() }
    }

    private func take(_ event: WebSocketReader.Event, _ now: Int64) {
        switch event {
        case .close(let code):
            // Ours went out before, or goes out now with the client's own code.
            end(closeBy != nil ? ByteBuffer() : WebSocketFrames.close(code))
        case .failure(let code, let reason):
            // Where the next frame begins is unknown: nothing more is read.
            guard closeBy == nil else { return end(ByteBuffer()) }
            connection?.shard.counters.closes[code, default: 0] += 1
            end(WebSocketFrames.close(code, reason))
        case .ping(let bytes):
            guard !isClosing, countControl(now) else { return }
            send(WebSocketFrames.encode(.pong, bytes))
        case .pong: _ = countControl(now)
        case .message(let isText, let bytes):
            guard !isClosing else { return }
            take(isText: isText, bytes, now)
        }
    }

    private func countControl(_ now: Int64) -> Bool {
        let span = WebSocketConversation.tenSeconds
        guard controls.add(now, span: span) <= limits.messagesPer10Seconds else {
            close(CloseCode.policy, "too many control frames")
            return false
        }
        return true
    }

    private func take(isText: Bool, _ bytes: [UInt8], _ now: Int64) {
        let span = WebSocketConversation.tenSeconds
        guard messages.add(now, span: span) <= limits.messagesPer10Seconds else {
            return close(CloseCode.policy, "too many messages")
        }
        guard rate.take(limits.messageRate, now) == nil else {
            return complain("rate", "too many messages in a second")
        }
        session.message(isText: isText, bytes)
    }

    /// Says that a message was not understood; too many of them end the connection.
    func complainMalformed() {
        let now = Int64(clamping: NIODeadline.now().uptimeNanoseconds)
        let count = malformed.add(now, span: 6 * WebSocketConversation.tenSeconds)
        guard count <= limits.malformedPerMinute else {
            return close(CloseCode.policy, "too many messages that are no JSON")
        }
        complain("json", "a message is one JSON object")
    }

    /// `{"type":"error","rule":…,"message":…}`
    func complain(_ rule: String, _ message: String) {
        var json = JSONBytes()
        json.object { json in
            json.key("type")
            json.string("error")
            json.key("rule")
            json.string(rule)
            json.key("message")
            json.string(message)
        }
        send(WebSocketFrames.encode(.text, json.bytes))
    }

    func inputEnded() { connection?.cut() }

    func becameWritable() { if !isClosing { session.becameWritable() } }

    func look(_ now: NIODeadline) {
        if let closeBy {
            if now >= closeBy { connection?.cut() }
            return
        }
        if now - heardAt >= .milliseconds(limits.silenceMillis) {
            connection?.shard.counters.silent += 1
            connection?.cut()
        } else if now >= pingAt {
            pingAt = now + .milliseconds(limits.pingMillis)
            send(WebSocketConversation.ping)
        }
    }

    func stop() { close(CloseCode.goingAway, "the server stops") }

    func ended() {
        if !isClosing { session.closed() }
        isOver = true
        connection = nil
    }
}
