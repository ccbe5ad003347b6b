import Engine
import HTTPTypes

/// `GET /ws/stream`: frames as they are made, or from a moment of the log on.
enum StreamRoute {
    static func route(_ services: FrontServices) -> Route {
        Route(
            path: "/ws/stream", summary: "Frames of one symbol and window over a WebSocket.",
            cost: .history,
            parameters: [
                .symbol,
                Parameter(
                    name: "window", kind: .window, summary: "Window as 050bps, 50bps or 50."),
            ] + StreamOpening.parameters, statuses: StreamOpening.statuses, isWebSocket: true
        ) { request in
            let channel = StreamChannel(
                symbol: try services.symbol(request.query),
                topic: .frames(windowBps: try window(request.query, services.live.status)))
            return try await StreamOpening.open(request, channel, services)
        }
    }

    private static func window(
        _ query: Query, _ status: LiveStatus
    ) throws(HTTPFailure) -> UInt32 {
        let known = status.windowsBps
        guard let text = query["window"] else {
            guard let first = known.first else {
                throw HTTPFailure(
                    .serviceUnavailable, "empty", "there is no window yet", retryAfter: 1)
            }
            return first
        }
        guard let window = WindowText.bps(text), known.contains(window) else {
            let list = known.map { "\($0)" }.joined(separator: ", ")
            throw .field("window", "unknown", "the windows are \(list) bps")
        }
        return window
    }
}
