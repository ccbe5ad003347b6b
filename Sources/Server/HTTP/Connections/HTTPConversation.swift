import HTTPTypes
import NIOCore

/// A request as the routes get it.
struct FrontRequest: Sendable {
    var head: RequestHead
    var body: [UInt8]
    /// Address of the client, without port.
    var client: String
}

/// What a request is answered with.
struct Answer: Sendable {
    var status: HTTPResponse.Status
    var headers: [HeaderField] = []
    var body = ByteBuffer()
    /// Length that the body would have, where it is left out.
    var length: Int?
    /// Whether the connection ends with it.
    var closes = false
    /// What goes on after `101 Switching Protocols`.
    var session: (@Sendable () -> any WebSocketSession)?
}

/// Answers requests; the connection knows no route.
protocol Answering: Sendable {
    /// How long an answer to this may take, ms.
    func timeLimitMillis(_ head: RequestHead) -> Int64
    /// The answer; it never fails.
    func answer(_ request: FrontRequest) async -> Answer
    /// A request that never reached the routes, or was given up, got this status.
    func count(_ head: RequestHead?, _ status: HTTPResponse.Status)
}

/// HTTP/1.1 on one connection: one request after the other, each within its deadlines.
///
/// ```
/// reading ──request──► working ──answer──► writing ──taken──► reading …
///    │ deadline, refusal   │ deadline          │ last response
///    └────────► last response, linger, end ◄───┘
/// ```
final class HTTPConversation: Conversation {
    private enum State {
        case reading
        case working(UInt64, RequestHead, until: NIODeadline)
        case writing
        case ending
    }

    private var connection: Connection?
    private let service: any Answering
    private let limits: HTTPLimits
    private var reader: RequestReader
    private var state = State.reading
    private var task: Task<Void, Never>?
    private var requests: UInt64 = 0
    /// When the connection was accepted.
    let acceptedAt: NIODeadline
    /// Whether complete headers came once.
    private(set) var wasHeard = false
    /// Since when the present part of a request is waited for.
    private var since: NIODeadline
    private var isBodyDue = false
    private var isLast = false

    /// A conversation on a connection that was just accepted.
    init(_ connection: Connection, _ service: any Answering, _ limits: HTTPLimits) {
        self.connection = connection
        self.service = service
        self.limits = limits
        reader = RequestReader(limits)
        acceptedAt = .now()
        since = acceptedAt
    }

    func received(_ input: inout ByteBuffer) {
        guard case .reading = state else { return }
        if wasHeard, reader.isBetweenRequests, input.readableBytes > 0, !isPartial {
            since = .now()
            isPartial = true
        }
        while case .reading = state, let event = reader.next(&input) {
            switch event {
            case .head(let head):
                wasHeard = true
                isBodyDue = true
                since = .now()
                if head.awaitsContinue {
                    connection?.send(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))
                }
            case .complete(let head, let body): begin(head, body)
            case .refused(let failure): refuse(failure)
            }
        }
    }

    /// Whether bytes of the next request came.
    private var isPartial = false

    private func begin(_ head: RequestHead, _ body: [UInt8]) {
        guard let connection, let loop = connection.loop else { return }
        wasHeard = true
        isBodyDue = false
        isPartial = false
        requests += 1
        isLast = isLast || !head.isKeepAlive || requests >= limits.requestsPerConnection
        connection.isReading = false
        let number = requests
        let limit = TimeAmount.milliseconds(service.timeLimitMillis(head))
        state = .working(number, head, until: .now() + limit)
        let request = FrontRequest(head: head, body: body, client: connection.client)
        let bound = NIOLoopBound(self, eventLoop: loop)
        let service = service
        task = Task {
            let answer = await service.answer(request)
            loop.execute { bound.value.finish(number, answer) }
        }
    }

    private func finish(_ number: UInt64, _ answer: Answer) {
        // One that was given up is not written any more.
        guard case .working(number, let head, _) = state, let connection else { return }
        task = nil
        if let session = answer.session {
            connection.send(encode(answer, head, isKept: true).head)
            connection.shard.counters.webSockets += 1
            let socket = WebSocketConversation(connection, limits.webSocket, session())
            self.connection = nil
            connection.become(socket)
            socket.open()
            return connection.process()
        }
        write(answer, head)
    }

    private func write(_ answer: Answer, _ head: RequestHead?) {
        guard let connection, let loop = connection.loop else { return }
        isLast = isLast || answer.closes || connection.shard.isStopping
        let response = encode(answer, head, isKept: !isLast)
        if isLast {
            state = .ending
            if let body = response.body { connection.send(response.head); return end(body) }
            return end(response.head)
        }
        state = .writing
        let bound = NIOLoopBound(self, eventLoop: loop)
        let promise = loop.makePromise(of: Void.self)
        promise.futureResult.whenSuccess { bound.value.written() }
        if let body = response.body {
            connection.send(response.head)
            connection.send(body, promise: promise)
        } else {
            connection.send(response.head, promise: promise)
        }
    }

    private func end(_ last: ByteBuffer) {
        connection?.finish(
            last, within: .milliseconds(limits.lingerMillis), isTaking: true)
    }

    private func written() {
        guard case .writing = state, let connection else { return }
        state = .reading
        since = .now()
        if connection.shard.isStopping { return connection.cut() }
        connection.isReading = true
        connection.process()
    }

    private func encode(_ answer: Answer, _ head: RequestHead?, isKept: Bool) -> EncodedResponse {
        ResponseEncoder.encode(
            answer, to: head, isKept: isKept, date: connection?.shard.date ?? HTTPDate.now())
    }

    private func refuse(_ failure: HTTPFailure) {
        service.count(nil, failure.status)
        var answer = Answer(failure)
        answer.closes = true
        write(answer, nil)
    }

    func inputEnded() {
        switch state {
        case .reading: connection?.cut()
        case .working, .writing, .ending: isLast = true
        }
    }

    func becameWritable() {}

    func look(_ now: NIODeadline) {
        switch state {
        case .reading: lookAtReading(now)
        case .working(_, let head, let until):
            guard now >= until else { return }
            task?.cancel()
            task = nil
            connection?.shard.counters.timedOut += 1
            service.count(head, .serviceUnavailable)
            let failure = HTTPFailure(
                .serviceUnavailable, "time", "the answer took too long", retryAfter: 1)
            write(Answer(failure), head)
        case .writing, .ending: break
        }
    }

    private func lookAtReading(_ now: NIODeadline) {
        if isBodyDue {
            let waited = now - since
            let seconds = Int(waited.nanoseconds / 1_000_000_000)
            let isTooSlow =
                waited >= .milliseconds(limits.bodyFloorAfterMillis)
                && reader.bodyCount < seconds * limits.bodyBytesPerSecond
            guard waited >= .milliseconds(limits.bodyMillis) || isTooSlow else { return }
            timeOut("the body took too long")
        } else if wasHeard && !isPartial {
            if now - since >= .milliseconds(limits.idleMillis) { connection?.cut() }
        } else if now - since >= .milliseconds(limits.headMillis) {
            timeOut("the headers took too long")
        }
    }

    private func timeOut(_ message: String) {
        connection?.shard.counters.timedOut += 1
        refuse(HTTPFailure(.requestTimeout, "time", message, closes: true))
    }

    func stop() {
        if case .reading = state, !isBodyDue, !isPartial { return connection?.cut() ?? () }
        isLast = true
    }

    func ended() {
        task?.cancel()
        task = nil
        connection = nil
    }
}
