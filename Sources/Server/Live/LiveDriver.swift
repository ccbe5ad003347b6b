public import Engine
public import Venues

/// A request of one line for a path of its venue.
public struct VenueRequest: Equatable, Sendable {
    /// Its number in this run.
    public var id: UInt64
    /// The line that waits for the answer.
    public var socket: SocketID
    /// What is asked, query included.
    public var path: [UInt8]
    /// The venue's symbol of the book that waits for it.
    public var symbol: [UInt8]
}

/// Why a socket is gone.
public enum SocketEnd: Equatable, Sendable {
    /// It could not be opened.
    case refused
    /// The venue closed it, with a code where it gave one.
    case closedByVenue(code: UInt16?)
    /// It broke.
    case lost
    /// What arrived did not fit into the queue: messages were dropped (V.13).
    case overflowed
}

/// What the live core asks of the world: sockets, requests, and delivery of what is accepted.
/// Called on the core's own thread; nothing here waits.
public protocol LiveDriver: AnyObject {
    /// Opens a socket; `opened` or `closed` comes back.
    func open(_ socket: SocketID, _ service: VenueService)
    /// Sends a text message.
    func send(_ socket: SocketID, _ message: [UInt8])
    /// Sends a ping of the WebSocket protocol.
    func ping(_ socket: SocketID)
    /// Closes a socket; nothing comes back.
    func close(_ socket: SocketID)
    /// Makes a request; `answered` comes back.
    func get(_ request: VenueRequest, _ service: VenueService)
    /// Takes what accepted events led to; the state is that after the last of them.
    func publish(_ outputs: borrowing OutputBuffer, _ engine: borrowing Engine)
    /// A venue's bans and attempts have changed: they outlive the process.
    func keep(_ limits: VenueLimits)
}

/// What is remembered of the venues over restarts (V.5, V.7): times in ns since 1970, by host.
public struct VenueLimits: Codable, Equatable, Sendable {
    /// Attempts to connect in the last minutes.
    public var attempts: [String: [Int64]] = [:]
    /// Until when nothing may be asked.
    public var blockedUntil: [String: Int64] = [:]

    /// Nothing is known.
    public init() {}
}
