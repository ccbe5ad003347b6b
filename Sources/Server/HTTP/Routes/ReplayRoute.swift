import Engine

/// `GET /api/replay`: one-second points of a stretch of the log.
enum ReplayRoute {
    private static let spanMax: Int64 = 86_400 * Timestamp.second

    static func route(_ services: FrontServices) -> Route {
        Route(
            path: "/api/replay", summary: "One-second points of [from, to), as they were served.",
            cost: .history,
            parameters: [
                Parameter(
                    name: "from", kind: .time, isRequired: true, summary: "First second."),
                Parameter(
                    name: "to", kind: .time, isRequired: true, summary: "End, not included."),
                Parameter(
                    name: "step", kind: .number,
                    summary: "Seconds a point: the last one, with extremes and counts over all."),
                .symbol,
            ], statuses: [400, 404, 429, 503]
        ) { request in
            let symbol = try services.symbol(request.query)
            let step = try request.query.number("step", in: 1...86_400) ?? 1
            let times = try request.query.times(spanMax: spanMax)
            let points = try await services.read { reader in
                var steps = RollupSteps(seconds: Int64(step))
                func take(_ rollup: StoredRollup) throws {
                    guard rollup.symbol == symbol else { return }
                    try steps.add(rollup)
                }
                do {
                    let covered = try reader.forEachStoredRollup(in: times, take)
                    try reader.forEachFoldedRollup(after: covered, in: times, take)
                } catch LogError.empty {}
                return steps.finish()
            }
            guard points.count <= services.limits.replayPoints else {
                throw HTTPFailure.field(
                    "step", "points", "at most \(services.limits.replayPoints) points")
            }
            return Answer(
                points: points, symbol: symbol, step: step, source: services.live.status.source)
        }
    }
}
