import ArgumentParser
import Engine
import Server

/// `rollup`: closed seconds of a log, read from the derived blocks; only the stretch behind the
/// last one is folded.
struct Rollups: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollup", abstract: "1 s rollups, a line each.")

    @OptionGroup var target: JournalArgument
    @Option(name: .long, help: "Consolidated symbol; all when it is not given.")
    var symbol: String?
    @Option(name: .customLong("from"), help: "First second, a time.")
    var from: String?
    @Option(name: .customLong("to"), help: "End, a time, not included.")
    var to: String?
    @Flag(name: .long, help: "Fold the log instead of reading stored rollups.")
    var fold = false

    mutating func run() throws {
        let reader = target.reader
        let from = try from.map(Rollups.time) ?? Int64.min
        let times = from..<max(from, try to.map(Rollups.time) ?? Int64.max)
        var output = StandardOutput()
        let show = symbol.map { Array($0.utf8) }
        var lastSequence: UInt64 = 0
        func take(_ rollup: StoredRollup) {
            guard show == nil || rollup.symbol == show else { return }
            if show == nil {
                output.write("{\"symbol\":\"\(String(decoding: rollup.symbol, as: UTF8.self))\",")
                output.write(rollup.json.dropFirst())
            } else {
                output.write(rollup.json)
            }
            output.write("\n")
        }
        if !fold { lastSequence = try reader.forEachStoredRollup(in: times, take) }
        try reader.forEachFoldedRollup(after: lastSequence, in: times, take)
        output.flush()
    }

    private static func time(_ text: String) throws -> Int64 {
        guard let time = TimeText.nanos(text) else {
            throw ValidationError("'\(text)' is not a time (ISO 8601 or unix)")
        }
        return time
    }
}
