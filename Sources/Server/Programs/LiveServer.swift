import Engine
import Foundation
import Journal
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// The program `tapefold`: simulated venues where they are wanted, the live core, and the front.
public struct LiveServer: Sendable {
    private let settings: Settings
    private let http: HTTPConfiguration
    private let logger: Logger

    /// A server of these settings; nothing is started yet.
    ///
    /// - Throws: `SettingError`.
    public init(_ settings: Settings) throws {
        self.settings = settings
        http = try settings.http()
        try http.check()
        let target = try settings.logFile.map { try JSONLogTarget(path: $0) } ?? JSONLogTarget()
        let level = Logger.Level(rawValue: settings.logLevel) ?? .info
        do throws(StorageError) {
            try FileStorage(directory: settings.journalFolder).makeFolder()
        } catch {
            throw SettingError(
                "JOURNAL_DIR", settings.journalFolder,
                "cannot be made: \(String(cString: strerror(error.code)))")
        }
        logger = Logger(label: "tapefold") { JSONLog(label: $0, level: level, target: target) }
    }

    /// Runs until a signal asks for the end, or the journal takes nothing more.
    ///
    /// - Returns: the exit code.
    public func run() async throws -> Int32 {
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        for name in settings.unused {
            logger.warning("setting without effect in this version", metadata: ["name": "\(name)"])
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let code = try await serve(group)
        try await group.shutdownGracefully()
        return code
    }

    private func serve(_ group: MultiThreadedEventLoopGroup) async throws -> Int32 {
        var options = settings.liveOptions
        var roots = TrustedRoots.system
        var venues: SimulatedVenues?
        if settings.isSimulated {
            let started = try await SimulatedVenues.start(
                settings.services, seed: settings.seed, faults: settings.faults, on: group.next())
            venues = started
            options.services = settings.services.map(started.redirected)
            roots = started.roots
            logger.info("simulated venues", metadata: ["port": "\(started.port)"])
        }
        let hub = Hub(group: group)
        let runtime = try LiveRuntime(
            options, directory: settings.journalFolder, journal: settings.journal, trusting: roots,
            group: group, sink: hub, logger: logger)
        let front: HTTPFront
        do { front = try await listen(runtime, hub, group, venues) } catch {
            await runtime.shutdown()
            await venues?.stop()
            throw error
        }
        let ended = runtime.start()
        let (stops, asked) = AsyncStream.makeStream(of: Void.self)
        let signals = StopSignals { asked.yield() }
        let ending = Task {
            for await _ in stops { break }
            logger.info("stopping")
            await front.stop()
            runtime.stop()
        }
        logger.info(
            "started",
            metadata: [
                "source": "\(options.source)", "journal": "\(settings.journalFolder)",
                "exchanges": "\(settings.exchanges.joined(separator: ","))",
                "address": "http://\(settings.bind):\(front.port ?? 0)",
            ])
        let code = try await ended.get()
        signals.cancel()
        ending.cancel()
        await front.stop()
        await runtime.shutdown()
        await venues?.stop()
        logger.info("ended", metadata: ["code": "\(code)"])
        return code
    }

    private func listen(
        _ runtime: LiveRuntime, _ hub: Hub, _ group: MultiThreadedEventLoopGroup,
        _ venues: SimulatedVenues?
    ) async throws -> HTTPFront {
        var controls = FrontControls()
        if let venues { controls.addFault = { try await venues.add($0) } }
        let front = try HTTPFront(
            configuration: http, live: runtime, directory: settings.journalFolder, hub: hub,
            group: group, controls: controls)
        try await front.start(as: "PORT", "\(settings.bind):\(settings.port)")
        return front
    }
}

/// The first signal asks for the end, the second ends at once (F.16).
private final class StopSignals: Sendable {
    private let sources: Mutex<[any DispatchSourceSignal]>

    init(_ stop: @escaping @Sendable () -> Void) {
        var sources: [any DispatchSourceSignal] = []
        for number in [SIGTERM, SIGINT] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                stop()
                signal(SIGTERM, SIG_DFL)
                signal(SIGINT, SIG_DFL)
            }
            source.resume()
            sources.append(source)
        }
        self.sources = Mutex(sources)
    }

    func cancel() { sources.withLock { for source in $0 { source.cancel() } } }
}
