/// Every limit of the front with its unit (`reliability.md` 4). Configuration may lower them.
public struct HTTPLimits: Sendable {
    // Requests.

    /// Bytes of the request line.
    public var requestLineBytes = 8 << 10
    /// Bytes of one header.
    public var headerBytes = 8 << 10
    /// Bytes of all headers.
    public var allHeadersBytes = 32 << 10
    /// Headers.
    public var headerCount = 64
    /// Bytes of a body.
    public var bodyBytes = 16 << 10
    /// To complete headers: from accept, or from the first byte of a later request, ms.
    public var headMillis: Int64 = 10_000
    /// To the complete body, from the end of its headers, ms.
    public var bodyMillis: Int64 = 15_000
    /// After this time a body has to come at `bodyBytesPerSecond`, ms.
    public var bodyFloorAfterMillis: Int64 = 5_000
    /// Slowest pace of a body.
    public var bodyBytesPerSecond = 1 << 10
    /// Without a byte of the next request, ms.
    public var idleMillis: Int64 = 30_000
    /// A response, or a frame, of which the client takes nothing, ms.
    public var stuckMillis: Int64 = 10_000
    /// What is left to say after the last response, until the connection is cut, ms.
    public var lingerMillis: Int64 = 2_000
    /// Requests on one connection.
    public var requestsPerConnection = 1_000

    // Connections.

    /// Connections.
    public var connections = 12_000
    /// Connections that have not sent their first complete headers.
    public var unheardConnections = 1_024
    /// Connections of one address that is not loopback.
    public var connectionsPerAddress = 256
    /// How often deadlines are looked at, ms.
    public var lookMillis: Int64 = 250

    // Work.

    /// `/api/execute`, ms.
    public var executeMillis: Int64 = 1_000
    /// Reading history, ms.
    public var historyMillis: Int64 = 10_000
    /// Everything else, ms.
    public var otherMillis: Int64 = 2_000
    /// Readings of history at one time.
    public var heavyReads = 4
    /// Readings of history that wait.
    public var heavyReadsWaiting = 16
    /// Streams at one time that read the log instead of following the present.
    public var replays = 64
    /// Different feeds that are made for their followers alone: `/ws/depth` and `/ws/book`.
    public var madeChannels = 64
    /// Points of an answer of `/api/replay`.
    public var replayPoints = 86_400
    /// Points of an answer of `/api/metrics`.
    public var metricPoints = 20_000
    /// Bytes on disk in an answer of `/api/journal/blocks`.
    public var storedBytes = 8 << 20
    /// Decoded bytes in an answer of `/api/journal/blocks`.
    public var decodedBytes = 32 << 20
    /// Bytes of all responses that clients have not taken yet: above it no history is read.
    public var unsentBytes = 256 << 20
    /// Orders a second of one client, and how many may come at once.
    public var executeRate = RateLimit(perSecond: 50, burst: 100)
    /// Other requests a second of one client, and how many may come at once.
    public var otherRate = RateLimit(perSecond: 20, burst: 40)

    /// WebSockets.
    public var webSocket = WebSocketLimits()

    /// The contract's numbers.
    public init() {}
}

/// The limits of one WebSocket.
public struct WebSocketLimits: Sendable {
    /// Bytes of a frame that comes in.
    public var frameBytes = 16 << 10
    /// Bytes of a message that comes in.
    public var messageBytes = 64 << 10
    /// Frames of a message that comes in.
    public var fragments = 64
    /// Bytes that wait for the client.
    public var queueBytes = 64 << 10
    /// Messages that wait for the client.
    public var queueMessages = 64
    /// Bytes that wait for all clients together.
    public var allQueuesBytes = 256 << 20
    /// Bytes of the kernel's buffer for a socket, or it hides that a client is slow.
    public var socketBufferBytes = 128 << 10
    /// Between pings, ms.
    public var pingMillis: Int64 = 5_000
    /// Without a frame of the client, ms.
    public var silenceMillis: Int64 = 15_000
    /// From our close frame to the end of the connection, ms.
    public var closeMillis: Int64 = 2_000
    /// Messages a second that are taken, and how many may come at once.
    public var messageRate = RateLimit(perSecond: 20, burst: 40)
    /// Messages in 10 s that end the connection; pings and pongs are counted apart.
    public var messagesPer10Seconds = 200
    /// Messages in 60 s that are no JSON and end the connection.
    public var malformedPerMinute = 50

    /// The contract's numbers.
    public init() {}
}
