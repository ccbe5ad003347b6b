import Engine
public import Journal

/// Re-packs sealed segments: large blocks at a high compression level, the same events.
public struct Repacking: Sendable {
    /// zstd level.
    public var level = Compaction.defaultLevel
    /// Events in a block.
    public var eventsPerBlock = 8_192
    /// Levels in a block, about.
    public var levelsPerBlock = 120_000
    /// Raw bytes in a block, about; one event more must still fit the decoder's limit.
    public var bytesPerBlock = 2 << 20

    /// The product's defaults.
    public init() {}

    /// Re-packs the segment `name`. `isCancelled` is asked before each block; true ends the work
    /// with `interrupted`, and the segment stays as it was.
    ///
    /// - Returns: bytes of the file before and after.
    public func run(
        segment name: String, reader: JournalReader, lock: JournalLock,
        isCancelled: () -> Bool = { false }
    ) throws -> (before: Int, after: Int) {
        let original = try reader.segment(named: name)
        return try Compaction.rewrite(
            segment: name, level: level, lock: lock, canonicalBytes: LogCodec.canonicalBytes
        ) { rewriter in
            var packer = Packer(rewriter: rewriter, policy: self)
            let buffer = BlockBuffer()
            for entry in original.entries {
                if isCancelled() { throw LogError.interrupted }
                let header = try original.read(entry, into: buffer)
                if header.isDerived {
                    try packer.flush()
                    try rewriter.append(
                        Block(
                            kind: header.kind, firstSequence: header.firstSequence, count: 0,
                            firstTime: header.firstTime, lastTime: header.lastTime,
                            payload: Array(buffer.payload), cuts: []))
                } else {
                    try packer.take(buffer.payload)
                }
            }
            try packer.flush()
        }
    }
}

/// Gathers events over the bounds of the old blocks.
private struct Packer {
    let rewriter: SegmentRewriter
    let policy: Repacking
    private var decoder = BlockDecoder()
    private var encoder = BlockEncoder()
    private var incoming = EventBlock()
    private var open = EventBlock()
    private var canonical: [UInt8] = []

    init(rewriter: SegmentRewriter, policy: Repacking) {
        self.rewriter = rewriter
        self.policy = policy
    }

    mutating func take(_ payload: UnsafeRawBufferPointer) throws {
        try decoder.decode(payload.assumingMemoryBound(to: UInt8.self), into: &incoming)
        for index in 0..<incoming.count {
            let isFull =
                open.count >= policy.eventsPerBlock
                || open.levels.count >= policy.levelsPerBlock
                || open.bytesEstimate >= policy.bytesPerBlock
            if isFull { try flush() }
            if open.count == 0 { open.firstSequence = incoming.sequence(at: index) }
            open.append(copyOf: incoming, at: index)
        }
    }

    mutating func flush() throws {
        guard open.count > 0 else { return }
        encoder.encode(open)
        canonical.removeAll(keepingCapacity: true)
        CanonicalEvent.append(open, to: &canonical)
        let block = LogCodec.stored(open, by: encoder)
        try canonical.withUnsafeBytes { try rewriter.append(block, canonical: $0) }
        open.clear()
    }
}
