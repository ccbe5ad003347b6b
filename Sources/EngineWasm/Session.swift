import Engine

/// One engine, the block that it is in, and what it concluded since somebody last looked.
///
/// The same steps as the server's `LogReader`, with one difference: the bytes come from a page, so
/// what would be a broken promise there (a gap, a time that goes back) is an answer here.
struct Session: ~Copyable {
    /// The state.
    private(set) var engine = Engine()
    /// Bytes of the last answer.
    var answer = Answer()
    /// What the fold concluded since somebody last looked.
    var outputs = OutputBuffer(wantsFrames: true)
    private var decoder = BlockDecoder()
    private var block = EventBlock()
    private var checkpointParts: [[UInt8]] = []

    /// Parts of a checkpoint that are kept until they are committed: 128 MiB.
    private static var partsMax: Int { 32 }

    /// The state before the first event.
    mutating func reset() {
        engine = Engine()
        forget()
    }

    /// Whether clock ticks produce frames; the state does not depend on it.
    mutating func produceFrames(_ wanted: Bool) { outputs.wantsFrames = wanted }

    private mutating func forget() {
        block.clear()
        outputs.clear()
        answer.clear()
        checkpointParts = []
    }
}

// MARK: - Checkpoints

extension Session {
    /// Keeps the parts of checkpoints among `bytes`; other blocks are passed over.
    mutating func takeCheckpoint(_ bytes: UnsafeBufferPointer<UInt8>) throws(Status) {
        var blocks = RawBlocks(bytes)
        while let (raw, kind) = try blocks.next() {
            guard kind == BlockKind.checkpoint.rawValue else { continue }
            guard checkpointParts.count < Session.partsMax else { throw .tooMany }
            checkpointParts.append(Array(raw))
        }
    }

    /// Continues from the last complete checkpoint that was taken; on an error the state is the
    /// one before.
    mutating func commitCheckpoint() throws(Status) {
        let parts = checkpointParts
        checkpointParts = []
        guard !parts.isEmpty else { throw .noCheckpoint }
        let restored = try decoded(parts)
        guard restored.configuration.engineVersion == EngineConfiguration.currentVersion else {
            throw .otherEngine
        }
        engine = restored
        forget()
    }

    private func decoded(_ parts: [[UInt8]]) throws(Status) -> Engine {
        do throws(CodecError) {
            return try Checkpoint.decode(DerivedBlock.lastRun(of: parts))
        } catch {
            throw Status(error)
        }
    }
}

// MARK: - Events

extension Session {
    /// Applies the events of all blocks in `bytes` up to `last`. Derived blocks, and blocks that
    /// were applied before, are passed over. On an error the blocks before it stay applied.
    mutating func apply(
        _ bytes: UnsafeBufferPointer<UInt8>, upTo last: UInt64
    ) throws(Status) {
        var blocks = RawBlocks(bytes)
        while engine.sequence < last, let (raw, kind) = try blocks.next() {
            guard kind == BlockKind.events.rawValue else { continue }
            guard try load(raw) else { continue }
            advance(upTo: last)
        }
    }

    /// Decodes one block of events without applying any.
    ///
    /// - Returns: false when all its events were applied before.
    mutating func load(_ raw: UnsafeBufferPointer<UInt8>) throws(Status) -> Bool {
        let next = engine.sequence + 1
        do throws(CodecError) {
            let head = try BlockHead(raw)
            if head.firstSequence.addingReportingOverflow(UInt64(head.count)).partialValue <= next,
                head.firstSequence <= next
            {
                return false
            }
            try decoder.decode(raw, into: &block)
        } catch {
            throw Status(error)
        }
        guard block.firstSequence <= next else {
            block.clear()
            throw .gap
        }
        guard block.headers[Int(next - block.firstSequence)].time >= engine.time else {
            block.clear()
            throw .timeGoesBack
        }
        return true
    }

    /// Applies what the loaded block still has, up to the event `last`.
    mutating func advance(upTo last: UInt64) {
        let rest = remaining
        guard !rest.isEmpty, last > engine.sequence else { return }
        let end = min(UInt64(rest.upperBound), last - block.firstSequence + 1)
        engine.apply(block, range: rest.lowerBound..<Int(end), into: &outputs)
    }

    /// Applies what the loaded block still has, up to the last event with a time at or before
    /// `time`.
    mutating func advance(toTime time: Int64) {
        var low = remaining.lowerBound
        var high = remaining.upperBound
        let start = low
        while low < high {
            let middle = (low + high) / 2
            if block.headers[middle].time <= time { low = middle + 1 } else { high = middle }
        }
        engine.apply(block, range: start..<low, into: &outputs)
    }

    /// Indexes of the loaded block that were not applied yet.
    private var remaining: Range<Int> {
        let next = engine.sequence + 1
        guard block.firstSequence <= next, next - block.firstSequence <= UInt64(block.count) else {
            return block.count..<block.count
        }
        return Int(next - block.firstSequence)..<block.count
    }
}
