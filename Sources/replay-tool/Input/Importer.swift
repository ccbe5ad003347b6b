import Engine
import Foundation
import Journal
import Server
import Venues

/// Drives recordings through the adapters and the sequencer into a new journal.
final class Importer {
    private let out: String
    private let configuration: EngineConfiguration
    private let source: SessionSource
    private let session = CaptureSession()
    private var tally = ImportTally()
    private var audit = TouchAudit()

    init(out: String, configuration: EngineConfiguration, source: SessionSource) {
        self.out = out
        self.configuration = configuration
        self.source = source
    }

    /// Imports `paths`; stops at a signal and leaves a valid journal then, too.
    func run(_ paths: [String]) throws -> ImportResult {
        guard !paths.isEmpty else { throw Failure("no file to import") }
        try Importer.refuseOldJournal(out)
        let merge = try CaptureMerge(paths: paths, session: session)
        let writer = try JournalWriter(
            directory: out, configuration: .batch, canonicalBytes: LogCodec.canonicalBytes)
        let sequencer = Sequencer(writer: writer)
        var progress = Progress(total: merge.bytesTotal, unit: "B")
        var steps = 0
        var isBegun = false
        do {
            while let file = merge.next, let record = file.pending {
                if Signals.isInterrupted { break }
                try take(record, of: file, sequencer, &isBegun)
                try file.advance()
                steps += 1
                if steps % 1_024 == 0 { progress.update(merge.bytesRead) }
            }
        } catch {
            // What was taken so far stays a valid, sealed journal.
            try? sequencer.close()
            throw error
        }
        progress.finish()
        try sequencer.close()
        return try result(merge, sequencer)
    }

    /// Refuses a folder that holds a journal.
    static func refuseOldJournal(_ out: String) throws {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: out)) ?? []
        guard !names.contains(where: { $0.hasSuffix(".zst") }) else {
            throw Failure("\(out) holds a journal already: --out names a new folder")
        }
    }

    private func take(
        _ record: CaptureRecord, of file: CaptureFile, _ sequencer: Sequencer,
        _ isBegun: inout Bool
    ) throws {
        guard record.isMessage else {
            var nothing = EventBlock()
            _ = file.reader.apply(record, into: &nothing)
            return
        }
        if !isBegun {
            isBegun = true
            try sequencer.begin(
                source: source, configuration: configuration, at: record.receivedAt)
        }
        try sequencer.tick(before: record.receivedAt)
        let outcome = try sequencer.receive {
            file.reader.apply(record, into: &$0)
        } then: { block, range, engine in
            audit.applied(block, range, engine)
            if let touch = file.reader.touch { audit.observe(touch, engine) }
        }
        tally.count(outcome, at: "\(file.lines.path):\(file.lines.lineNumber)")
    }

    private func result(_ merge: CaptureMerge, _ sequencer: Sequencer) throws -> ImportResult {
        let segments = try JournalReader(directory: out).listing()
        return ImportResult(
            tally: tally, matches: audit.matches, mismatches: audit.mismatches,
            events: sequencer.sequence, refusedEvents: sequencer.refusedEvents,
            levelUpdates: sequencer.levelUpdates, segments: segments.count,
            replacedSegments: segments.count { $0.info?.state == .abandoned },
            bytes: segments.reduce(0) { $0 + ($1.info?.bytes ?? 0) },
            outOfOrder: merge.files.reduce(0) { $0 + $1.outOfOrder },
            skippedLines: merge.files.reduce(0) { $0 + $1.reader.skippedLines },
            isInterrupted: Signals.isInterrupted)
    }
}

/// What an import did.
struct ImportResult {
    var tally: ImportTally
    var matches: Int
    var mismatches: Int
    var events: UInt64
    /// Events in the journal that the fold could not apply to any state.
    var refusedEvents: UInt64
    var levelUpdates: UInt64
    var segments: Int
    /// Segments that took no more after a write error; each has an intact successor.
    var replacedSegments: Int
    var bytes: Int
    var outOfOrder: Int
    var skippedLines: Int
    var isInterrupted: Bool

    var object: [String: Any] {
        var object = tally.object
        object["touch_matches"] = matches
        object["touch_mismatches"] = mismatches
        object["events"] = events
        object["refused_events"] = refusedEvents
        object["level_updates"] = levelUpdates
        object["segments"] = segments
        if replacedSegments > 0 { object["replaced_segments"] = replacedSegments }
        object["bytes"] = bytes
        object["out_of_order"] = outOfOrder
        object["skipped_lines"] = skippedLines
        object["interrupted"] = isInterrupted
        return object
    }

    var lines: [String] {
        let perUpdate = Double(bytes) / Double(max(levelUpdates, 1))
        return tally.lines + [
            "best bid/ask     \(grouped(matches)) equal to the venue's, "
                + "\(grouped(mismatches)) different",
            "journal          \(grouped(events)) events, \(grouped(levelUpdates)) level updates, "
                + "\(segments) segments, \(grouped(bytes)) bytes",
            "                 \(grouped(refusedEvents)) events refused by the fold",
            "                 \(String(format: "%.2f", perUpdate)) bytes per level update, "
                + "checkpoints and frame marks included",
        ]
            + (replacedSegments > 0
                ? ["                 \(replacedSegments) segments replaced after write errors"]
                : [])
    }
}
