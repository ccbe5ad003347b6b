public import Engine
import Journal

extension LogReader {
    /// Hands out the stored rollups whose seconds begin in `times` (ns), in order.
    ///
    /// - Returns: the sequence up to which they cover the log; the largest one when nothing of
    ///   `times` can follow.
    public func forEachStoredRollup(
        in times: Range<Int64> = Int64.min..<Int64.max, _ body: (StoredRollup) throws -> Void
    ) throws -> UInt64 {
        var covered: UInt64 = 0
        let buffer = BlockBuffer()
        let names = try reading { () throws(JournalError) in try journal.segmentNames() }
        for name in names {
            let segment = try reading { () throws(JournalError) in
                try journal.segment(named: name)
            }
            var parts: [[UInt8]] = []
            for entry in segment.entries where entry.kind == BlockKind.rollups.rawValue {
                if isCancelled() { throw LogError.interrupted }
                if entry.lastTime < times.lowerBound {
                    // What closed by then began before.
                    covered = entry.firstSequence - 1
                    continue
                }
                _ = try reading { () throws(JournalError) in
                    try segment.read(entry, into: buffer)
                }
                let head = try DerivedBlock.head(of: Array(buffer.payload))
                // What a dying writer left incomplete is begun anew.
                if head.levelCount == 0 { parts = [] }
                parts.append(Array(buffer.payload))
                guard parts.count == Int(head.count) else { continue }
                if try handOut(DerivedBlock.rollups(parts), times, body) { return .max }
                covered = head.firstSequence
                parts = []
            }
        }
        return covered
    }

    /// Folds from the newest checkpoint at or before `sequence` and hands out the rollups of
    /// `times` that close after it.
    public func forEachFoldedRollup(
        after sequence: UInt64, in times: Range<Int64> = Int64.min..<Int64.max,
        _ body: (StoredRollup) throws -> Void
    ) throws {
        let bounds = try bounds()
        let last = bounds.upperBound
        guard sequence < last else { return }
        // Where retention left less than the stored ones cover, the log begins with a checkpoint.
        var engine = try checkpoint(notAfter: max(sequence, bounds.lowerBound - 1))
        guard engine.sequence < last else { return }
        var outputs = OutputBuffer(wantsFrames: false)
        var collector = DerivedCollector()
        try forEachBlock(from: engine.sequence + 1) { block throws(LogError) in
            let start = try LogReader.start(of: block, after: engine.sequence)
            try apply(block, start..<block.count, to: &engine, &outputs) { outputs, engine in
                collector.collect(outputs, symbols: engine.symbols)
            }
            return (collector.rollups.last?.time ?? .min) < times.upperBound
        }
        _ = try handOut(collector.rollups.filter { $0.sequence > sequence }, times, body)
    }

    /// Hands out those of `times`; true when one lies behind them: all symbols close a second at
    /// the same tick, so nothing of `times` follows.
    private func handOut(
        _ rollups: [StoredRollup], _ times: Range<Int64>, _ body: (StoredRollup) throws -> Void
    ) throws -> Bool {
        let horizon = horizon()
        for rollup in rollups where times.contains(rollup.time) && rollup.sequence <= horizon {
            try body(rollup)
        }
        return rollups.contains { $0.time >= times.upperBound }
    }
}
