public import Engine
public import Journal

/// When derived blocks and checkpoints are written, and how large blocks get (`semantics.md` 8,
/// 30). None of it changes a state, a digest or an output.
public struct SequencerPolicy: Sendable {
    /// Events in a block.
    public var eventsPerBlock = 4_096
    /// Raw bytes of a block, about.
    public var bytesPerBlock = 256 << 10
    /// Level updates between checkpoints.
    public var levelsPerCheckpoint = 250_000
    /// Event time between checkpoints, ns.
    public var nanosPerCheckpoint: Int64 = 60_000_000_000
    /// Bytes of outputs that are held until their block is accepted.
    public var outputBytes = 8 << 20
    /// Whether trades are handed out beside the outputs: for the depth feed.
    public var wantsTrades = false

    /// The product's defaults.
    public init() {}
}

/// The single writer: it numbers and times every event, lets the clock tick before a message,
/// journals the events in blocks, applies them, and writes checkpoints.
///
/// Outputs are handed to `onOutputs` after the block that they come from was accepted by the
/// journal: nothing is shown that the log does not hold.
public final class Sequencer {
    var queue: WriteQueue
    private let policy: SequencerPolicy
    private let onOutputs: (borrowing OutputBuffer) -> Void
    /// What has to be written before the journal is: it never says more than this does.
    var beforeWriting: () throws(JournalError) -> Void = {}
    var engine: Engine
    var grid: TickGrid
    var block = EventBlock()
    private var encoder = BlockEncoder()
    private var outputs = OutputBuffer(wantsFrames: true)
    private var symbols: [[UInt8]] = []
    var nextTick: Int64 = 0
    private var levelsSinceCheckpoint = 0
    private var lastCheckpointTime: Int64 = 0
    /// Levels in deltas that were sequenced.
    public private(set) var levelUpdates: UInt64 = 0

    /// A sequencer that begins the empty journal of `writer`.
    ///
    /// - Precondition: the journal holds no event.
    public init(
        writer: JournalWriter, policy: SequencerPolicy = SequencerPolicy(),
        onOutputs: @escaping (borrowing OutputBuffer) -> Void = { _ in }
    ) {
        precondition(writer.lastSequence == 0, "a sequencer begins an empty journal")
        queue = WriteQueue(writer: writer)
        self.policy = policy
        self.onOutputs = onOutputs
        outputs.wantsTrades = policy.wantsTrades
        engine = Engine()
        grid = TickGrid(hz: 2)
        block.firstSequence = 1
    }

    /// A sequencer that goes on with the journal of `writer`, of which `end` is what a reader found
    /// at its end. Nothing is written yet; `resume` comes next.
    public init(
        writer: JournalWriter, after end: consuming LogEnd,
        policy: SequencerPolicy = SequencerPolicy(),
        onOutputs: @escaping (borrowing OutputBuffer) -> Void = { _ in }
    ) {
        precondition(writer.lastSequence == end.engine.sequence, "the log ends where it was read")
        queue = WriteQueue(writer: writer, unstored: end.unstored)
        self.policy = policy
        self.onOutputs = onOutputs
        outputs.wantsTrades = policy.wantsTrades
        grid = TickGrid(hz: end.engine.configuration.tickHz)
        nextTick = grid.first(after: end.engine.time)
        lastCheckpointTime = end.engine.time
        block.firstSequence = end.engine.sequence + 1
        engine = end.takeEngine()
    }

    /// Sequence of the last event, journaled or in the open block.
    public var sequence: UInt64 { engine.sequence }

    /// Time of the last event, ns.
    public var time: Int64 { engine.time }

    /// Events of the log that the fold could not apply to any state; they changed nothing.
    public var refusedEvents: UInt64 { engine.refusedEvents }

    /// Reads the state after the last event.
    public func withEngine<Result>(_ body: (borrowing Engine) -> Result) -> Result {
        body(engine)
    }

    /// Writes the events at the head of a log.
    public func begin(
        source: SessionSource, configuration: EngineConfiguration, at time: Int64
    ) throws(JournalError) {
        precondition(engine.sequence == 0, "a log begins once")
        planCheckpoint()
        grid = TickGrid(hz: configuration.tickHz)
        nextTick = grid.first(after: time)
        lastCheckpointTime = time
        block.append(.sessionStart(SessionStart(source: source)), receivedAt: time)
        block.append(.configuration(configuration), receivedAt: time)
        takeOver(from: 0)
        precondition(engine.configuration == configuration, "the fold took the configuration")
    }

    /// When the next tick is due, ns.
    public var nextTickTime: Int64 { nextTick }

    /// Whether events wait to be journaled.
    public var hasOpenBlock: Bool { block.count > 0 }

    /// The journal that is written.
    public var writer: JournalWriter { queue.writer }

    /// Lets all ticks fall that are due before a message received at `receivedAt`.
    public func tick(before receivedAt: Int64) throws(JournalError) {
        while try tickOnce(before: receivedAt) {}
    }

