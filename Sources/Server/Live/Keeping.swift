import Journal
import Logging

/// Lets retention pass over the live journal, now and then, on the core's thread: it alone may
/// change the journal. Never the reason for an end: what fails is said and tried again.
struct Keeping {
    private let policy: RetentionPolicy
    private let logger: Logger
    private var dueAt: Int64 = 0

    private static let nanosBetween: Int64 = 10_000_000_000

    init(_ policy: RetentionPolicy, _ logger: Logger) {
        self.policy = policy
        self.logger = logger
    }

    /// Removes what `policy` does not want any more, where that is due at `now` (steady, ns).
    mutating func look(at now: Int64, _ writer: JournalWriter) {
        guard policy != RetentionPolicy(), now >= dueAt, let lock = writer.lock else { return }
        dueAt = now + Keeping.nanosBetween
        do throws(JournalError) {
            let report = try Retention.apply(policy, newest: writer.lastTime, lock: lock)
            if let keeper = report.keeper, let segment = report.stoppedAt {
                logger.warning(
                    "a segment stays that is to go",
                    metadata: ["segment": "\(segment)", "held by": "\(keeper)"])
            }
            if !report.removed.isEmpty {
                logger.info(
                    "segments removed",
                    metadata: [
                        "count": "\(report.removed.count)", "bytes": "\(report.removedBytes)",
                        "last": "\(report.removed.last ?? "")",
                    ])
            }
        } catch {
            logger.error("retention failed", metadata: ["error": "\(error)"])
        }
    }
}
