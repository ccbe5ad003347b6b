/// One message of a simulated venue.
public struct SimulatedMessage: Equatable, Sendable {
    /// When the venue sent it, ns.
    public var sentAt: Int64
    /// When the client has it, ns, whole microseconds; never decreasing on a connection.
    public var receivedAt: Int64
    /// The text frame, in the venue's wire format.
    public var bytes: [UInt8]

    /// A message of `bytes`.
    public init(sentAt: Int64, receivedAt: Int64, bytes: [UInt8]) {
        self.sentAt = sentAt
        self.receivedAt = receivedAt
        self.bytes = bytes
    }
}

/// One connection to a simulated venue: time in, the venue's real messages out.
///
/// No socket, no clock. A server stands on it by calling `advance` as time goes by and sending
/// each message at its `sentAt` (or `receivedAt`, to keep the simulated latency).
/// The market behind it depends on seed and time only; see `SimulatedMarket`.
public protocol VenueSimulator: Sendable {
    /// The feed whose wire format is spoken.
    var feed: SimulatedFeed { get }

    /// The venue's own names of the simulated instruments.
    var symbols: [String] { get }

    /// The address of the real feed, which says which venue's messages these are.
    var address: String { get }

    /// What a client sends after connecting, in order; empty where the address says it all.
    var subscribeMessages: [[UInt8]] { get }

    /// Opens the connection and sends `subscribeMessages`; the answers and, where the venue sends
    /// them on the stream, the snapshots. Time moves on to `time` without messages.
    mutating func connect(at time: Int64) -> [SimulatedMessage]

    /// Opens the connection at `time`: what the venue says before anything is asked of it. Nothing
    /// is subscribed except what the address says.
    mutating func open(at time: Int64) -> [SimulatedMessage]

    /// Takes a message that the client sent on the open connection: a subscription, its end, a
    /// ping. The answers and, where the venue sends them on the stream, the snapshots.
    mutating func receive(_ message: [UInt8]) -> [SimulatedMessage]

    /// Closes the connection. The market goes on.
    mutating func disconnect()

    /// Moves the market on to `time`, ns; the messages sent on the way, in order of sending.
    mutating func advance(to time: Int64) -> [SimulatedMessage]

    /// Body of the venue's REST answer with the whole book of `symbol` as it is now;
    /// nil when the venue does not know the symbol.
    func snapshot(symbol: String) -> [UInt8]?

    /// The address of that REST answer at the real venue.
    func snapshotAddress(symbol: String) -> String

    /// The book of the symbol numbered `index` as a client has it that got every message so far;
    /// only at the end of a step in which the feed flushes it.
    func truth(_ index: Int) -> SimulatedTruth
}

extension VenueSimulator {
    /// As `connect`.
    public mutating func open(at time: Int64) -> [SimulatedMessage] { connect(at: time) }

    /// Nothing.
    public mutating func receive(_ message: [UInt8]) -> [SimulatedMessage] { [] }
}
