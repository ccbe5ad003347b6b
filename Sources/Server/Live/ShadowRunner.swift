import Foundation
import Journal
import Logging
import Synchronization

/// Runs the shadow fold beside the live core, on a thread of its own.
final class ShadowRunner: Sendable {
    private let found = Mutex(ShadowStatus())
    private let wantsEnd = Atomic(false)
    private let logger: Logger

    /// How often the journal is looked at.
    private static let pauseMicros: UInt32 = 200_000
    /// Events that were accepted and cannot be read back for so long are a problem.
    private static let lagNanosMax: Int64 = 10_000_000_000

    init(logger: Logger) { self.logger = logger }

    /// What was found so far.
    var status: ShadowStatus { found.withLock { $0 } }

    /// Follows the journal in `directory`; `accepted` is the last event that the writer has taken.
    func start(directory: String, accepted: @escaping @Sendable () -> UInt64) {
        let thread = Thread { [self] in
            do {
                let shadow = try ShadowFold(storage: FileStorage(directory: directory))
                follow(shadow, accepted)
            } catch {
                found.withLock { $0.problem = "the journal cannot be read back: \(error)" }
            }
            if let problem = status.problem {
                logger.critical("shadow fold", metadata: ["problem": "\(problem)"])
            }
        }
        thread.name = "shadow-fold"
        thread.stackSize = 8 << 20
        thread.start()
    }

    func stop() { wantsEnd.store(true, ordering: .relaxed) }

    private func follow(_ shadow: ShadowFold, _ accepted: () -> UInt64) {
        var lagSince: (sequence: UInt64, at: ContinuousClock.Instant)?
        while !wantsEnd.load(ordering: .relaxed) {
            let target = accepted()
            while shadow.step() {
                if wantsEnd.load(ordering: .relaxed) { return }
            }
            var status = shadow.status
            if status.sequence >= target {
                lagSince = nil
            } else if let since = lagSince, since.sequence == status.sequence {
                if .now - since.at > .nanoseconds(Self.lagNanosMax) {
                    status.problem =
                        status.problem ?? "nothing behind seq \(status.sequence) can be read back"
                }
            } else {
                lagSince = (status.sequence, .now)
            }
            let shown = status
            found.withLock { $0 = shown }
            if status.problem != nil { return }
            usleep(Self.pauseMicros)
        }
    }
}
