import Engine
import Journal

/// A write to the journal that is still to be done.
private enum PlannedWrite {
    /// A block of events, their canonical bytes, and what the fold concluded from them.
    case events(Block, [UInt8], DerivedCollector)
    /// The parts of one derived thing, and how many of them the open segment holds.
    case derived([Block], done: Int)
    /// Seal the segment and open the next one.
    case roll

    /// Whether opening a segment does the same.
    var isOpening: Bool {
        switch self {
        case .events: false
        case .derived(let parts, _): parts[0].kind == BlockKind.checkpoint.rawValue
        case .roll: true
        }
    }
}

/// What the sequencer wants written, in order, and what it takes to do as the journal asks after
/// an error: what failed stays planned, and a new segment opens with the state it starts from.
struct WriteQueue {
    let writer: JournalWriter
    private var pending: [PlannedWrite] = []
    private var accepted = AcceptedState()
    /// Rollups and frame marks of accepted events that no planned block holds yet.
    private var derived = DerivedCollector()

    init(writer: JournalWriter, unstored: DerivedCollector = DerivedCollector()) {
        self.writer = writer
        derived = unstored
    }

    /// Whether nothing is planned.
    var isEmpty: Bool { pending.isEmpty }

    /// Plans a block of events; `entries` is what the fold concluded from them.
    mutating func plan(_ block: Block, canonical: [UInt8], _ entries: DerivedCollector) {
        precondition(!block.isDerived)
        pending.append(.events(block, canonical, entries))
    }

    /// Plans the rollups and frame marks since the last ones; all events must be accepted.
    mutating func planDerived(sequence: UInt64, time: Int64) {
        precondition(pending.isEmpty && sequence == writer.lastSequence)
        pending += takeDerived(sequence, time)
    }

    /// Plans the end of the segment.
    mutating func planRoll() { pending.append(.roll) }

    /// Plans a checkpoint of `engine`.
    mutating func planCheckpoint(_ engine: borrowing Engine) {
        pending.append(WriteQueue.checkpoint(engine))
    }

    /// Writes what is planned, in order. What failed stays planned: the call may be repeated, and
    /// nothing is written twice. A damaged segment is replaced on the way (F.6).
    mutating func drain() throws(JournalError) {
        while !pending.isEmpty {
            do throws(JournalError) {
                try writeFirst()
                pending.removeFirst()
            } catch {
                switch error {
                case .segmentReplaced: reopen()
                case .noOpenSegment:
                    // The successor of a damaged segment could not be opened then: now it can.
                    try writer.roll()
                    reopen()
                default: throw error
                }
            }
        }
    }

    private mutating func writeFirst() throws(JournalError) {
        switch pending[0] {
        case .events(let block, let canonical, let entries):
            try canonical.withUnsafeBufferPointer { bytes throws(JournalError) in
                try writer.append(block, canonical: UnsafeRawBufferPointer(bytes))
            }
            accepted.accept(events: block.payload)
            derived.append(entries)
        case .derived(let parts, var done):
            while done < parts.count {
                try writer.append(parts[done])
                done += 1
                pending[0] = .derived(parts, done: done)
            }
            if pending[0].isOpening { accepted.accept(checkpoint: parts.map(\.payload)) }
        case .roll: try writer.roll()
        }
    }

    /// The journal has opened a segment in the place of a damaged one: it opens with the state
    /// after the last accepted event, followed by what was concluded so far, so that it can be
    /// folded alone (D.5). Then come the planned writes, each whole.
    private mutating func reopen() {
        let engine = accepted.folded()
        precondition(engine.sequence == writer.lastSequence, "the accepted state is what it says")
        pending.removeAll(where: \.isOpening)
        for index in pending.indices {
            guard case .derived(let parts, _) = pending[index] else { continue }
            pending[index] = .derived(parts, done: 0)
        }
        let opening = [WriteQueue.checkpoint(engine)] + takeDerived(engine.sequence, engine.time)
        pending.insert(contentsOf: opening, at: 0)
    }

    private mutating func takeDerived(_ sequence: UInt64, _ time: Int64) -> [PlannedWrite] {
        var kinds: [(kind: BlockKind, parts: [[UInt8]])] = []
        for (kind, raw) in derived.blocks(sequence: sequence, time: time) {
            if kinds.last?.kind != kind { kinds.append((kind, [])) }
            kinds[kinds.count - 1].parts.append(raw)
        }
        derived.clear()
        return kinds.map { WriteQueue.derived($0.kind, $0.parts, sequence, time) }
    }

    private static func checkpoint(_ engine: borrowing Engine) -> PlannedWrite {
        derived(.checkpoint, Checkpoint.encode(engine), engine.sequence, engine.time)
    }

    private static func derived(
        _ kind: BlockKind, _ parts: [[UInt8]], _ sequence: UInt64, _ time: Int64
    ) -> PlannedWrite {
        let blocks = parts.map {
            LogCodec.derived(kind, $0, nextSequence: sequence + 1, time: time)
        }
        return .derived(blocks, done: 0)
    }
}
