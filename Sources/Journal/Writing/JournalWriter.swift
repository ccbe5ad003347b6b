/// The single writer of a journal. Not thread-safe: one owner calls it, and calls `tick` so
/// that group commits happen in time.
///
///     journal/
///     ├── lock                        who writes; the lock on it is what counts
///     ├── 00000000000000000001.zst    sealed
///     └── 00000000000000001000.zst    open: blocks, then preallocated zeros
///
/// *Accepted*: `append` returned, the bytes are in the kernel. *Durable*: a sync covers them.
public final class JournalWriter {
    /// What opening found and did.
    public let recovery: RecoveryReport
    /// The tunables it was opened with.
    public let configuration: JournalConfiguration
    /// Sequence of the last accepted event; 0 when there is none.
    public internal(set) var lastSequence: UInt64
    /// Time of the last accepted event in ns; nil when there is none.
    public internal(set) var lastTime: Int64?
    /// The chain value after the last accepted event.
    public internal(set) var chainHead: ChainValue
    /// Sequence of the last event a successful sync covers; never goes back.
    public internal(set) var durableSequence: UInt64
    /// Why the writer takes nothing more; nil while it works.
    public internal(set) var failure: JournalError?

    /// The right to change this journal; retention and rewriting ask for it.
    public var lock: JournalLock? { heldLock }

    let storage: any Storage
    var heldLock: JournalLock?
    var segment: SegmentWriter?
    var chain: HashChain
    private var candidate: HashChain
    private let encoder: RecordEncoder
    var unsyncedSinceNanos: UInt64?
    /// A file that could not be made and could not be removed either.
    var leftover: UInt64?
    var isAbandoning = false

    /// Makes a journal, or opens an existing one and recovers it.
    /// `canonicalBytes` derives canonical event bytes from a payload: the running chain of the
    /// unsealed segment is rebuilt with it, and its stored values are checked.
    /// - Throws: `locked`, `corrupt`, `unknownVersion`, `syncFailed`, `noSpace`, `io`.
    public init(
        storage: any Storage, configuration: JournalConfiguration = .init(),
        canonicalBytes: @escaping CanonicalBytes
    ) throws(JournalError) {
        let lock = try JournalLock(storage: storage)
        var opening = JournalOpening(
            storage: storage, preallocationBytes: configuration.preallocationBytes,
            canonicalBytes: canonicalBytes)
        let opened = try opening.run()
        self.storage = storage
        self.configuration = configuration
        heldLock = lock
        recovery = opening.report
        segment = opened.segment
        chain = opened.chain
        candidate = HashChain(startingFrom: .zero)
        chainHead = opened.position.chain
        lastSequence = opened.position.nextSequence - 1
        durableSequence = lastSequence
        lastTime = opened.position.lastTime
        encoder = RecordEncoder(level: configuration.compressionLevel)
        if segment == nil { try openNext() }
    }

    /// Makes or opens the journal in a folder of the file system.
    public convenience init(
        directory: String, configuration: JournalConfiguration = .init(),
        canonicalBytes: @escaping CanonicalBytes
    ) throws(JournalError) {
        try self.init(
            storage: FileStorage(directory: directory), configuration: configuration,
            canonicalBytes: canonicalBytes)
    }

    /// Sequence of the last accepted event: its bytes survive the death of the process.
    public var acceptedSequence: UInt64 { lastSequence }

    /// File name of the open segment; nil when there is none.
    public var segmentName: String? { segment?.name }
    /// Bytes of the open segment.
    public var segmentBytes: Int { segment?.end ?? 0 }
    /// Blocks in the open segment, derived ones included.
    public var segmentBlocks: Int { segment?.index.entries.count ?? 0 }
    /// Events in the open segment: while 0, its opening blocks may be missing or incomplete
    /// and are best appended (again).
    public var segmentEvents: UInt64 { segment?.index.eventCount ?? 0 }

    /// Appends a block of events together with their canonical bytes, or a derived block.
    ///
    /// When it throws, the block was not accepted and nothing changed, but for `syncFailed`
    /// (accepted, not durable, the writer is finished) and `segmentReplaced`.
    /// - Throws: `invalidBlock`, `noSpace` (repeat later), `segmentReplaced` (append the
    ///   opening blocks, then this one again), `syncFailed`, `failed`, `noOpenSegment`,
    ///   `closed`, `io` (EINTR or EAGAIN without end).
    public func append(
        _ block: Block, canonical: UnsafeRawBufferPointer = .init(start: nil, count: 0)
    ) throws(JournalError) {
        let segment = try openSegment()
        try check(block, canonical, segment)
        candidate.assign(chain)
        if !block.isDerived { candidate.update(canonical) }
        let value = block.isDerived ? chainHead : candidate.value
        let (header, record) = try encoder.encode(
            block, offset: segment.end, durableEnd: segment.durableEnd, chain: value)
        do throws(StorageError) { try segment.append(record, header) } catch {
            try writeFailed(error, segment)
        }
        if !block.isDerived {
            swap(&chain, &candidate)
            chainHead = value
            lastSequence = block.firstSequence + (UInt64(block.count) - 1)
            lastTime = block.lastTime
        }
        try syncAfterAppend()
    }

    func openSegment() throws(JournalError) -> SegmentWriter {
        if heldLock == nil { throw .closed }
        if let failure { throw .failed(reason: "\(failure)") }
        guard let segment, !segment.isSealed else { throw .noOpenSegment }
        return segment
    }

    private func check(
        _ block: Block, _ canonical: UnsafeRawBufferPointer, _ segment: SegmentWriter
    ) throws(JournalError) {
        let sequence = block.firstSequence
        func refuse(_ reason: String) -> JournalError {
            .invalidBlock(sequence: sequence, reason: reason)
        }
        if let problem = block.shapeProblem { throw refuse(problem) }
        guard sequence == lastSequence + 1 else {
            throw refuse("the next sequence is \(lastSequence + 1)")
        }
        guard block.isDerived || block.firstTime >= lastTime ?? .min else {
            throw refuse("time \(block.firstTime) is before \(lastTime ?? .min)")
        }
        guard block.isDerived == canonical.isEmpty else {
            throw refuse("\(canonical.count) canonical bytes do not fit kind \(block.kind)")
        }
        guard segment.index.entries.count < JournalLimits.blocksPerSegmentMax,
            segment.end < JournalLimits.segmentBytesMax - (64 << 20)
        else { throw refuse("the segment is full: roll") }
    }

    /// Remembers why the writer is finished.
    func fail(_ error: JournalError) -> JournalError {
        failure = failure ?? error
        return error
    }
}
