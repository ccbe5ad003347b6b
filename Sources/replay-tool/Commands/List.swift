import ArgumentParser
import Journal
import Server

/// `ls`: the segments of a journal.
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "The segments of a journal.")

    @OptionGroup var target: JournalArgument
    @Flag(name: .long, help: "One JSON object a segment.") var json = false

    mutating func run() throws {
        let reader = target.reader
        let segments = try reader.reading { () throws(JournalError) in
            try reader.journal.listing()
        }
        guard !segments.isEmpty else { throw LogError.empty }
        var output = StandardOutput()
        for segment in segments { output.line(try json ? object(segment) : line(segment)) }
        output.flush()
        if let problem = segments.compactMap(\.problem).first { throw LogError.journal(problem) }
    }

    private func line(_ segment: SegmentListing) -> String {
        guard let info = segment.info else { return "\(segment.name)  unreadable" }
        let from = info.firstTime.map(TimeText.iso) ?? "-"
        let to = info.lastTime.map(TimeText.iso) ?? "-"
        return "\(info.name)  \(info.state.rawValue)  \(info.firstSequence)…\(info.lastSequence)  "
            + "\(from)…\(to)  \(grouped(info.bytes)) B  \(info.blocks) blocks"
    }

    private func object(_ segment: SegmentListing) throws -> String {
        var object: [String: Any] = ["name": segment.name]
        if let problem = segment.problem { object["problem"] = "\(problem)" }
        if let info = segment.info {
            object["state"] = info.state.rawValue
            object["first_seq"] = info.firstSequence
            object["last_seq"] = info.lastSequence
            object["events"] = info.events
            object["first_ts"] = info.firstTime.map(TimeText.iso)
            object["last_ts"] = info.lastTime.map(TimeText.iso)
            object["bytes"] = info.bytes
            object["blocks"] = info.blocks
            object["chain_start"] = info.chainStart.description
            object["chain_end"] = info.chainEnd.description
        }
        return try jsonLine(object)
    }
}
