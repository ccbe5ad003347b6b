public import Engine
import Foundation
import Journal
public import Logging
public import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// The live core on a thread of its own, with real sockets and a real clock.
///
/// ```
/// event loops ──► Inbox ──► thread: LiveCore ──► journal
///      ▲                        │
///      └──── NetworkDriver ◄────┴──► OutputSink
/// ```
public final class LiveRuntime: LiveAccess {
    private let inbox = Inbox()
    private let clock: SharedClock
    private let driver: NetworkDriver
    private let logger: Logger
    private let shadow: ShadowRunner
    private let directory: String
    private let accepted: Atomic<UInt64>
    private let shown: Mutex<LiveStatus>
    private let group: any EventLoopGroup
    private let wantsEnd = Atomic(false)
    private let retention: RetentionPolicy
    /// Handed to the thread when it starts.
    private let core: Handover<LiveCore>

    private static let clockLookNanos: Int64 = 1_000_000_000
    private static let idleNanosMax: Int64 = 100_000_000

    /// Opens or makes the journal in `directory` and recovers it. Nothing is connected yet. `raw`
    /// is a new folder for a raw capture, which only a new journal can have. Started or not,
    /// `shutdown` has to follow.
    ///
    /// - Throws: `JournalError`, `LogError`, `LiveError`.
    public init(
        _ options: LiveOptions, directory: String, journal: LiveJournal,
        trusting roots: TrustedRoots, group: any EventLoopGroup, sink: any OutputSink,
        logger: Logger, raw: String? = nil
    ) throws {
        let writer = try JournalWriter(
            directory: directory, configuration: journal.configuration,
            canonicalBytes: LogCodec.canonicalBytes)
        for cut in writer.recovery.cuts {
            logger.warning(
                "torn tail cut",
                metadata: [
                    "segment": "\(cut.segment)", "offset": "\(cut.offset)",
                    "bytes": "\(cut.bytes)", "reason": "\(cut.defect)",
                ])
        }
        let limitsFile = LimitsFile(folder: directory, logger: logger)
        clock = SharedClock(notBefore: (writer.lastTime ?? -1) + 1)
        if let raw, writer.lastSequence > 0 { throw LiveError.oldJournal(raw) }
        let capture = try raw.map {
            RawWriter(
                writer: try JournalWriter(directory: $0, canonicalBytes: RawLog.canonicalBytes))
        }
        let driver = try NetworkDriver(
            group: group, roots: roots.value, inbox: inbox, clock: clock, sink: sink,
            limitsFile: limitsFile, logger: logger)
        self.driver = driver
        let core: LiveCore
        do {
            core = try LiveCore.start(
                options, writer: writer, log: LogReader(directory: directory),
                limits: limitsFile.read(), driver: driver, at: clock.now, raw: capture)
        } catch {
            driver.abandon()
            throw error
        }
        self.core = Handover(core)
        retention = journal.retention
        self.logger = logger
        self.directory = directory
        shadow = ShadowRunner(logger: logger)
        accepted = Atomic(core.sequencer.writer.acceptedSequence)
        shown = Mutex(core.status)
        self.group = group
    }

    /// How it stood at the last clock tick.
    public var status: LiveStatus {
        var status = shown.withLock { $0 }
        status.shadow = shadow.status
        return status
    }

    /// Starts the thread; the future gives the exit code when it has ended.
    public func start() -> EventLoopFuture<Int32> {
        let ended = group.next().makePromise(of: Int32.self)
        let thread = Thread { [self] in
            let code = run(core.take())
            shadow.stop()
            for case (.question(let question), let at) in inbox.close() { question(nil, at) }
            ended.succeed(code)
        }
        shadow.start(directory: directory) { [self] in accepted.load(ordering: .relaxed) }
        thread.name = "live-core"
        thread.stackSize = 8 << 20
        thread.start()
        return ended.futureResult
    }

    /// Asks the thread to close all sockets, journal everything, seal, and end.
    public func stop() {
        wantsEnd.store(true, ordering: .releasing)
        inbox.push(.question { _, _ in }, at: clock.now)
    }

    /// See `LiveAccess`.
    public func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (borrowing Engine) -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let question: @Sendable (LiveCore?, Instant) -> Void = { core, now in
                continuation.resume(with: Self.answer(core, now, body))
            }
            if !inbox.push(.question(question), at: clock.now) {
                continuation.resume(throwing: LiveAccessError.stopped)
            }
        }
    }

    private static func answer<Answer>(
        _ core: LiveCore?, _ now: Instant, _ body: (borrowing Engine) -> Answer
    ) -> Result<Answer, any Error> {
        guard let core else { return .failure(LiveAccessError.stopped) }
        do {
            if let answer = try core.ask(now, body) { return .success(answer) }
            return .failure(LiveAccessError.paused(core.pause.map { "\($0)" } ?? ""))
        } catch {
            return .failure(LiveAccessError.paused("\(error)"))
        }
    }

    /// The thread: takes what came, lets time go by, until the end. Gives the exit code.
    private func run(_ core: LiveCore) -> Int32 {
        var backlog = LiveBacklog(inbox, clock, logger)
        defer { backlog.end() }
        var keeping = Keeping(retention, logger)
        var nextLook: Int64 = 0
        do {
            while !wantsEnd.load(ordering: .acquiring) {
                let now = clock.now
                let wake = core.nextWake(wallOffset: now.wall - now.steady)
                let wait = min(max(wake - now.steady, 0), Self.idleNanosMax)
                try backlog.hand(to: core, waitingAtMost: wait)
                try core.wake(clock.now)
                if clock.now.steady >= nextLook {
                    nextLook = clock.now.steady + Self.clockLookNanos
                    if !backlog.isBehind { try lookAtCalendar(core) }
                    keeping.look(at: clock.now.steady, core.sequencer.writer)
                    let status = core.status
                    shown.withLock { $0 = status }
                    accepted.store(status.acceptedSequence, ordering: .relaxed)
                }
            }
            try core.stop(clock.now)
            return 0
        } catch {
            let failure = Failure(error) ?? Failure("\(error)")
            logger.critical(
                "the journal takes nothing more", metadata: ["error": "\(failure.description)"])
            // Space may come back; whatever else ends the writing is the disk's (F.6, F.7).
            let isFull = (error as? JournalError)?.isNoSpace ?? false
            return isFull ? ExitCodes.inputOutput : ExitCodes.syncFailure
        }
    }

    private func lookAtCalendar(_ core: LiveCore) throws {
        // A step that cannot be told is found again.
        guard try core.isReady(clock.now), let step = clock.compare() else { return }
        logger.warning(
            "the calendar was stepped", metadata: ["ns": "\(step.to - step.from)"])
        try core.note(step, clock.now)
    }

    /// Ends the sockets' client; after the thread has ended.
    public func shutdown() async { await driver.shutdown() }
}
