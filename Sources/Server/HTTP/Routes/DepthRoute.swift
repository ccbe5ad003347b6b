import Engine

/// `GET /ws/depth`: the consolidated book in price buckets, with the trades, a message a tick
/// (S0.10).
enum DepthRoute {
    /// Buckets a side, where nothing is said.
    private static let levelsDefault = 200

    static func route(_ services: FrontServices) -> Route {
        Route(
            path: "/ws/depth",
            summary: "Depth in price buckets and trades, as binary messages over a WebSocket.",
            cost: .history,
            parameters: [
                .symbol,
                Parameter(
                    name: "step", kind: .decimal, isRequired: true,
                    summary: "Width of a bucket in quote currency."),
                Parameter(
                    name: "levels", kind: .number,
                    summary: "Buckets a side, 1 to \(Engine.depthBucketsMax); \(levelsDefault)."),
            ] + StreamOpening.parameters, statuses: StreamOpening.statuses, isWebSocket: true
        ) { request in
            let symbol = try services.symbol(request.query)
            guard let step = try request.query.positive("step") else {
                throw HTTPFailure.field("step", "missing", "it is needed")
            }
            let levels =
                try request.query.number("levels", in: 1...Engine.depthBucketsMax)
                ?? levelsDefault
            _ = try await services.venues(of: symbol)
            // A step that no price of the symbol can have gives no message at all.
            let fits = try await services.ask { engine in
                var bytes: [UInt8] = []
                return engine.appendDepth(
                    of: symbol, step: step, levels: 1, trades: [], to: &bytes)
            }
            guard fits else {
                throw HTTPFailure.field("step", "grid", "it is finer than the prices")
            }
            return try await StreamOpening.open(
                request,
                StreamChannel(symbol: symbol, topic: .depth(step: step, levels: levels)), services)
        }
    }
}
