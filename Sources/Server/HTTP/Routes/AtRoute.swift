import Engine

/// `GET /api/at`: the state at a moment of the log.
enum AtRoute {
    static func route(_ services: FrontServices) -> Route {
        let levelsDefault = services.configuration.topLevels
        return Route(
            path: "/api/at",
            summary: "The state at a moment: books, validity, metrics, digest.",
            cost: .history,
            parameters: [
                Parameter(name: "seq", kind: .sequence, summary: "After this event."),
                Parameter(
                    name: "t", kind: .time, summary: "After the last event at or before it."),
                Parameter(
                    name: "levels", kind: .number, summary: "Levels a side; \(levelsDefault)."),
            ], statuses: [400, 404, 410, 429, 503]
        ) { request in
            let moment = try AtRoute.moment(request.query)
            let range = 0...Limits.levelsPerSideMax
            let levels = try request.query.number("levels", in: range) ?? levelsDefault
            return try await services.read { reader in
                let sequence: UInt64
                do throws(LogError) { sequence = try reader.sequence(of: moment) } catch {
                    var failure = HTTPFailure(error)
                    failure.field = request.query["seq"] == nil ? "t" : "seq"
                    throw failure
                }
                let engine = try reader.engine(after: sequence)
                var bytes: [UInt8] = []
                StateEncoder.append(engine, levels: levels, to: &bytes)
                return Answer(json: bytes)
            }
        }
    }

    private static func moment(_ query: Query) throws(HTTPFailure) -> Moment {
        switch (try query.sequence("seq", from: 1), try query.time("t")) {
        case (let sequence?, nil): return .sequence(sequence)
        case (nil, let time?): return .time(time)
        case (nil, nil): throw .field("seq", "missing", "seq or t is needed")
        default: throw .field("seq", "conflict", "seq or t, not both")
        }
    }
}
