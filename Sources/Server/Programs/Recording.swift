import Engine
import Journal
public import Logging
import NIOCore
import NIOPosix

/// A recording without a front: live or simulated venues into a journal, and what they sent into a
/// raw capture beside it.
public struct Recording: Sendable {
    /// What is recorded.
    public var settings: Settings
    /// Folder of the raw capture; nil: none.
    public var raw: String?

    /// A recording of `settings`.
    public init(_ settings: Settings, raw: String?) {
        self.settings = settings
        self.raw = raw
    }

    /// Records until `isOver` says so, asked ten times a second.
    ///
    /// - Returns: how it stood at the end, and the exit code.
    public func run(
        logger: Logger, until isOver: @escaping @Sendable (LiveStatus) -> Bool
    ) async throws -> (LiveStatus, Int32) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var options = settings.liveOptions
        var roots = TrustedRoots.system
        var venues: SimulatedVenues?
        if settings.isSimulated {
            let started = try await SimulatedVenues.start(
                settings.services, seed: settings.seed, faults: settings.faults, on: group.next())
            venues = started
            options.services = settings.services.map(started.redirected)
            roots = started.roots
        }
        let runtime = try LiveRuntime(
            options, directory: settings.journalFolder, journal: settings.journal,
            trusting: roots, group: group, sink: NoFront(), logger: logger, raw: raw)
        let ended = runtime.start()
        let watch = Task {
            while !Task.isCancelled, !isOver(runtime.status) {
                try? await Task.sleep(for: .milliseconds(100))
            }
            runtime.stop()
        }
        let code = try await ended.get()
        watch.cancel()
        let status = runtime.status
        await runtime.shutdown()
        await venues?.stop()
        try await group.shutdownGracefully()
        return (status, code)
    }
}

/// Nobody is served.
private final class NoFront: OutputSink {
    func publish(_ outputs: borrowing OutputBuffer, _ engine: borrowing Engine) {}
}
