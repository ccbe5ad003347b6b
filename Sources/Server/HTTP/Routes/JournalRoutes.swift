import Engine
import HTTPTypes
import Journal
import NIOCore

/// `GET /api/journal/…`: the log itself, for readers that fold on their own.
enum JournalRoutes {
    static func segments(_ services: FrontServices) -> Route {
        Route(
            path: "/api/journal/segments", summary: "The segments of the journal, oldest first.",
            cost: .history, statuses: [429, 503]
        ) { _ in
            try await services.read { reader in
                let listing = try reader.journal.listing()
                var json = JSONBytes()
                json.object { json in
                    json.key("segments")
                    json.array { json in for segment in listing { append(segment, &json) } }
                    json.key("source")
                    json.string("\(services.live.status.source.word)")
                }
                return Answer(json: json.bytes)
            }
        }
    }

    private static func append(_ segment: SegmentListing, _ json: inout JSONBytes) {
        json.object { json in
            json.key("name")
            json.string(segment.name)
            if let info = segment.info {
                json.key("state")
                json.string(info.state.rawValue)
                json.key("first_seq")
                json.number(info.firstSequence)
                json.key("last_seq")
                json.number(info.lastSequence)
                json.key("events")
                json.number(info.events)
                json.key("first_ts")
                json.string(orNull: info.firstTime.map(TimeText.iso))
                json.key("last_ts")
                json.string(orNull: info.lastTime.map(TimeText.iso))
                json.key("bytes")
                json.number(info.bytes)
                json.key("blocks")
                json.number(info.blocks)
                json.key("chain_start")
                json.string("\(info.chainStart)")
                json.key("chain_end")
                json.string("\(info.chainEnd)")
                json.key("durable_end")
                json.number(info.durableEnd)
            }
            json.key("problem")
            json.string(orNull: segment.problem.map { "\($0)" })
        }
    }

    static func blocks(_ services: FrontServices) -> Route {
        Route(
            path: "/api/journal/blocks",
            summary: "Whole blocks with the events from_seq to to_seq, as they lie on disk.",
            cost: .history,
            parameters: [
                Parameter(
                    name: "from_seq", kind: .sequence, isRequired: true, summary: "First event."),
                Parameter(
                    name: "to_seq", kind: .sequence, isRequired: true, summary: "Last event."),
                Parameter(
                    name: "checkpoint", kind: .number,
                    summary: "1: begin with the newest checkpoint before from_seq."),
            ], answers: "application/octet-stream", statuses: [400, 404, 410, 429, 503]
        ) { request in
            guard let from = try request.query.sequence("from_seq", from: 1),
                let to = try request.query.sequence("to_seq", from: 1)
            else { throw HTTPFailure.field("from_seq", "missing", "both are needed") }
            guard from <= to else {
                throw HTTPFailure.field("to_seq", "order", "it lies before from_seq")
            }
            let wantsCheckpoint = try request.query.number("checkpoint", in: 0...1) == 1
            let isStored = AcceptedCoding.takesZstd(request.head)
            let limits = services.limits
            let source = "\(services.live.status.source.word)"
            return try await services.read { reader in
                let blocks = try StoredBlocks(
                    reader, from...to, withCheckpoint: wantsCheckpoint, isStored: isStored, limits)
                return blocks.answer(source: source)
            }
        }
    }
}

/// What codings a client takes (RFC 9110, 12.5.3).
enum AcceptedCoding {
    /// Whether `zstd` is among them, and not with weight 0.
    static func takesZstd(_ head: RequestHead) -> Bool {
        for part in head.tokens("accept-encoding") {
            let pieces = part.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard pieces.first == "zstd" else { continue }
            return !pieces.dropFirst().contains { $0.wholeMatch(of: /q=0(\.0{0,3})?/) != nil }
        }
        return false
    }
}
