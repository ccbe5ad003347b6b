import Engine

/// `GET /ws/book`: the order-book monitor's frames of one venue (S1.1, S1.6).
enum BookRoute {
    /// Most levels a side of a frame: a frame stays far below what may wait for a client.
    private static let levelsMax = 500

    static func route(_ services: FrontServices) -> Route {
        let levelsDefault = services.configuration.bookLevels
        return Route(
            path: "/ws/book",
            summary: "A venue's book and its metrics, a frame a clock tick, over a WebSocket.",
            cost: .history,
            parameters: [
                .symbol,
                Parameter(
                    name: "venue", kind: .venue, isRequired: true, summary: "One that trades it."),
                Parameter(
                    name: "levels", kind: .number,
                    summary: "Levels a side, 1 to \(levelsMax); \(levelsDefault)."),
            ] + StreamOpening.parameters, statuses: StreamOpening.statuses, isWebSocket: true
        ) { request in
            let symbol = try services.symbol(request.query)
            let venue = try await services.venue(request.query, of: symbol)
            let levels = try request.query.number("levels", in: 1...levelsMax) ?? levelsDefault
            return try await StreamOpening.open(
                request,
                StreamChannel(symbol: symbol, topic: .book(venue: venue, levels: levels)), services)
        }
    }
}
