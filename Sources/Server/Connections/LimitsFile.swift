import Dispatch
import Foundation
import Logging

/// Bans and attempts of the venues in a small file beside the journal, so that they hold over a
/// restart. Losing it costs politeness, not data: an unreadable one is begun anew, and said.
struct LimitsFile: Sendable {
    private let url: URL
    private let logger: Logger
    private let queue = DispatchQueue(label: "venue-limits")

    /// The file in `folder`.
    init(folder: String, logger: Logger) {
        url = URL(fileURLWithPath: folder).appendingPathComponent("venue-limits.json")
        self.logger = logger
    }

    /// What was kept; nothing where there is no file.
    func read() -> VenueLimits {
        guard let data = try? Data(contentsOf: url) else { return VenueLimits() }
        do {
            return try JSONDecoder().decode(VenueLimits.self, from: data)
        } catch {
            logger.warning("venue limits unreadable", metadata: ["error": "\(error)"])
            return VenueLimits()
        }
    }

    /// Replaces the file as a whole, later: the caller does not wait for the disk.
    func write(_ limits: VenueLimits) {
        queue.async { [url, logger] in
            do {
                try JSONEncoder().encode(limits).write(to: url, options: .atomic)
            } catch {
                logger.warning("venue limits not kept", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Waits for what is to be written.
    func finish() { queue.sync {} }
}
