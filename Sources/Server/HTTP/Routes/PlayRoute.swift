/// `/api/player` and `/api/play`: where what is played stands, and what moves and paces it; with
/// `replay-tool play` only.
enum PlayRoute {
    private static let fields = ["action", "speed", "ticks", "seq", "t"]

    static func routes(_ player: any PlayControlling) -> [Route] {
        [
            Route(path: "/api/player", summary: "Where the player is, and how fast it plays.") {
                _ in
                Answer(json: json(try await player.state()))
            },
            Route(
                method: "POST", path: "/api/play",
                summary: "Plays, pauses, steps by clock ticks, or seeks.", body: "Play",
                statuses: [400, 404, 413, 415, 429, 503]
            ) { request in
                let command = try command(BodyFields(request.body, fields))
                do { return Answer(json: json(try await player.run(command))) } catch {
                    guard let error = error as? LogError else { throw error }
                    var failure = HTTPFailure(error)
                    if case .seek(.time) = command { failure.field = "t" }
                    if case .seek(.sequence) = command { failure.field = "seq" }
                    throw failure
                }
            },
        ]
    }

    private static func command(_ fields: BodyFields) throws(HTTPFailure) -> PlayCommand {
        func only(_ allowed: [String]) throws(HTTPFailure) {
            for name in PlayRoute.fields where name != "action" && fields.has(name) {
                guard allowed.contains(name) else {
                    throw .field(name, "conflict", "it does not go with this action")
                }
            }
        }
        switch try fields.string("action") {
        case "pause":
            try only([])
            return .pause
        case "play":
            try only(["speed"])
            guard let text = try fields.text("speed") else { return .play(nil) }
            guard let pace = StreamPace(text) else {
                throw .field("speed", "range", StreamPace.rule)
            }
            return .play(pace)
        case "step":
            try only(["ticks"])
            return .step(ticks: Int(try fields.number("ticks", in: 1...10_000) ?? 1))
        case "seek":
            try only(["seq", "t"])
            let sequence = try fields.number("seq", in: 1...UInt64(Int64.max))
            let text = try fields.text("t")
            switch (sequence, text) {
            case (let sequence?, nil): return .seek(.sequence(sequence))
            case (nil, let text?):
                guard let time = TimeText.nanos(text) else {
                    throw .field("t", "time", "unix seconds, milliseconds, or ISO 8601 with Z")
                }
                return .seek(.time(time))
            default: throw .field("seq", "conflict", "seq or t is needed, not both")
            }
        default: throw .field("action", "value", "one of play, pause, step, seek")
        }
    }

    private static func json(_ state: PlayState) -> [UInt8] {
        var json = JSONBytes()
        json.object { json in
            json.key("seq")
            json.number(state.sequence)
            json.key("time")
            json.string(TimeText.iso(state.time))
            json.key("speed")
            json.string(state.pace.text)
            json.key("paused")
            json.bool(state.isPaused)
            json.key("ended")
            json.bool(state.isAtEnd)
            json.key("first_seq")
            json.number(state.bounds.lowerBound)
            json.key("last_seq")
            json.number(state.bounds.upperBound)
        }
        return json.bytes
    }
}
