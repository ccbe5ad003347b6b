import Engine
public import Journal

/// What the shadow fold has found so far.
public struct ShadowStatus: Equatable, Sendable {
    /// The last event that was read back and folded.
    public var sequence: UInt64 = 0
    /// Checkpoints that were equal byte for byte.
    public var checkpoints: UInt64 = 0
    /// What is wrong; nil while all is well. It stays until somebody looks.
    public var problem: String?
}

/// The server's check of itself (D.10): reads its own journal back through the offline reader,
/// folds it a second time, and compares every checkpoint that the writer stored with its own.
///
/// Not thread-safe: one thread calls `step`, now and then.
public final class ShadowFold {
    /// What was found so far.
    public private(set) var status = ShadowStatus()
    private let tail: JournalTail
    private let buffer = BlockBuffer()
    private var decoder = BlockDecoder()
    private var block = EventBlock()
    private var outputs = OutputBuffer(wantsFrames: false)
    private var engine: Engine
    private var parts: [[UInt8]] = []
    private let first: UInt64

    /// A fold that begins at the newest checkpoint of the journal in `storage`, which is being
    /// written.
    ///
    /// - Throws: `LogError`.
    public init(storage: any Storage) throws(LogError) {
        let log = LogReader(journal: JournalReader(storage: storage))
        var last: UInt64 = 0
        do throws(LogError) {
            last = try log.bounds().upperBound
        } catch {
            guard case .empty = error else { throw error }
        }
        engine = try log.checkpoint(notAfter: last)
        first = engine.sequence + 1
        do throws(JournalError) {
            tail = try JournalTail(storage: storage, fromSequence: first)
        } catch {
            throw .journal(error)
        }
        status.sequence = engine.sequence
    }

    /// Folds what was written since the last call, at most `blocks` blocks; false when there is
    /// nothing more, or something is wrong.
    public func step(blocks: Int = 256) -> Bool {
        guard status.problem == nil else { return false }
        do {
            for _ in 0..<blocks {
                guard let header = try tail.next(into: buffer) else { return false }
                if header.kind == BlockKind.events.rawValue {
                    try fold(header)
                } else {
                    try compare(Array(buffer.payload))
                }
            }
            return true
        } catch {
            status.problem = "the journal cannot be read back: \(error)"
            return false
        }
    }

    private func fold(_ header: BlockHeader) throws(LogError) {
        do throws(CodecError) {
            try decoder.decode(buffer.payload.assumingMemoryBound(to: UInt8.self), into: &block)
            guard block.firstSequence == header.firstSequence, block.count == Int(header.count)
            else { throw .invalid(.order) }
        } catch {
            throw .codec(error, segment: "", sequence: header.firstSequence)
        }
        // The tail begins with the block that holds the wanted event.
        guard block.sequence(at: block.count - 1) > engine.sequence else { return }
        let start = try LogReader.start(of: block, after: engine.sequence)
        engine.apply(block, from: start, into: &outputs)
        outputs.clear()
        status.sequence = engine.sequence
    }

    /// Compares a stored checkpoint with the state that was folded; other derived blocks are
    /// `verify`'s matter.
    private func compare(_ payload: [UInt8]) throws(CodecError) {
        let head = try DerivedBlock.head(of: payload)
        guard head.kind == .checkpoint, engine.sequence >= first else { return }
        if head.levelCount == 0 { parts = [] }
        parts.append(payload)
        guard parts.count == Int(head.count) else { return }
        defer { parts = [] }
        if Checkpoint.encode(engine) == parts {
            status.checkpoints += 1
        } else {
            status.problem =
                "the checkpoint after seq \(engine.sequence) is not the state that the log gives"
        }
    }
}
