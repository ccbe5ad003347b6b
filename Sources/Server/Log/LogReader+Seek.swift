public import Engine
public import Journal

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

    /// The chain value after the event of `sequence`: derived from the events, where the segment
    /// goes on behind it.
    public func chain(after sequence: UInt64) throws(LogError) -> ChainValue {
        let listing = try reading { () throws(JournalError) in try journal.listing() }
        let segment = listing.compactMap(\.info).last {
            $0.events > 0 && $0.firstSequence <= sequence
        }
        guard let segment else { throw .empty }
        if sequence >= segment.lastSequence { return segment.chainEnd }
        let chain = HashChain(startingFrom: segment.chainStart)
        var canonical: [UInt8] = []
        var part = EventBlock()
        try forEachBlock(from: segment.firstSequence) { block throws(LogError) in
            canonical.removeAll(keepingCapacity: true)
            let end = block.firstSequence + UInt64(block.count) - 1
            if end <= sequence {
                CanonicalEvent.append(block, to: &canonical)
            } else {
                part.clear()
                part.firstSequence = block.firstSequence
                for index in 0...Int(sequence - block.firstSequence) {
                    part.append(copyOf: block, at: index)
                }
                CanonicalEvent.append(part, to: &canonical)
            }
            canonical.withUnsafeBytes { chain.update($0) }
            return end < sequence
        }
        return chain.value
    }

    /// The state after the event of `sequence`, from the newest checkpoint before it.
    public func engine(after sequence: UInt64) throws(LogError) -> Engine {
        var engine = try checkpoint(notAfter: sequence)
        var outputs = OutputBuffer(wantsFrames: false)
        try fold(&engine, to: sequence, &outputs)
        return engine
    }

    /// As `engine(after:)`, with `outputs` that know the trades since the tick before, where the
    /// log still has them.
    func engine(
        after sequence: UInt64, trades outputs: inout OutputBuffer
    ) throws(LogError) -> Engine {
        let oldest = try bounds().lowerBound
        var start = sequence
        while true {
            var known = OutputBuffer(wantsFrames: false)
            known.wantsTrades = true
            var engine = try checkpoint(notAfter: start)
            start = engine.sequence
            try fold(&engine, to: sequence, &known)
            // No tick since the checkpoint: the one before it is seen from an earlier one.
            if known.knowsTrades || start < oldest {
                known.wantsFrames = outputs.wantsFrames
                outputs = known
                return engine
            }
            start -= 1
        }
    }

    private func fold(
        _ engine: inout Engine, to sequence: UInt64, _ outputs: inout OutputBuffer
    ) throws(LogError) {
        guard engine.sequence < sequence else { return }
        try forEachBlock(from: engine.sequence + 1) { block throws(LogError) in
            let start = try LogReader.start(of: block, after: engine.sequence)
            let end = min(block.count, Int(sequence - block.firstSequence) + 1)
            try apply(block, start..<end, to: &engine, &outputs)
            return engine.sequence < sequence
        }
    }

    /// The newest checkpointed state at or before `sequence`; the empty state where the log
    /// begins at 1 and has no checkpoint. An incomplete checkpoint, which a dying writer leaves,
    /// is passed over.
    public func checkpoint(notAfter sequence: UInt64) throws(LogError) -> Engine {
        var next = sequence + 1
        while true {
            let before = next
            let run = try reading { () throws(JournalError) in
                try journal.newestRun(ofKind: BlockKind.checkpoint.rawValue, atOrBefore: before)
            }
            guard let run else { return Engine() }
            do throws(CodecError) {
                let parts = try DerivedBlock.lastRun(of: try payloads(of: run))
                if !parts.isEmpty { return try restored(parts, run) }
            } catch {
                throw .codec(error, segment: run.segment.info.name, sequence: run.nextSequence)
            }
            guard run.nextSequence > 1 else { return Engine() }
            next = run.nextSequence - 1
        }
    }

    func payloads(of run: DerivedRun) throws(CodecError) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        let buffer = BlockBuffer()
        for entry in run.entries {
            guard (try? run.segment.read(entry, into: buffer)) != nil else {
                throw .invalid(.block)
            }
            parts.append(Array(buffer.payload))
        }
        return parts
    }

    private func restored(_ parts: [[UInt8]], _ run: DerivedRun) throws(CodecError) -> Engine {
        let engine = try Checkpoint.decode(parts)
        guard engine.sequence + 1 == run.nextSequence else { throw .invalid(.order) }
        return engine
    }
}
