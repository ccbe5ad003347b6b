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
    /// The trades between the last two clock ticks of one session, in order, each once; they stay
    /// until the next tick.
    public private(set) var trades: [ShownTrade] = []
    /// The trades since the last clock tick.
    private var openTrades: [ShownTrade] = []
    /// Whether no trade is missing at the next clock tick: a tick or the begin of the session was
    /// seen.
    public private(set) var knowsTrades = false
    /// Whether none is missing in `trades`.
    public private(set) var hasAllTrades = false

    /// An empty buffer.
    public init(wantsFrames: Bool) { self.wantsFrames = wantsFrames }

    /// Forgets all outputs and keeps the memory, and the trades.
    public mutating func clear() {
        outputs.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }

    mutating func collect(_ trade: ShownTrade) { openTrades.append(trade) }

    /// A clock tick shows the trades since the one before.
    mutating func closeTrades() {
        swap(&trades, &openTrades)
        openTrades.removeAll(keepingCapacity: true)
        hasAllTrades = knowsTrades
        knowsTrades = true
    }

    /// A session shows none of the trades of the one before.
    mutating func forgetTrades() {
        trades.removeAll(keepingCapacity: true)
        openTrades.removeAll(keepingCapacity: true)
        knowsTrades = true
    }

    /// The bytes of one output.
    public func bytes(of output: Output) -> ArraySlice<UInt8> { bytes[output.range] }
}
