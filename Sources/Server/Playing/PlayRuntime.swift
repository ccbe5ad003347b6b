import Dispatch
import Engine
import Foundation
import Logging
import Synchronization

/// A player on a thread of its own, in the place of the live core: its present is as far as it has
/// played (`replay-tool play`).
final class PlayRuntime: LiveAccess, PlayControlling {
    private typealias Task = @Sendable (PlayRun?) -> Void

    private let hub: Hub
    private let logger: Logger
    private let tasks = Mutex<[Task]?>([])
    private let wakeUp = DispatchSemaphore(value: 0)
    private let shown = Mutex(LiveStatus())
    private let played = Atomic<UInt64>(0)
    /// Handed to the thread when it starts.
    private let core: Handover<PlayCore>
    private let end = Mutex<Result<Void, any Error>?>(nil)

    /// How long the thread sleeps at most, and how many ticks it plays in one go at full speed.
    private static let idleNanos: Int64 = 50_000_000
    private static let ticksPerStep = 16

    /// A player of `directory` behind the event `sequence`, or from where there is something to
    /// show; it plays once it is told to.
    init(directory: String, after sequence: UInt64?, hub: Hub, logger: Logger) throws {
        self.hub = hub
        self.logger = logger
        let core = try PlayCore(directory: directory, after: sequence)
        self.core = Handover(core)
        note(core)
    }

    /// Starts the thread, in state `state`.
    func run(_ state: PlayState) {
        let thread = Thread { [self] in
            let result = Result { try play(PlayRun(core: core.take(), state: state)) }
            if case .failure(let error) = result {
                logger.critical("the log cannot be read", metadata: ["error": "\(error)"])
                shown.withLock { $0.pause = "the log cannot be read" }
            }
            closeTasks()
            end.withLock { $0 = result }
        }
        thread.name = "player"
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// How the thread has ended; nil: it has not.
    var ended: Result<Void, any Error>? { end.withLock { $0 } }

    private func play(_ run: PlayRun) throws {
        while true {
            let (due, isOver) = tasks.withLock { list in
                defer { list = list == nil ? nil : [] }
                return (list ?? [], list == nil)
            }
            if isOver { return }
            for task in due {
                task(run)
                note(run.core)
            }
            let wait = try step(run)
            note(run.core)
            if wait > 0 { _ = wakeUp.wait(timeout: .now() + .nanoseconds(Int(wait))) }
        }
    }

    /// Plays what is due; how long there is nothing to do, ns.
    private func step(_ run: PlayRun) throws -> Int64 {
        if run.ticksLeft > 0 {
            guard hub.hasRoom() else { return 1_000_000 }
            let ticks = min(run.ticksLeft, Self.ticksPerStep)
            let played = try run.core.play(to: .max, atMost: ticks, publish)
            run.ticksLeft = played < ticks ? 0 : run.ticksLeft - ticks
            return 0
        }
        guard !run.state.isPaused, let next = try run.core.nextTime() else {
            run.state.isAtEnd = try run.core.nextTime() == nil
            run.clock = nil
            return Self.idleNanos
        }
        run.state.isAtEnd = false
        guard case .times(let speed) = run.state.pace else {
            // As fast as those who follow take it.
            guard hub.hasRoom() else { return 1_000_000 }
            _ = try run.core.play(to: .max, atMost: Self.ticksPerStep, publish)
            return 0
        }
        let now = DispatchTime.now().uptimeNanoseconds
        let clock = run.clock ?? (time: max(next, run.core.engine.time), at: now)
        run.clock = clock
        let gone = Double(now - clock.at) * speed
        let due = clock.time + Int64(min(gone, 9e17))
        let ticks = try run.core.play(to: due, atMost: Self.ticksPerStep, publish)
        if ticks == Self.ticksPerStep { return 0 }
        guard let later = try run.core.nextTime() else { return Self.idleNanos }
        return Int64(min(max(Double(later - due) / speed, 0), Double(Self.idleNanos)))
    }

    private func publish(_ outputs: borrowing OutputBuffer, _ engine: borrowing Engine) {
        // Who reads the log may see what is published, or they would miss it.
        played.store(engine.sequence, ordering: .sequentiallyConsistent)
        hub.publish(outputs, engine)
    }

    private func note(_ core: PlayCore) {
        played.store(core.engine.sequence, ordering: .sequentiallyConsistent)
        shown.withLock { status in
            guard status.acceptedSequence != core.engine.sequence else { return }
            PlayRuntime.note(core.engine, in: &status)
        }
    }

    private static func note(_ engine: borrowing Engine, in status: inout LiveStatus) {
        status.source = engine.source
        status.tickHz = engine.configuration.tickHz
        status.windowsBps = engine.configuration.windowsBps
        status.symbols = engine.symbols.map { String(decoding: $0, as: UTF8.self) }
        status.acceptedSequence = engine.sequence
        status.durableSequence = engine.sequence
        status.time = engine.time
        status.refusedEvents = engine.refusedEvents
    }

    /// Ends the thread.
    func stop() {
        closeTasks()
        wakeUp.signal()
    }

    private func closeTasks() {
        let left = tasks.withLock { list in
            defer { list = nil }
            return list ?? []
        }
        for task in left { task(nil) }
    }

    private func onThread<Value: Sendable>(
        _ body: @escaping @Sendable (PlayRun) -> Result<Value, any Error>
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let task: Task = { run in
                continuation.resume(
                    with: run.map(body) ?? .failure(LiveAccessError.stopped))
            }
            let isTaken = tasks.withLock { list in
                list?.append(task)
                return list != nil
            }
            guard isTaken else {
                return continuation.resume(throwing: LiveAccessError.stopped)
            }
            wakeUp.signal()
        }
    }

    // MARK: LiveAccess

    var status: LiveStatus { shown.withLock { $0 } }
    var horizon: UInt64 { played.load(ordering: .sequentiallyConsistent) }

    func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (borrowing Engine) -> Answer
    ) async throws -> Answer {
        try await onThread { run in .success(body(run.core.engine)) }
    }

    // MARK: PlayControlling

    func state() async throws -> PlayState {
        try await onThread { run in Result { try run.shown() } }
    }

    func run(_ command: PlayCommand) async throws -> PlayState {
        try await onThread { [self] run in
            Result {
                try run.obey(command) { sequence in
                    played.store(sequence, ordering: .sequentiallyConsistent)
                    hub.move(to: sequence)
                }
                return try run.shown()
            }
        }
    }
}

/// A player at work; on its thread alone.
private final class PlayRun {
    let core: PlayCore
    var state: PlayState
    /// Which log time was due when; nil while nothing is played.
    var clock: (time: Int64, at: UInt64)?
    /// Ticks that are still to be stepped.
    var ticksLeft = 0

    init(core: PlayCore, state: PlayState) {
        self.core = core
        self.state = state
    }

    func shown() throws -> PlayState {
        var shown = state
        shown.sequence = core.engine.sequence
        shown.time = core.engine.time
        shown.bounds = try core.bounds()
        shown.isAtEnd = try core.nextTime() == nil
        return shown
    }

    func obey(_ command: PlayCommand, _ moved: (UInt64) -> Void) throws {
        clock = nil
        ticksLeft = 0
        switch command {
        case .pause: state.isPaused = true
        case .play(let pace):
            state.isPaused = false
            state.pace = pace ?? state.pace
        case .step(let ticks):
            state.isPaused = true
            ticksLeft = ticks
        case .seek(let moment):
            let sequence = try core.sequence(of: moment)
            try core.seek(to: sequence)
            moved(sequence)
        }
    }
}
