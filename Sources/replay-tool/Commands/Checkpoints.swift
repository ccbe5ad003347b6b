import ArgumentParser
import Engine
import Journal
import Server

/// `checkpoints`: the sequences after which a log holds its state.
struct Checkpoints: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The sequences after which the log holds a checkpoint, a line each.")

    @OptionGroup var target: JournalArgument

    mutating func run() throws {
        let reader = target.reader
        let journal = reader.journal
        var output = StandardOutput()
        let names = try journal.segmentNames()
        guard !names.isEmpty else { throw LogError.empty }
        for name in names {
            if reader.isCancelled() { throw LogError.interrupted }
            var last: UInt64?
            for entry in try journal.segment(named: name).entries
            where entry.kind == BlockKind.checkpoint.rawValue && entry.firstSequence != last {
                last = entry.firstSequence
                output.line("\(entry.firstSequence - 1)")
            }
        }
        output.flush()
    }
}
