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
        let journal = target.reader.journal
        var output = StandardOutput()
        for name in try journal.segmentNames() {
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
