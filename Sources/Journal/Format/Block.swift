/// The unit of commit: a batch of events, or derived bytes, as the caller encoded them.
///
/// The journal stores `payload` and never looks into it. Kind `Block.events` is part of the
/// dense sequence and of the hash chain; every other kind is *derived* and is part of neither.
public struct Block: Hashable, Sendable {
    /// The kind of a block of events.
    public static let events: UInt16 = 1

    /// What the payload is. Opaque, but for `Block.events`.
    public var kind: UInt16
    /// Sequence of the first event; for a derived block the sequence of the next event.
    public var firstSequence: UInt64
    /// Number of events; 0 for a derived block.
    public var count: UInt32
    /// Time of the first event, in ns.
    public var firstTime: Int64
    /// Time of the last event, in ns.
    public var lastTime: Int64
    /// The raw, self-delimiting bytes.
    public var payload: [UInt8]
    /// Ascending offsets inside `payload` where its statistics change: the compressor starts a
    /// new entropy block there.
    public var cuts: [Int]

    /// Makes a block; nothing is checked before it is appended.
    public init(
        kind: UInt16 = Block.events, firstSequence: UInt64, count: UInt32, firstTime: Int64,
        lastTime: Int64, payload: [UInt8], cuts: [Int] = []
    ) {
        self.kind = kind
        self.firstSequence = firstSequence
        self.count = count
        self.firstTime = firstTime
        self.lastTime = lastTime
        self.payload = payload
        self.cuts = cuts
    }

    /// Whether the block is outside the sequence and the chain.
    public var isDerived: Bool { kind != Block.events }

    /// Why the block may not be stored, or nil. Its place in the journal is checked elsewhere.
    var shapeProblem: String? {
        guard (1...JournalLimits.rawBytesMax).contains(payload.count) else {
            return "payload of \(payload.count) bytes, allowed 1...\(JournalLimits.rawBytesMax)"
        }
        guard isDerived ? count == 0 : (1...JournalLimits.eventsPerBlockMax).contains(Int(count))
        else { return "count \(count) does not fit kind \(kind)" }
        guard firstTime <= lastTime else { return "first time after last time" }
        guard firstSequence >= 1, firstSequence <= UInt64.max - UInt64(count) else {
            return "sequence \(firstSequence) out of range"
        }
        guard cuts.count <= JournalLimits.cutsPerBlockMax else { return "\(cuts.count) cuts" }
        var previous = 0
        for cut in cuts {
            guard cut > previous, cut < payload.count else {
                return "cut \(cut) is not ascending inside the payload"
            }
            previous = cut
        }
        return nil
    }
}
