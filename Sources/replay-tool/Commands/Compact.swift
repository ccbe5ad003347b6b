import ArgumentParser
import Journal
import Server

/// `compact`: re-packs sealed segments, and deletes the oldest ones when asked.
struct Compact: ParsableCommand, ChangesJournal {
    static let configuration = CommandConfiguration(
        abstract: "Re-pack sealed segments: larger blocks, higher level, the same chain.")

    @OptionGroup var target: JournalArgument
    @Option(name: .long, help: "zstd level, 1…22.") var level = Compaction.defaultLevel
    @Option(name: .customLong("keep-segments"), help: "Delete older segments than these many.")
    var keepSegments: Int?
    @Flag(name: .long, help: "One JSON object.") var json = false

    mutating func run() throws {
        guard (1...22).contains(level) else {
            throw ValidationError("--level is a whole number from 1 to 22")
        }
        if let keepSegments, keepSegments < 1 {
            throw ValidationError("--keep-segments is at least 1")
        }
        var work = Compacting(journal: target.journal, level: level, keepSegments: keepSegments)
        try work.run()
        var output = StandardOutput()
        output.line(try json ? jsonLine(work.object) : work.line)
        output.flush()
        if work.isInterrupted {
            throw Failure(
                "interrupted: \(work.count) of \(work.total) segments re-packed",
                code: ExitCodes.interrupted)
        }
    }
}
