import HTTPTypes

/// `GET /health`: whether it works, part by part.
enum HealthRoute {
    static func route(_ services: FrontServices) -> Route {
        Route(path: "/health", summary: "Whether it works, part by part.", statuses: [503]) { _ in
            let health = Health(services.live.status)
            return Answer(
                json: health.json, status: health.isReady ? .ok : .serviceUnavailable)
        }
    }
}

/// What the status of the live core means for who depends on it.
struct Health {
    /// Whether anything can be served.
    var isReady: Bool
    /// Each part with what is wrong with it; nil where it is well.
    var parts: [Part]
    /// The last events that are accepted, and durable (J.8).
    var sequences: (accepted: UInt64, durable: UInt64)

    struct Part: Equatable {
        var name: String
        var problem: String?
    }

    init(_ status: LiveStatus) {
        let isBegun = status.acceptedSequence > 0
        // What the second fold cannot confirm is not to be trusted (D.10).
        isReady = isBegun && status.shadow.problem == nil
        sequences = (status.acceptedSequence, status.durableSequence)
        parts = [
            Part(name: "core", problem: isBegun ? nil : "nothing is accepted yet"),
            Part(name: "journal", problem: status.pause.map { "paused: \($0)" }),
            Part(name: "shadow fold", problem: status.shadow.problem),
        ]
        for feed in status.feeds {
            parts.append(Part(name: "feed \(feed.name)", problem: Health.problem(feed)))
        }
        if !status.feeds.isEmpty, status.feeds.allSatisfy({ $0.connection != "up" }) {
            parts.append(Part(name: "feeds", problem: "none is up"))
        }
    }

    private static func problem(_ feed: LiveStatus.Feed) -> String? {
        if feed.isBanned { return "banned by the venue" }
        if feed.isHeldBack { return "held back after failures" }
        if feed.connection != "up" { return "connection is \(feed.connection)" }
        let books = feed.books.filter { $0.validity != "live" }
        guard let first = books.first else {
            return feed.isClockSuspect ? "its clock, or ours, is wrong" : nil
        }
        return "\(books.count) of \(feed.books.count) books are not live, \(first.symbol) is "
            + first.validity
    }

    var word: String {
        guard isReady else { return "not-ready" }
        return parts.allSatisfy { $0.problem == nil } ? "ok" : "degraded"
    }

    var json: [UInt8] {
        var json = JSONBytes()
        json.object { json in
            json.key("status")
            json.string(word)
            json.key("accepted_seq")
            json.number(sequences.accepted)
            json.key("durable_seq")
            json.number(sequences.durable)
            json.key("reasons")
            json.array { json in
                for part in parts {
                    if let problem = part.problem { json.string("\(part.name): \(problem)") }
                }
            }
            json.key("parts")
            json.array { json in
                for part in parts {
                    json.object { json in
                        json.key("name")
                        json.string(part.name)
                        json.key("ok")
                        json.bool(part.problem == nil)
                    }
                }
            }
        }
        return json.bytes
    }
}
