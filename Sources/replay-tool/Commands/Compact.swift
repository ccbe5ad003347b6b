import ArgumentParser
import Engine
import Journal
import Server

/// `compact`: re-packs sealed segments, and deletes the oldest ones when asked.
struct Compact: ParsableCommand {
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
        let names = try JournalReader(directory: target.journal).segmentNames()
        guard !names.isEmpty else { throw Failure("\(target.journal) holds no journal") }
        let lock = try JournalLock(storage: FileStorage(directory: target.journal))
        var removed = 0
        if let keepSegments {
            let policy = RetentionPolicy(segmentsMax: keepSegments)
            removed = try Retention.apply(policy, lock: lock).removed.count
        }
        let reader = JournalReader(directory: target.journal)
        var repacking = Repacking()
        repacking.level = level
        var before = 0
        var after = 0
        var count = 0
        let segments = try reader.listing().compactMap(\.info).filter { $0.state == .sealed }
        var progress = Progress(total: segments.count, unit: "segments")
        for segment in segments where !Signals.isInterrupted {
            let sizes = try repacking.run(segment: segment.name, reader: reader, lock: lock)
            before += sizes.before
            after += sizes.after
            count += 1
            progress.update(count)
        }
        progress.finish()
        var output = StandardOutput()
        if json {
            output.line(
                try jsonLine([
                    "segments": count, "bytes_before": before, "bytes_after": after,
                    "removed": removed,
                ]))
        } else {
            output.line(
                "\(count) segments: \(grouped(before)) → \(grouped(after)) bytes"
                    + (removed > 0 ? ", \(removed) deleted" : ""))
        }
        output.flush()
    }
}
