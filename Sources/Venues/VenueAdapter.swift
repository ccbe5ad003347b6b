public import Engine

/// Where a message came from.
public enum MessageOrigin {
    /// The socket.
    case socket
    /// The answer to a REST request for this path or URL, query included; valid during the call.
    case rest(UnsafeBufferPointer<UInt8>)
}

/// Best bid and ask as the venue states them, so that the owner can audit its book.
public struct TouchObservation: Equatable, Sendable {
    /// The book.
    public var key: BookKey
    /// The venue's update id of the book that this belongs to; −1 where there is none.
    public var updateID: Int64
    /// Best bid price.
    public var bid: Decimal
    /// Its size, where the venue says it.
    public var bidSize: Decimal?
    /// Best ask price.
    public var ask: Decimal
    /// Its size, where the venue says it.
    public var askSize: Decimal?
}

/// What an adapter asks its owner to do. The adapter itself opens nothing and waits for nothing.
public enum AdapterCommand: Equatable, Sendable {
    /// Send these bytes on the socket.
    case send([UInt8])
    /// Make a REST request for this path; the answer, with `.rest(path)`, comes back by `receive`.
    /// `symbol` is the venue's symbol of the book that waits for it.
    case get(path: [UInt8], symbol: [UInt8])
    /// Send these messages, which end and begin the subscription of the book of `symbol`. The owner
    /// spaces what is asked for again and again (V.4, V.9, limits of the venue).
    case resubscribe(symbol: [UInt8], messages: [[UInt8]])
    /// Close the socket and open it again after this many nanoseconds.
    case reconnect(afterNanos: Int64)
}

/// The rules of one venue for one connection: messages in, events and commands out.
///
/// No socket, no clock, no file, no log: a recorded and a live message take the same way. An
/// adapter is used by one thread at a time; adapters of one run share an `InstrumentTable`.
public protocol VenueAdapter: AnyObject {
    /// The venue.
    var venue: Venue { get }
    /// Index of the connection in events.
    var connection: UInt16 { get }
    /// Best bid and ask of the message that was received last, where it had them.
    var touch: TouchObservation? { get }

    /// Takes one message, received at `receivedAt` (ns), and appends what it says to `block`.
    func receive(
        _ message: UnsafeBufferPointer<UInt8>, origin: MessageOrigin, receivedAt: Int64,
        into block: inout EventBlock
    ) -> Outcome

    /// The connection changed its state. When it goes down, every book of it is thrown away.
    func connectionChanged(
        _ state: ConnectionState, receivedAt: Int64, into block: inout EventBlock)

    /// A message for `symbol` (nil: for an unknown book) was lost or unreadable before it came
    /// here: no book that it may have changed is right any more.
    func lose(
        symbol: UnsafeBufferPointer<UInt8>?, _ error: WireError,
        evidence: UnsafeBufferPointer<UInt8>, receivedAt: Int64, into block: inout EventBlock
    ) -> Outcome

    /// The fold found the book of `symbol` impossible and threw it away: it is synced anew by the
    /// venue's own rules.
    func resync(
        symbol: UnsafeBufferPointer<UInt8>, receivedAt: Int64, into block: inout EventBlock)

    /// Messages that subscribe to everything that is recorded of these symbols.
    func subscriptions(symbols: [[UInt8]]) -> [[UInt8]]

    /// Whether a message for the venue's `symbol` was received on this connection.
    func hasSeen(symbol: UnsafeBufferPointer<UInt8>) -> Bool

    /// Hands out the commands since the last call.
    func drainCommands(_ take: (AdapterCommand) -> Void)
}
