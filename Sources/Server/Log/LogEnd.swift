public import Engine
import Journal

/// What a log says at its end: the state after its last event, and what the fold concludes from
/// its last events that no derived block holds yet, because the writer died before.
public struct LogEnd: ~Copyable {
    /// The state after the last event.
    public private(set) var engine: Engine
    /// Rollups and frame marks behind the last stored ones.
    let unstored: DerivedCollector

    init(engine: consuming Engine, unstored: DerivedCollector) {
        self.engine = engine
        self.unstored = unstored
    }

    /// Hands the state over.
    consuming func takeEngine() -> Engine { engine }
}

extension LogReader {
    /// Reads the end of the log from the newest checkpoint that leaves nothing out.
    ///
    /// - Throws: `empty`, `otherEngine`, and what the journal says.
    public func end() throws(LogError) -> LogEnd {
        let bounds = try bounds()
        let beforeFirst = bounds.lowerBound - 1
        let marks = try lastStored(.frameMarks) ?? beforeFirst
        let rollups = try lastStored(.rollups) ?? beforeFirst
        var engine = try checkpoint(notAfter: min(marks, rollups, bounds.upperBound))
        var outputs = OutputBuffer(wantsFrames: true)
        var all = DerivedCollector()
        if engine.sequence < bounds.upperBound {
            try forEachBlock(from: engine.sequence + 1) { block throws(LogError) in
                let start = try LogReader.start(of: block, after: engine.sequence)
                try apply(block, start..<block.count, to: &engine, &outputs) { outputs, engine in
                    all.collect(outputs, symbols: engine.symbols)
                }
                return true
            }
        }
        guard engine.configuration.engineVersion == EngineConfiguration.currentVersion else {
            throw .otherEngine(engine.configuration.engineVersion)
        }
        all.forget(rollupsUpTo: rollups, marksUpTo: marks)
        return LogEnd(engine: engine, unstored: all)
    }

    /// The event behind which the last complete derived thing of `kind` stands; nil: there is none.
    private func lastStored(_ kind: BlockKind) throws(LogError) -> UInt64? {
        var next = UInt64.max
        while true {
            let before = next
            let run = try reading { () throws(JournalError) in
                try journal.newestRun(ofKind: kind.rawValue, atOrBefore: before)
            }
            guard let run else { return nil }
            do throws(CodecError) {
                if !(try DerivedBlock.lastRun(of: try payloads(of: run))).isEmpty {
                    return run.nextSequence - 1
                }
            } catch {
                throw .codec(error, segment: run.segment.info.name, sequence: run.nextSequence)
            }
            guard run.nextSequence > 1 else { return nil }
            next = run.nextSequence - 1
        }
    }
}
