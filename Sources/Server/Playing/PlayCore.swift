import Engine
import Journal

/// Plays a log without clock and thread: folds forward to where its owner wants, and hands out what
/// the fold concludes, tick by tick.
final class PlayCore {
    /// The state behind the last event that was played.
    private(set) var engine = Engine()
    private let reader: LogReader
    private var outputs = OutputBuffer(wantsFrames: true)
    private var follower: LogFollower

    /// Takes what the fold said up to a tick, and the state behind it.
    typealias Sink = (borrowing OutputBuffer, borrowing Engine) -> Void

    /// A player of the journal in `directory`, behind the event `sequence`; nil: before the first
    /// clock tick at which there is something to show.
    init(directory: String, after sequence: UInt64?) throws(LogError) {
        reader = LogReader(directory: directory)
        follower = LogFollower(reader)
        outputs.wantsTrades = true
        let oldest = try reader.bounds().lowerBound
        try seek(to: sequence ?? oldest)
        while sequence == nil, try hasEvents() {
            let next = follower.index
            let isTick = follower.block.headers[next].kind == EventKind.clockTick.rawValue
            if isTick, !engine.symbols.isEmpty { return }
            try apply(to: next + 1)
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
        follower.restart()
    }

    /// Time of the next event, ns; nil at the end of the log.
    func nextTime() throws(LogError) -> Int64? {
        guard try hasEvents() else { return nil }
        return follower.block.headers[follower.index].time
    }

    /// Plays the events up to `time`, but at most `ticks` clock ticks.
    ///
    /// - Returns: how many ticks that were.
    func play(
        to time: Int64, atMost ticks: Int, _ sink: Sink
    ) throws(LogError) -> Int {
        var left = ticks
        while left > 0, try hasEvents() {
            let headers = follower.block.headers
            let rest = follower.index..<headers.count
            let end = LogReader.sliceEnd(follower.block, rest)
            if headers[end - 1].time > time {
                let due = headers[rest.lowerBound..<end].firstIndex { $0.time > time } ?? end
                if due > rest.lowerBound { try apply(to: due, sink) }
                break
            }
            try apply(to: end, sink)
            if headers[end - 1].kind == EventKind.clockTick.rawValue { left -= 1 }
        }
        return ticks - left
    }

    private func hasEvents() throws(LogError) -> Bool {
        try follower.hasEvents(after: engine.sequence)
    }

    /// Applies the events of the block up to the one numbered `end`.
    private func apply(to end: Int, _ sink: Sink = { _, _ in }) throws(LogError) {
        try reader.apply(follower.block, follower.index..<end, to: &engine, &outputs, sink)
        follower.index = end
    }
}
