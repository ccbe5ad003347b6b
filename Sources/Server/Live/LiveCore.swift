public import Engine
public import Journal
import Venues

/// The live system without its sockets, clocks and threads: one owner tells it what happened and
/// when, and it sequences, journals, folds, publishes, and asks for what the venues' rules want.
///
/// ```
/// messages, openings, answers, time ──► LiveCore ──► Sequencer ──► journal, engine
///                                          │  ▲            │
///              open · send · get · close ◄─┘  └─ resync ◄──┴──► publish (accepted only)
/// ```
///
/// Not thread-safe. An error of the journal leaves it paused: the owner calls `wake`, which tries
/// again. Before it hands in something, it asks `isReady`; what is not handed in, it keeps (F.5).
public final class LiveCore {
    let sequencer: Sequencer
    let instruments: InstrumentTable
    let links: [VenueLink]
    unowned let driver: any LiveDriver
    var jitter: Jitter
    /// Where everything that the core is told is kept, too.
    var raw: RawWriter?
    /// Books that are to be synced anew.
    var doubts: [Doubt] = []
    private var flushDueAt = Int64.max
    private var nextCheckAt: Int64 = 0
    var nextRequest: UInt64 = 0
    var limits: VenueLimits
    /// What the log and the adapters could not be told of lines, because the journal took nothing.
    private var untold: [(line: VenueLine, state: ConnectionState, at: Instant)] = []
    /// Why nothing is taken at the moment.
    public private(set) var pause: JournalError?
    var isStopping = false

    /// Longest time that an event waits to be journaled (`semantics.md` 8).
    static let flushNanosMax: Int64 = 50_000_000
    static let checkNanos: Int64 = 250_000_000
    private static let retryNanos: Int64 = 500_000_000

    init(
        sequencer: Sequencer, instruments: InstrumentTable, links: [VenueLink],
        limits: VenueLimits, seed: UInt64, driver: any LiveDriver
    ) {
        self.sequencer = sequencer
        self.instruments = instruments
        self.links = links
        self.limits = limits
        self.driver = driver
        jitter = Jitter(seed: seed)
    }

    /// Whether the journal takes nothing at the moment.
    public var isPaused: Bool { pause != nil }

    /// When `wake` has something to do, steady ns; `wallOffset` is wall less steady time.
    public func nextWake(wallOffset: Int64) -> Int64 {
        if isPaused { return nextCheckAt }
        var next = min(flushDueAt, sequencer.nextTickTime - wallOffset)
        next = min(next, nextCheckAt)
        if let due = sequencer.writer.syncDueNanos { next = min(next, Int64(clamping: due)) }
        for link in links {
            for line in link.lines { next = min(next, line.deadline(link.service.keepalive)) }
        }
        return next
    }

    /// Lets time go by: ticks, group commits, keepalives, attempts, time-outs.
    ///
    /// - Throws: an error of the journal that does not pass by itself.
    public func wake(_ now: Instant) throws(JournalError) {
        // Behind a pause comes first what waits outside, then the time that has gone by.
        if isPaused {
            keepAlive(now)
            try sync(now)
            guard now.steady >= nextCheckAt else { return }
            return try guarded(now) {}
        }
        try guarded(now) { () throws(JournalError) in
            try tick(now)
            if now.steady >= flushDueAt { try flush(now) }
        }
        try sync(now)
        guard !isPaused, now.steady >= nextCheckAt || hasDeadline(now.steady) else { return }
        nextCheckAt = now.steady + LiveCore.checkNanos
        try guarded(now) { () throws(JournalError) in try look(now) }
    }

    /// Lets the ticks fall that are due before `now`; whether something that came at `now` can be
    /// handed in. While it cannot, its owner keeps it, and all that came behind it.
    public func isReady(_ now: Instant) throws(JournalError) -> Bool {
        guard !isPaused else { return false }
        try guarded(now) { () throws(JournalError) in try tick(now) }
        return !isPaused
    }

    /// Makes what is written durable where that is due (F.2): a full disk can do that.
    private func sync(_ now: Instant) throws(JournalError) {
        do throws(JournalError) {
            try sequencer.writer.tick(nowNanos: UInt64(max(0, now.steady)))
        } catch {
            // A segment that is still to be opened holds nothing.
            guard case .noOpenSegment = error else { throw error }
        }
    }

    private func hasDeadline(_ now: Int64) -> Bool {
        links.contains { link in
            link.lines.contains { $0.deadline(link.service.keepalive) <= now }
        }
    }

    /// Sequences what `append` adds to the log at `now`, after the ticks that are due.
    func record(
        _ now: Instant, _ raw: @autoclosure () -> RawRecord, _ append: (inout EventBlock) -> Void
    ) throws(JournalError) {
        try tick(now)
        // What is taken is kept, also when the journal fails behind it.
        try sequencer.receive { (block: inout EventBlock) in
            append(&block)
            self.raw?.append(raw())
        }
        if sequencer.hasOpenBlock {
            flushDueAt = min(flushDueAt, now.steady + LiveCore.flushNanosMax)
        }
    }

    /// Lets the ticks fall that are due, each accepted before the next.
    private func tick(_ now: Instant) throws(JournalError) {
        while try tickOnce(now) { try flush(now) }
    }

    private func tickOnce(_ now: Instant) throws(JournalError) -> Bool {
        try sequencer.tickOnce(before: now.wall) { raw?.append(.tick(before: now.wall)) }
    }

    /// Journals the open block and publishes what it led to.
    func flush(_ now: Instant) throws(JournalError) {
        try sequencer.flush()
        flushDueAt = .max
    }

    /// Runs `body`; an error that passes by itself pauses the core, and the end of the pause is
    /// when a write succeeds again.
    func guarded(
        _ now: Instant, _ body: () throws(JournalError) -> Void
    ) throws(JournalError) {
        do throws(JournalError) {
            if isPaused {
                try flush(now)
                pause = nil
                try tellChanges()
            }
            try body()
        } catch {
            guard error.isNoSpace else { throw error }
            pause = error
            nextCheckAt = now.steady + LiveCore.retryNanos
        }
    }

    /// Tells log and adapter that a line changed its state; later, where the journal takes nothing.
    func change(
        _ line: VenueLine, _ state: ConnectionState, _ now: Instant
    ) throws(JournalError) {
        untold.append((line, state, now))
        guard untold.count == 1 else { return }
        try guarded(now) { () throws(JournalError) in try tellChanges() }
    }

    /// Each at its own time: what came behind it waits outside.
    private func tellChanges() throws(JournalError) {
        while let (line, state, at) = untold.first {
            try record(at, .changed(line.id, state, at: at.wall)) { block in
                line.adapter.connectionChanged(state, receivedAt: at.wall, into: &block)
                untold.removeFirst()
            }
        }
    }

    /// Takes what accepted events led to: the sequencer's `onOutputs`.
    func publish(_ outputs: borrowing OutputBuffer) {
        for output in outputs.outputs where output.kind == .resyncRequested {
            doubts.append(Doubt(key: output.book, reason: .impossible))
        }
        sequencer.withEngine { driver.publish(outputs, $0) }
    }

    /// Answers a question about the state as it is now; all of it is accepted first. Nil while the
    /// journal takes nothing, which no question finds out: behind a pause comes what waited.
    public func ask<Answer>(
        _ now: Instant, _ body: (borrowing Engine) -> Answer
    ) throws(JournalError) -> Answer? {
        guard !isPaused else { return nil }
        var answer: Answer?
        try guarded(now) { () throws(JournalError) in
            try flush(now)
            answer = sequencer.withEngine(body)
        }
        return answer
    }
}
