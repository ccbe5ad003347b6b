import Engine
import HTTPTypes
import Journal
import NIOCore

/// What the streams have in common: where they begin, how fast the past is played, the handshake.
enum StreamOpening {
    /// Parameters of every stream.
    static let parameters = [
        Parameter(
            name: "after", kind: .sequence,
            summary: "Resume: the messages behind this sequence, then the present."),
        Parameter(name: "from", kind: .time, summary: "Replay from this moment on."),
        Parameter(name: "from_seq", kind: .sequence, summary: "Replay from this event on."),
        Parameter(
            name: "speed", kind: .speed,
            summary: "How many times as fast a replay plays, or max; 1."),
    ]

    /// Statuses of every stream.
    static let statuses = [400, 403, 404, 421, 426, 429, 503]

    /// Opens the stream of `channel`.
    static func open(
        _ request: RouteRequest, _ channel: StreamChannel, _ services: FrontServices
    ) async throws -> Answer {
        let upgrade = try WebSocketHandshake.accept(request.head)
        guard services.hub.canMake(channel, limit: services.limits.madeChannels) else {
            throw HTTPFailure(
                .tooManyRequests, "channels",
                "at most \(services.limits.madeChannels) different feeds are made at a time",
                retryAfter: 5)
        }
        let moves = services.hub.moves
        let (past, cursor) = try await past(request.query, channel, services)
        let status = services.live.status
        let hello = StreamMessages.hello(
            channel, source: status.source, tickHz: status.tickHz,
            sequence: services.acceptedSequence)
        let plan = StreamPlan(
            channel: channel, hello: WebSocketFrames.encode(.text, hello), past: past,
            cursor: cursor, moves: moves)
        var answer = Answer(status: .switchingProtocols, headers: upgrade)
        let hub = services.hub
        answer.session = { StreamSession(plan, hub: hub) }
        return answer
    }

    /// What comes before the present, and up to where the client knows the frames.
    private static func past(
        _ query: Query, _ channel: StreamChannel, _ services: FrontServices
    ) async throws -> (StreamPast?, cursor: UInt64) {
        let given = ["after", "from", "from_seq"].filter { query[$0] != nil }
        guard given.count <= 1 else {
            throw HTTPFailure.field(given[1], "conflict", "after, from or from_seq: one of them")
        }
        let pace = try pace(query, isReplay: given.first == "from" || given.first == "from_seq")
        guard let start = given.first else { return (nil, 0) }
        let first = try await first(start, query, services)
        let live = services.live
        let player = LogPlayer(
            directory: services.directory, channel: channel, first: first,
            horizon: { live.horizon })
        let source = StreamSource(player, services.reads, try services.reads.takeSeat())
        let past = StreamPast(source: source, pace: pace)
        // Who knows the last frame of this run joins at once; the log is read if one comes before.
        let last = services.hub.lastSequence
        if last > 0, first - 1 >= last, first - 1 <= services.acceptedSequence {
            return (past, first - 1)
        }
        do {
            try await source.open()
        } catch let error as LogError {
            var failure = HTTPFailure(error)
            failure.field = start
            // A cursor in the future, or a log that is empty.
            if failure.status == .notFound { failure.status = .badRequest }
            throw failure
        }
        return (past, first - 1)
    }

    /// The first event whose frames are wanted.
    private static func first(
        _ field: String, _ query: Query, _ services: FrontServices
    ) async throws -> UInt64 {
        if let after = try query.sequence("after", from: 0) { return after + 1 }
        if let first = try query.sequence("from_seq", from: 1) {
            return first
        }
        guard let time = try query.time("from") else {
            throw HTTPFailure.field(field, "missing", "it is needed")
        }
        return try await services.read { reader in
            let bounds = try reader.bounds()
            do {
                let before = try reader.sequence(of: .time(time - 1))
                if before < bounds.upperBound { return before + 1 }
                throw HTTPFailure.field("from", "future", "the log ends before it")
            } catch LogError.timeBefore {
                // Where retention has cut the log, the stream says so.
                return bounds.lowerBound > 1 ? bounds.lowerBound - 1 : 1
            }
        }
    }

    private static func pace(_ query: Query, isReplay: Bool) throws(HTTPFailure) -> StreamPace {
        guard let text = query["speed"] else { return isReplay ? .times(1) : .max }
        guard isReplay else { throw .field("speed", "conflict", "it goes with from or from_seq") }
        guard let pace = StreamPace(text) else {
            throw .field("speed", "range", StreamPace.rule)
        }
        return pace
    }
}
