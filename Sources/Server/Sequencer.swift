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

    /// The product's defaults.
    public init() {}
}

/// The single writer: it numbers and times every event, lets the clock tick before a message,
/// journals the events in blocks, applies them, and writes checkpoints.
///
/// Outputs are handed to `onOutputs` after the block that they come from was accepted by the
/// journal: nothing is shown that the log does not hold.
public final class Sequencer {
    private let writer: JournalWriter
    private let policy: SequencerPolicy
    private let onOutputs: (borrowing OutputBuffer) -> Void
    private var engine: Engine
    private var grid: TickGrid
    private var block = EventBlock()
    private var encoder = BlockEncoder()
    private var canonical: [UInt8] = []
    private var outputs = OutputBuffer(wantsFrames: true)
    private var derived = DerivedCollector()
    private var symbols: [[UInt8]] = []
    private var nextTick: Int64 = 0
    private var levelsSinceCheckpoint = 0
    private var lastCheckpointTime: Int64 = 0
    /// Level updates that were journaled.
    public private(set) var levelUpdates: UInt64 = 0
    /// Bytes of checkpoints, rollups and frame marks before compression.
    public private(set) var derivedRawBytes: UInt64 = 0

    /// A sequencer that begins the empty journal of `writer`.
    ///
    /// - Precondition: the journal holds no event.
    public init(
        writer: JournalWriter, policy: SequencerPolicy = SequencerPolicy(),
        onOutputs: @escaping (borrowing OutputBuffer) -> Void = { _ in }
    ) {
        precondition(writer.lastSequence == 0, "a sequencer begins an empty journal")
        self.writer = writer
        self.policy = policy
        self.onOutputs = onOutputs
        engine = Engine()
        grid = TickGrid(hz: 2)
        block.firstSequence = 1
    }

    /// Sequence of the last event, journaled or in the open block.
    public var sequence: UInt64 { engine.sequence }

    /// Time of the last event, ns.
    public var time: Int64 { engine.time }

    /// Reads the state after the last event.
    public func withEngine<Result>(_ body: (borrowing Engine) -> Result) -> Result {
        body(engine)
    }

    /// Writes the events at the head of a log.
    public func begin(
        source: SessionSource, configuration: EngineConfiguration, at time: Int64
    ) throws(JournalError) {
        precondition(engine.sequence == 0, "a log begins once")
        try writeCheckpoint()
        grid = TickGrid(hz: configuration.tickHz)
        nextTick = grid.first(after: time)
        lastCheckpointTime = time
        block.append(.sessionStart(SessionStart(source: source)), receivedAt: time)
        block.append(.configuration(configuration), receivedAt: time)
        takeOver(from: 0)
    }

    /// Lets all ticks fall that are due before a message received at `receivedAt`.
    public func tick(before receivedAt: Int64) throws(JournalError) {
        guard nextTick <= receivedAt else { return }
        if receivedAt - engine.time > TickGrid.stallNanosMax {
            let last = grid.last(notAfter: receivedAt)
            let start = block.count
            if last >= nextTick {
                block.append(
                    .clockGap(ClockGap(from: engine.time, to: last)), receivedAt: last)
                block.appendClockTick(time: last)
                nextTick = grid.first(after: last)
            }
            takeOver(from: start)
            return try flushIfFull()
        }
        while nextTick <= receivedAt {
            let start = block.count
            block.appendClockTick(time: nextTick)
            takeOver(from: start)
            nextTick = grid.first(after: nextTick)
            try flushIfFull()
        }
    }

    /// Sequences the events that `append` adds to the block for one message.
    public func receive<Result>(
        _ append: (inout EventBlock) -> Result,
        then inspect: (borrowing EventBlock, Range<Int>, borrowing Engine) -> Void = { _, _, _ in }
    ) throws(JournalError) -> Result {
        let start = block.count
        let result = append(&block)
        takeOver(from: start)
        inspect(block, start..<block.count, engine)
        try flushIfFull()
        return result
    }

    /// Stamps and applies the events from `start` on; they are journaled with their block.
    private func takeOver(from start: Int) {
        guard block.count > start else { return }
        let levels = block.levels.count
        _ = block.stamp(from: start, lastTime: engine.time)
        engine.apply(block, from: start, into: &outputs)
        levelsSinceCheckpoint += levels - levelsBefore
        levelUpdates += UInt64(levels - levelsBefore)
        levelsBefore = levels
    }
    private var levelsBefore = 0

    private func flushIfFull() throws(JournalError) {
        guard
            block.count >= policy.eventsPerBlock || block.bytesEstimate >= policy.bytesPerBlock
        else { return }
        try flush()
        let isDue =
            levelsSinceCheckpoint >= policy.levelsPerCheckpoint
            || engine.time - lastCheckpointTime >= policy.nanosPerCheckpoint
        if writer.shouldRoll {
            try writeDerived()
            try writer.roll()
            try writeCheckpoint()
        } else if isDue {
            try writeDerived()
            try writeCheckpoint()
        }
    }

    /// Journals the open block and hands out what its events led to.
    public func flush() throws(JournalError) {
        guard block.count > 0 else { return }
        encoder.encode(block)
        canonical.removeAll(keepingCapacity: true)
        CanonicalEvent.append(block, to: &canonical)
        let stored = Block(
            kind: BlockKind.events.rawValue, firstSequence: block.firstSequence,
            count: UInt32(block.count), firstTime: block.headers[0].time, lastTime: engine.time,
            payload: encoder.output.bytes, cuts: encoder.cuts)
        let bytes = canonical
        try bytes.withUnsafeBytes { buffer throws(JournalError) in
            try writer.append(stored, canonical: buffer)
        }
        if symbols.count != engine.symbols.count { symbols = engine.symbols }
        derived.collect(outputs, symbols: symbols)
        onOutputs(outputs)
        outputs.clear()
        block.clear()
        levelsBefore = 0
        block.firstSequence = engine.sequence + 1
    }

    private func writeDerived() throws(JournalError) {
        for (kind, raw) in derived.blocks(sequence: engine.sequence, time: engine.time) {
            try append(kind, raw)
        }
        derived.clear()
    }

    private func writeCheckpoint() throws(JournalError) {
        for raw in Checkpoint.encode(engine) { try append(.checkpoint, raw) }
        levelsSinceCheckpoint = 0
        lastCheckpointTime = engine.time
    }

    private func append(_ kind: BlockKind, _ raw: [UInt8]) throws(JournalError) {
        derivedRawBytes += UInt64(raw.count)
        try writer.append(
            LogCodec.derived(
                kind, raw, nextSequence: engine.sequence + 1, time: engine.time))
    }

    /// Journals what is open, with its derived blocks, and seals the journal.
    public func close() throws(JournalError) {
        try flush()
        if engine.sequence > 0 { try writeDerived() }
        try writer.close()
    }
}
