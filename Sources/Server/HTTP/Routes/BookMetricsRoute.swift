import Engine

/// `GET /api/metrics`: the metrics of one venue's book over a stretch of the log (S1.6).
enum BookMetricsRoute {
    private static let spanMax: Int64 = 86_400 * Timestamp.second

    static func route(_ services: FrontServices) -> Route {
        Route(
            path: "/api/metrics",
            summary: "A venue's book metrics in [from, to): of each step the last clock tick.",
            cost: .history,
            parameters: [
                .symbol,
                Parameter(
                    name: "venue", kind: .venue, isRequired: true, summary: "One that trades it."),
                Parameter(name: "from", kind: .time, isRequired: true, summary: "Begin."),
                Parameter(
                    name: "to", kind: .time, isRequired: true, summary: "End, not included."),
                Parameter(name: "step", kind: .number, summary: "Seconds a point; 1."),
            ], statuses: [400, 404, 410, 429, 503]
        ) { request in
            let symbol = try services.symbol(request.query)
            let venue = try await services.venue(request.query, of: symbol)
            let step = try request.query.number("step", in: 1...86_400) ?? 1
            let times = try request.query.times(spanMax: spanMax)
            let limit = services.limits.metricPoints
            guard (times.upperBound - times.lowerBound) / Timestamp.second / Int64(step) <= limit
            else { throw HTTPFailure.field("step", "points", "at most \(limit) points") }
            let points = try await services.read { reader in
                var points = BookPoints(symbol, venue, times, seconds: step)
                do { try points.read(reader) } catch LogError.empty {}
                return points.finish()
            }
            return Answer(
                points: points, symbol: symbol, venue: venue, step: step,
                source: services.live.status.source)
        }
    }
}

/// The order-book frames of a stretch, without the sides, thinned to the last one of each step.
struct BookPoints {
    private let symbol: [UInt8]
    private let venue: Venue
    private let times: Range<Int64>
    private let nanos: Int64
    private var points: [[UInt8]] = []
    private var open: (number: Int64, point: [UInt8])?

    /// Points of `venue` at the ticks of `times`, one for `seconds` on the grid of the epoch.
    init(_ symbol: [UInt8], _ venue: Venue, _ times: Range<Int64>, seconds: Int) {
        self.symbol = symbol
        self.venue = venue
        self.times = times
        nanos = Int64(seconds) * Timestamp.second
    }

    /// Folds the stretch.
    mutating func read(_ reader: LogReader) throws(LogError) {
        guard !times.isEmpty else { return }
        var engine = try start(reader)
        var outputs = OutputBuffer(wantsFrames: false)
        try reader.forEachBlock(from: engine.sequence + 1) { block throws(LogError) in
            var index = try LogReader.start(of: block, after: engine.sequence)
            while index < block.count {
                let end = LogReader.sliceEnd(block, index..<block.count)
                guard block.headers[end - 1].time < times.upperBound else { return false }
                try reader.apply(block, index..<end, to: &engine, &outputs)
                let isTick = block.headers[end - 1].kind == EventKind.clockTick.rawValue
                if isTick, engine.time >= times.lowerBound { take(engine) }
                index = end
            }
            return true
        }
    }

    /// The state before the first event of the stretch.
    private func start(_ reader: LogReader) throws(LogError) -> Engine {
        do throws(LogError) {
            return try reader.engine(after: try reader.sequence(of: .time(times.lowerBound - 1)))
        } catch {
            guard case .timeBefore = error else { throw error }
            return try reader.engine(after: try reader.bounds().lowerBound - 1)
        }
    }

    private mutating func take(_ engine: borrowing Engine) {
        var point: [UInt8] = []
        let isThere = engine.appendBookFrame(
            of: symbol, venue: venue, levels: nil, digest: engine.digest, to: &point)
        guard isThere else { return }
        let number = engine.time / nanos
        if let open, open.number != number { points.append(open.point) }
        open = (number, point)
    }

    /// All points.
    mutating func finish() -> [[UInt8]] {
        if let open { points.append(open.point) }
        open = nil
        return points
    }
}
