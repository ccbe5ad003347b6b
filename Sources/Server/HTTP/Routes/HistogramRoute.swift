import Engine
import Journal

/// `GET /api/journal/histogram`: how much happened when, for the scrubber.
enum HistogramRoute {
    static func route(_ services: FrontServices) -> Route {
        Route(
            path: "/api/journal/histogram",
            summary: "Events, gaps and alerts in equal buckets of [from, to).",
            cost: .history,
            parameters: [
                Parameter(name: "from", kind: .time, isRequired: true, summary: "Begin."),
                Parameter(
                    name: "to", kind: .time, isRequired: true, summary: "End, not included."),
                Parameter(
                    name: "buckets", kind: .number, isRequired: true, summary: "1 to 2000."),
            ], statuses: [400, 429, 503]
        ) { request in
            guard let from = try request.query.time("from"), let to = try request.query.time("to"),
                let count = try request.query.number("buckets", in: 1...2_000)
            else { throw HTTPFailure.field("from", "missing", "from, to and buckets are needed") }
            guard to - from >= Int64(count) else {
                throw HTTPFailure.field("to", "order", "it has to lie behind from")
            }
            return try await services.read { reader in
                var histogram = Histogram(from..<to, buckets: count)
                try histogram.read(reader)
                return Answer(json: histogram.json("\(services.live.status.source.word)"))
            }
        }
    }
}

/// Counts of the log's events by time.
struct Histogram {
    private let times: Range<Int64>
    private var events: [UInt64]
    private var gaps: [UInt64]

    /// Equal buckets over `times`.
    init(_ times: Range<Int64>, buckets: Int) {
        self.times = times
        events = Array(repeating: 0, count: buckets)
        gaps = events
    }

    private func bucket(_ time: Int64) -> Int {
        let span = Int128(times.upperBound - times.lowerBound)
        return Int(Int128(time - times.lowerBound) * Int128(events.count) / span)
    }

    mutating func read(_ reader: LogReader) throws {
        let cursor = try reader.journal.blocks(
            fromTime: times.lowerBound, includingDerived: false)
        var block = EventBlock()
        while let header = try reader.next(cursor, into: &block) {
            if header.firstTime >= times.upperBound { return }
            for index in 0..<block.count where times.contains(block.headers[index].time) {
                let bucket = bucket(block.headers[index].time)
                events[bucket] += 1
                if try isGap(block, index) { gaps[bucket] += 1 }
            }
        }
    }

    /// Whether a book lost its place in the venue's sequence.
    private func isGap(_ block: EventBlock, _ index: Int) throws -> Bool {
        guard block.headers[index].kind == EventKind.venueStatus.rawValue,
            case .venueStatus(let status) = try block.event(at: index).body,
            case .book(_, .invalid(.gap)) = status.subject
        else { return false }
        return true
    }

    func json(_ source: String) -> [UInt8] {
        var json = JSONBytes()
        json.object { json in
            json.key("from")
            json.string(TimeText.iso(times.lowerBound))
            json.key("to")
            json.string(TimeText.iso(times.upperBound))
            for (name, counts) in [("events", events), ("gaps", gaps)] {
                json.key(name)
                json.array { json in for count in counts { json.number(count) } }
            }
            json.key("alerts")
            // The log holds no alerts: the fold raises none yet.
            json.array { json in for _ in events { json.number(0) } }
            json.key("source")
            json.string(source)
        }
        return json.bytes
    }
}
