import HTTPTypes
import NIOPosix
import Synchronization

/// Threads that read history: so many at a time, so many waiting, and who comes then is told to
/// come again. Event loops and the core never wait for a disk.
final class HeavyReads: Sendable {
    private struct State {
        /// Readings that run or wait.
        var readings = 0
        /// Streams that read the log.
        var replays = 0
    }

    let pool: NIOThreadPool
    private let limits: HTTPLimits
    private let state = Mutex(State())

    /// Threads as `limits` has them; they run until `stop`.
    init(_ limits: HTTPLimits) {
        self.limits = limits
        pool = NIOThreadPool(numberOfThreads: limits.heavyReads)
        pool.start()
    }

    /// Readings that run or wait, and streams that read the log.
    var counts: (readings: Int, replays: Int) { state.withLock { ($0.readings, $0.replays) } }

    /// Runs `body` on a thread of its own; it is told when the caller has given up.
    ///
    /// - Throws: 429 when too many wait, and what `body` throws.
    func run<Result: Sendable>(
        _ body: @escaping @Sendable (_ isCancelled: @escaping () -> Bool) throws -> Result
    ) async throws -> Result {
        let isTaken = state.withLock { state in
            guard state.readings < limits.heavyReads + limits.heavyReadsWaiting else {
                return false
            }
            state.readings += 1
            return true
        }
        guard isTaken else { throw HeavyReads.busy }
        defer { state.withLock { $0.readings -= 1 } }
        let flag = CancelFlag()
        return try await withTaskCancellationHandler {
            try await pool.runIfActive { try body { flag.isSet } }
        } onCancel: {
            flag.set()
        }
    }

    /// A place among the streams that read the log, until it is let go.
    func takeSeat() throws(HTTPFailure) -> ReplaySeat {
        let isTaken = state.withLock { state in
            guard state.replays < limits.replays else { return false }
            state.replays += 1
            return true
        }
        guard isTaken else { throw HeavyReads.busy }
        return ReplaySeat { [weak self] in self?.state.withLock { $0.replays -= 1 } }
    }

    /// Ends the threads, once what runs on them has ended.
    func stop() async { try? await pool.shutdownGracefully() }

    private static var busy: HTTPFailure {
        HTTPFailure(
            .tooManyRequests, "busy", "too many read history at the moment", retryAfter: 1)
    }
}

/// A place among the streams that read the log.
final class ReplaySeat: Sendable {
    private let release: @Sendable () -> Void

    init(_ release: @escaping @Sendable () -> Void) { self.release = release }

    deinit { release() }
}

/// Set once, by whoever gives up.
final class CancelFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}
