import Engine

/// One engine, the block that it is in, and what it concluded since somebody last looked.
///
/// The same steps as the server's `LogReader`, with one difference: the bytes come from a page, so
/// what would be a broken promise there (a gap, a time that goes back) is an answer here.
struct Session: ~Copyable {
    /// The state.
    private(set) var engine = Engine()
    /// Bytes of the last answer.
    private(set) var answer = Answer()
    private var outputs = OutputBuffer(wantsFrames: true)
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
            try checkNarrow(raw)
            checkpointParts.append(Array(raw))
        }
    }

    /// Refuses the u32 fields of a part that `Engine` turns into an Int before it compares them:
    /// with 32 bits that ends the program. Count and index of the part, and, where the body
    /// begins, the length of the small state.
    private func checkNarrow(_ raw: UnsafeBufferPointer<UInt8>) throws(Status) {
        for field in [16, 20, BlockHead.byteCount] where field + 3 < raw.count {
            let isFirst = raw[20] | raw[21] | raw[22] | raw[23] == 0
            guard field < BlockHead.byteCount || isFirst else { continue }
            guard raw[field + 3] < 0x80 else { throw Status(.tooLarge(.count)) }
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

// MARK: - Answers

extension Session {
    /// Puts the outputs since the last call into the answer, one record each, then their bytes.
    ///
    /// ```
    /// record  40 bytes, little-endian
    ///  0  u32 kind: 1 frame, 2 rollup, 3 resync    4  i32 symbol; −1 where there is none
    ///  8  u32 window, bps                         12  u32 book of a resync
    /// 16  u64 sequence                            24  i64 time, ns
    /// 32  u32 first byte, from the answer's start 36  u32 bytes
    /// ```
    ///
    /// - Returns: how many there are.
    mutating func takeOutputs() -> Int {
        let count = outputs.outputs.count
        let start = count * Session.recordBytes
        answer.clear()
        for output in outputs.outputs {
            answer.append(UInt64(output.kind.rawValue), width: 4)
            answer.append(UInt64(truncatingIfNeeded: output.symbol), width: 4)
            answer.append(UInt64(output.windowBps), width: 4)
            answer.append(UInt64(output.book.rawValue), width: 4)
            answer.append(output.sequence, width: 8)
            answer.append(UInt64(bitPattern: output.time), width: 8)
            answer.append(UInt64(start + output.range.lowerBound), width: 4)
            answer.append(UInt64(output.range.count), width: 4)
        }
        answer.append(outputs.bytes)
        outputs.clear()
        return count
    }

    static var recordBytes: Int { 40 }

    /// Puts the state as JSON into the answer, with at most `levels` levels a side.
    mutating func state(levels: Int) {
        var bytes: [UInt8] = []
        StateEncoder.append(engine, levels: levels, to: &bytes)
        put(bytes)
    }

    /// Puts the answer to the order `text` (see `OrderText`) into the answer.
    mutating func execute(_ text: UnsafeBufferPointer<UInt8>) throws(Status) {
        answer.clear()
        let order = try OrderText.order(Array(text))
        var bytes: [UInt8] = []
        do throws(OrderError) {
            try engine.execute(order, to: &bytes)
        } catch {
            throw Status(error)
        }
        put(bytes)
    }

    /// Puts the name of the consolidated instrument `index` into the answer.
    mutating func symbol(_ index: Int) throws(Status) {
        answer.clear()
        let symbols = engine.symbols
        guard symbols.indices.contains(index) else { throw .outside }
        put(symbols[index])
    }

    /// Writes the 32 hex digits of the state's digest to `target`.
    func writeDigest(to target: UnsafeMutablePointer<UInt8>) {
        var bytes: [UInt8] = []
        engine.digest.appendHex(to: &bytes)
        for index in bytes.indices { target[index] = bytes[index] }
    }

    private mutating func put(_ bytes: [UInt8]) {
        answer.clear()
        answer.append(bytes)
    }
}
