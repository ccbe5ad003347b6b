import Foundation
import Journal
import Server

/// The work of `compact`, and how far it has come: what ends it half-way names what was done.
struct Compacting {
    let journal: String
    var level = Compaction.defaultLevel
    /// Segments that stay; nil keeps all.
    var keepSegments: Int?
    /// Asked before each block.
    var isCancelled: () -> Bool = { Signals.isInterrupted }

    /// Segments to re-pack.
    private(set) var total = 0
    /// Segments that were re-packed.
    private(set) var count = 0
    /// Segments that were deleted.
    private(set) var removed = 0
    /// Bytes of the re-packed segments, before and after.
    private(set) var bytes = (before: 0, after: 0)
    /// Whether it was stopped before its end.
    private(set) var isInterrupted = false

    init(journal: String, level: Int = Compaction.defaultLevel, keepSegments: Int? = nil) {
        self.journal = journal
        self.level = level
        self.keepSegments = keepSegments
    }

    var object: [String: Any] {
        [
            "segments": count, "bytes_before": bytes.before, "bytes_after": bytes.after,
            "removed": removed, "interrupted": isInterrupted,
        ]
    }

    var line: String {
        "\(count) segments: \(grouped(bytes.before)) → \(grouped(bytes.after)) bytes"
            + (removed > 0 ? ", \(removed) deleted" : "")
    }

    /// Deletes and re-packs. All segments are looked at before the first one is touched.
    mutating func run() throws {
        let reader = JournalReader(directory: journal)
        guard !(try reader.segmentNames()).isEmpty else {
            throw Failure("\(journal) holds no journal")
        }
        do {
            let lock = try JournalLock(storage: FileStorage(directory: journal))
            if let problem = try reader.listing().compactMap(\.problem).first { throw problem }
            if isCancelled() { return isInterrupted = true }
            try delete(reader, lock)
            try repack(reader, lock)
        } catch LogError.interrupted {
            isInterrupted = true
        } catch {
            throw failure(error)
        }
    }

    private mutating func delete(_ reader: JournalReader, _ lock: JournalLock) throws {
        guard let keepSegments else { return }
        let before = try reader.segmentNames().count
        // Retention may have deleted some when it throws.
        defer { removed = before - ((try? reader.segmentNames().count) ?? before) }
        _ = try Retention.apply(RetentionPolicy(segmentsMax: keepSegments), lock: lock)
    }

    private mutating func repack(_ reader: JournalReader, _ lock: JournalLock) throws {
        var repacking = Repacking()
        repacking.level = level
        let segments = try reader.listing().compactMap(\.info).filter { $0.state == .sealed }
        total = segments.count
        var progress = Progress(total: total, unit: "segments")
        defer { progress.finish() }
        for segment in segments {
            let sizes = try repacking.run(
                segment: segment.name, reader: reader, lock: lock, isCancelled: isCancelled)
            bytes.before += sizes.before
            bytes.after += sizes.after
            count += 1
            progress.update(count)
        }
    }

    /// The failure that `error` means, with what was done before.
    private func failure(_ error: any Error) -> Failure {
        let cause = Failure(error) ?? Failure((error as NSError).localizedDescription)
        let done =
            count > 0 || removed > 0
            ? "before that \(count) of \(total) segments were re-packed, \(removed) deleted"
            : cause.code == ExitCodes.syncFailure ? "no change is certain" : "nothing was changed"
        return Failure("\(cause.description); \(done)", code: cause.code)
    }
}
