public import Engine

/// What the outside may know of a live run at a glance; a copy, made by the core now and then.
public struct LiveStatus: Equatable, Sendable {
    /// One feed of a venue.
    public struct Feed: Equatable, Sendable {
        /// The name in the configuration.
        public var name: String
        /// `down`, `connecting` or `up`.
        public var connection: String
        /// Whether the circuit breaker holds attempts back (V.16).
        public var isHeldBack: Bool
        /// Whether the venue has banned this address (V.7).
        public var isBanned: Bool
        /// Messages received in this run.
        public var messages: UInt64
        /// Messages that could not be used.
        public var rejected: UInt64
        /// Sockets that were opened in this run.
        public var connects: UInt64
        /// Books by state, as (symbol, state).
        public var books: [Book]
        /// Whether the venue's clock, or ours, cannot be right (V.15).
        public var isClockSuspect = false
        /// Mean time from the venue's stamp of a change to its arrival, ns; nil before the first.
        public var transportNanos: Int64?
    }

    /// One book of a feed.
    public struct Book: Equatable, Sendable {
        /// The venue's own symbol.
        public var symbol: String
        /// `empty`, `syncing`, `live`, `invalid(gap)` …
        public var validity: String
    }

    /// Where the messages come from.
    public var source = SessionSource.simulated
    /// Ticks a second.
    public var tickHz: UInt32 = 2
    /// Windows of frames, bps; the first is the default.
    public var windowsBps: [UInt32] = []
    /// Consolidated symbols that have frames, and those that will.
    public var symbols: [String] = []
    /// Last event that was accepted.
    public var acceptedSequence: UInt64 = 0
    /// Last event that is durable.
    public var durableSequence: UInt64 = 0
    /// Time of the last event, ns.
    public var time: Int64 = 0
    /// Events that the fold refused.
    public var refusedEvents: UInt64 = 0
    /// Why nothing is taken at the moment; nil while all is well.
    public var pause: String?
    /// The feeds.
    public var feeds: [Feed] = []
    /// What the second fold over the journal has found (D.10).
    public var shadow = ShadowStatus()

    /// Nothing yet.
    public init() {}
}

/// Why the live core gives no answer.
public enum LiveAccessError: Error {
    /// The journal takes nothing at the moment: what would be shown is not accepted.
    case paused(String)
    /// It has ended.
    case stopped
}

/// The live core as other threads see it.
public protocol LiveAccess: Sendable {
    /// How it stands.
    var status: LiveStatus { get }
    /// The last event of the log that is there for clients: a player has played so far.
    var horizon: UInt64 { get }
    /// Runs `body` on the core's thread with the state after the last event, all of which is
    /// accepted by then.
    ///
    /// - Throws: `LiveAccessError`.
    func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (borrowing Engine) -> Answer
    ) async throws -> Answer
}

extension LiveAccess {
    /// Everything that the log holds.
    public var horizon: UInt64 { .max }
}

/// Takes what accepted events led to, on the core's thread, at once; the state is that after the
/// last of them, which for frames is the clock tick.
public protocol OutputSink: AnyObject, Sendable {
    /// Takes outputs; nothing here waits.
    func publish(_ outputs: borrowing OutputBuffer, _ engine: borrowing Engine)
}
