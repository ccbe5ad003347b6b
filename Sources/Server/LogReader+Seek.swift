public import Engine
import Journal

/// A moment of a log.
public enum Moment: Sendable {
    /// After the event of this sequence.
    case sequence(UInt64)
    /// After the last event with time at or before this, ns.
    case time(Int64)
    /// After the last event.
    case end
}

extension LogReader {
    /// The sequence of the last event of a moment.
    public func sequence(of moment: Moment) throws(LogError) -> UInt64 {
        let bounds = try bounds()
        switch moment {
        case .end: return bounds.upperBound
        case .sequence(let sequence):
            guard bounds.contains(sequence) else {
                throw .sequenceOutside(
                    asked: sequence, oldest: bounds.lowerBound, newest: bounds.upperBound)
            }
            return sequence
        case .time(let time): return try sequence(notAfter: time, bounds)
        }
    }

    private func sequence(
        notAfter time: Int64, _ bounds: ClosedRange<UInt64>
    ) throws(LogError) -> UInt64 {
        guard time < Int64.max else { return bounds.upperBound }
        let cursor = try reading { () throws(JournalError) in
            try journal.blocks(fromTime: time + 1, includingDerived: false)
        }
        var block = EventBlock()
        guard try next(cursor, into: &block) != nil else { return bounds.upperBound }
        var low = 0
        var high = block.count
        while low < high {
            let middle = (low + high) / 2
            if block.headers[middle].time <= time { low = middle + 1 } else { high = middle }
        }
        let sequence = block.firstSequence + UInt64(low) - 1
        guard sequence >= bounds.lowerBound else {
            throw .timeBefore(asked: time, oldest: block.headers[0].time)
        }
        return sequence
    }

    /// The state after the event of `sequence`, from the newest checkpoint before it.
    public func engine(after sequence: UInt64) throws(LogError) -> Engine {
        var engine = try checkpoint(notAfter: sequence)
        var outputs = OutputBuffer(wantsFrames: false)
        if engine.sequence >= sequence { return engine }
        try forEachBlock(from: engine.sequence + 1) { block throws(LogError) in
            let start = Int(engine.sequence + 1 - block.firstSequence)
            let end = min(block.count, Int(sequence - block.firstSequence) + 1)
            engine.apply(block, range: start..<end, into: &outputs)
            outputs.clear()
            return engine.sequence < sequence
        }
        return engine
    }

    /// The newest checkpointed state at or before `sequence`; the empty state where the log
    /// begins at 1 and has no checkpoint.
    public func checkpoint(notAfter sequence: UInt64) throws(LogError) -> Engine {
        let run = try reading { () throws(JournalError) in
            try journal.newestRun(ofKind: BlockKind.checkpoint.rawValue, atOrBefore: sequence + 1)
        }
        guard let run else { return Engine() }
        var parts: [[UInt8]] = []
        let buffer = BlockBuffer()
        for entry in run.entries {
            _ = try reading { () throws(JournalError) in try run.segment.read(entry, into: buffer) }
            parts.append(Array(buffer.payload))
        }
        do throws(CodecError) {
            return try Checkpoint.decode(DerivedBlock.lastRun(of: parts))
        } catch {
            throw .codec(error, segment: run.segment.info.name, sequence: run.nextSequence)
        }
    }
}
