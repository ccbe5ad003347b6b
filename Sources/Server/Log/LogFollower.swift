import Engine
import Journal

/// Reads the events of a log behind a state, block by block, and goes on where the log had ended
/// once there is more.
struct LogFollower {
    /// Reads the blocks.
    let reader: LogReader
    /// The block that is read at the moment.
    private(set) var block = EventBlock()
    /// The next event in it.
    var index = 0
    private var cursor: BlockCursor?

    /// A follower of what `reader` reads.
    init(_ reader: LogReader) { self.reader = reader }

    /// The state was changed: what was read of the log is not what follows it.
    mutating func restart() {
        cursor = nil
        block.clear()
        index = 0
    }

    /// Whether there is an event behind `sequence`, up to which all was applied; reads the next
    /// block where it has to.
    mutating func hasEvents(after sequence: UInt64) throws(LogError) -> Bool {
        if index < block.count { return true }
        if cursor == nil {
            cursor = try reader.reading { () throws(JournalError) in
                try reader.journal.blocks(fromSequence: sequence + 1, includingDerived: false)
            }
        }
        guard let cursor, try reader.next(cursor, into: &block) != nil else {
            // What is written later is found by looking again.
            restart()
            return false
        }
        index = try LogReader.start(of: block, after: sequence)
        return true
    }
}
