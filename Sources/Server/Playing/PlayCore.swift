import Engine
import Journal

/// Plays a log without clock and thread: folds forward to where its owner wants, and hands out what
/// the fold concludes, tick by tick.
final class PlayCore {
    /// The state behind the last event that was played.
    private(set) var engine = Engine()
    private let reader: LogReader
    private var outputs = OutputBuffer(wantsFrames: true)
    private var cursor: BlockCursor?
    private var block = EventBlock()
    private var index = 0

    /// Takes what the fold said up to a tick, and the state behind it.
    typealias Sink = (borrowing OutputBuffer, borrowing Engine) -> Void

    /// A player of the journal in `directory`, behind the event `sequence`; nil: before the first
    /// clock tick at which there is something to show.
    init(directory: String, after sequence: UInt64?) throws(LogError) {
        reader = LogReader(directory: directory)
        outputs.wantsTrades = true
        let oldest = try reader.bounds().lowerBound
        try seek(to: sequence ?? oldest)
        while sequence == nil, try hasEvents() {
            let isTick = block.headers[index].kind == EventKind.clockTick.rawValue
            if isTick, !engine.symbols.isEmpty { return }
            try reader.apply(block, index..<index + 1, to: &engine, &outputs)
            index += 1
        }
    }

    /// What the log holds.
    func bounds() throws(LogError) -> ClosedRange<UInt64> { try reader.bounds() }

    /// The event of a moment.
    func sequence(of moment: Moment) throws(LogError) -> UInt64 {
        try reader.sequence(of: moment)
    }

    /// Goes to behind the event `sequence`; nothing is handed out.
    func seek(to sequence: UInt64) throws(LogError) {
        engine = try reader.engine(after: sequence, trades: &outputs)
        outputs.clear()
        cursor = nil
        block.clear()
        index = 0
    }

    /// Time of the next event, ns; nil at the end of the log.
    func nextTime() throws(LogError) -> Int64? {
        guard try hasEvents() else { return nil }
        return block.headers[index].time
    }

    /// Plays the events up to `time`, but at most `ticks` clock ticks.
    ///
    /// - Returns: how many ticks that were.
    func play(
        to time: Int64, atMost ticks: Int, _ sink: Sink
    ) throws(LogError) -> Int {
        var left = ticks
        while left > 0, try hasEvents() {
            var end = LogReader.sliceEnd(block, index..<block.count)
            let isTick = block.headers[end - 1].kind == EventKind.clockTick.rawValue
            if block.headers[end - 1].time > time {
                end = block.headers[index..<end].firstIndex { $0.time > time } ?? end
                if end > index {
                    try reader.apply(block, index..<end, to: &engine, &outputs, sink)
                    index = end
                }
                break
            }
            try reader.apply(block, index..<end, to: &engine, &outputs, sink)
            index = end
            if isTick { left -= 1 }
        }
        return ticks - left
    }

    /// Whether there is an event behind the state; reads the next block where it has to.
    private func hasEvents() throws(LogError) -> Bool {
        if index < block.count { return true }
        if cursor == nil {
            let next = engine.sequence + 1
            cursor = try reader.reading { () throws(JournalError) in
                try reader.journal.blocks(fromSequence: next, includingDerived: false)
            }
        }
        guard let cursor, try reader.next(cursor, into: &block) != nil else {
            self.cursor = nil
            block.clear()
            index = 0
            return false
        }
        index = try LogReader.start(of: block, after: engine.sequence)
        return true
    }
}
