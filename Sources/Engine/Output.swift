/// A conclusion of the fold. Its bytes are finished: whoever delivers them changes nothing.
public enum OutputKind: UInt8, Sendable {
    /// A frame: one JSON object, without line end.
    case frame = 1
    /// A closed rollup: one JSON object, without line end.
    case rollup = 2
    /// A book became invalid by the fold's own rules; the adapter should sync it anew.
    case resyncRequested = 3
}

/// One output and where its bytes lie in the buffer.
public struct Output: Sendable {
    /// What it is.
    public var kind: OutputKind
    /// Index of the consolidated instrument (frame, rollup) in `Engine.symbols`.
    public var symbol: Int
    /// Window of a frame or rollup, bps.
    public var windowBps: UInt32
    /// Sequence of the event that led to it.
    public var sequence: UInt64
    /// Time of that event, ns; of a rollup: the start of its second.
    public var time: Int64
    /// The book of a resync request.
    public var book: BookKey
    /// Its bytes in `OutputBuffer.bytes`.
    public var range: Range<Int>
}

/// Collects outputs; reused from event to event so that the steady state allocates nothing.
public struct OutputBuffer: Sendable {
    /// Which frames are wanted. State, digests and rollups do not depend on it.
    public var wantsFrames: Bool
    /// The outputs since the last `clear`, in order.
    public internal(set) var outputs: [Output] = []
    /// The bytes of all outputs.
    public internal(set) var bytes: [UInt8] = []
    /// Whether trades are collected: for the depth feed.
    public var wantsTrades = false
    /// The trades since the last `clear`, in order, each once.
    public internal(set) var trades: [ShownTrade] = []

    /// An empty buffer.
    public init(wantsFrames: Bool) { self.wantsFrames = wantsFrames }

    /// Forgets all outputs and keeps the memory.
    public mutating func clear() {
        outputs.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        trades.removeAll(keepingCapacity: true)
    }

    /// The bytes of one output.
    public func bytes(of output: Output) -> ArraySlice<UInt8> { bytes[output.range] }
}