    /// Lets the first tick fall that is due before a message received at `receivedAt`, or the last
    /// one behind a stall; false when none is due. `note` is called before it falls.
    public func tickOnce(
        before receivedAt: Int64, note: () -> Void = {}
    ) throws(JournalError) -> Bool {
        // As in `receive`: while what came before cannot be written, no tick falls.
        try drain()
        guard nextTick <= receivedAt else { return false }
        note()
        let start = block.count
        var time = nextTick
        if receivedAt - engine.time > TickGrid.stallNanosMax {
            time = grid.last(notAfter: receivedAt)
            block.append(.clockGap(ClockGap(from: engine.time, to: time)), receivedAt: time)
        }
        block.appendClockTick(time: time)
        nextTick = grid.first(after: time)
        takeOver(from: start)
        try flushIfFull()
        return true
    }

    /// Sequences the events that `append` adds to the block for one message.
    public func receive<Result>(
        _ append: (inout EventBlock) -> Result,
        then inspect: (borrowing EventBlock, Range<Int>, borrowing Engine) -> Void = { _, _, _ in }
    ) throws(JournalError) -> Result {
        // What could not be written before comes first; while it fails, no message is taken.
        try drain()
        let start = block.count
        let result = append(&block)
        takeOver(from: start)
        inspect(block, start..<block.count, engine)
        try flushIfFull()
        return result
    }

    /// Stamps and applies the events from `start` on; they are journaled with their block.
    func takeOver(from start: Int) {
        guard block.count > start else { return }
        _ = block.stamp(from: start, lastTime: engine.time)
        engine.apply(block, from: start, into: &outputs)
        for header in block.headers[start...] where header.kind == EventKind.bookDelta.rawValue {
            let levels = UInt64(header.bidCount) + UInt64(header.askCount)
            levelUpdates += levels
            levelsSinceCheckpoint += Int(levels)
        }
    }

    private func flushIfFull() throws(JournalError) {
        guard
            block.count >= policy.eventsPerBlock || block.bytesEstimate >= policy.bytesPerBlock
                || outputs.bytes.count >= policy.outputBytes
        else { return }
        try flush()
    }

    /// Journals the open block and hands out what its events led to; a segment that has its size
    /// is followed by the next one, and a checkpoint that is due is written.
    public func flush() throws(JournalError) {
        planBlock()
        try drain()
        let isDue =
            levelsSinceCheckpoint >= policy.levelsPerCheckpoint
            || engine.time - lastCheckpointTime >= policy.nanosPerCheckpoint
        let isFull = queue.writer.shouldRoll
        guard isFull || isDue, engine.sequence > 0 else { return }
        queue.planDerived(sequence: engine.sequence, time: engine.time)
        if isFull { queue.planRoll() }
        planCheckpoint()
        try drain()
    }

    /// Writes what is planned, and shows what the accepted events led to.
    func drain() throws(JournalError) {
        if !queue.isEmpty {
            try beforeWriting()
            try queue.drain()
        }
        guard !outputs.outputs.isEmpty, block.count == 0 else { return }
        onOutputs(outputs)
        outputs.clear()
    }

    /// Plans the open block: as one, or as several where the decoder would not take it whole.
    private func planBlock() {
        guard block.count > 0 else { return }
        if symbols.count != engine.symbols.count { symbols = engine.symbols }
        if block.bytesEstimate <= policy.bytesPerBlock * 4, BlockEncoder.fits(block) {
            plan(block)
        } else {
            var part = EventBlock()
            for index in 0..<block.count {
                if part.count >= policy.eventsPerBlock
                    || part.bytesEstimate >= policy.bytesPerBlock
                {
                    plan(part)
                    part.clear()
                }
                if part.count == 0 { part.firstSequence = block.sequence(at: index) }
                part.append(copyOf: block, at: index)
            }
            plan(part)
        }
        block.clear()
        block.firstSequence = engine.sequence + 1
    }

    /// Plans one block with what its own events led to: no more, whatever waits in `outputs`.
    private func plan(_ events: borrowing EventBlock) {
        encoder.encode(events)
        var canonical: [UInt8] = []
        CanonicalEvent.append(events, to: &canonical)
        let range = events.firstSequence...events.sequence(at: events.count - 1)
        var entries = DerivedCollector()
        entries.collect(outputs, symbols: symbols, of: range)
        queue.plan(LogCodec.stored(events, by: encoder), canonical: canonical, entries)
    }

    func planCheckpoint() {
        queue.planCheckpoint(engine)
        levelsSinceCheckpoint = 0
        lastCheckpointTime = engine.time
    }

    /// Journals what is open, with its derived blocks, and seals the journal. After an error it
    /// may be called again.
    public func close() throws(JournalError) {
        planBlock()
        try drain()
        if engine.sequence > 0 {
            queue.planDerived(sequence: engine.sequence, time: engine.time)
            try drain()
        }
        try queue.writer.close()
    }
}
