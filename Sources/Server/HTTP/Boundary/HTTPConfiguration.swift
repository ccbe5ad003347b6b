/// What the front is told at the start.
public struct HTTPConfiguration: Sendable {
    /// Address to listen on.
    public var address = "127.0.0.1"
    /// Port to listen on; 0 for any.
    public var port = 8080
    /// Hosts beside those of loopback that a request may name, as `name` or `name:port`.
    public var allowedHosts: [String] = []
    /// Origins beside the served one whose pages may ask, as `https://name:port`.
    public var allowedOrigins: [String] = []
    /// What every request has to bring; needed for an address that is not loopback.
    public var token: BearerToken?
    /// Whether an address that is not loopback may be served without a token.
    public var allowsRemoteUnauthenticated = false
    /// Symbol of a stream that names none.
    public var defaultSymbol = "BTC-USD"
    /// Levels a side of `/ws/book`, where nothing is said (`DEPTH_LEVELS`).
    public var bookLevels = 20
    /// Levels a side of `/api/at`, where nothing is said (`TOP_LEVELS`).
    public var topLevels = 50
    /// What `/api/status` says of the way in which the server runs.
    public var mode = "live"
    /// Version of the program.
    public var version = "0.1.0"
    /// Path of the dashboard, where it is served.
    public var dashboard: String?
    /// Limits.
    public var limits = HTTPLimits()

    /// Loopback, port 8080, the contract's limits.
    public init() {}

    /// Whether the address is reached from this machine alone.
    public var isLoopback: Bool { HTTPConfiguration.isLoopback(address) }

    static func isLoopback(_ address: String) -> Bool {
        address == "localhost" || address == "::1" || address == "::ffff:127.0.0.1"
            || address.wholeMatch(of: /127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}/) != nil
    }

    /// Refuses what would let strangers in.
    ///
    /// - Throws: `HTTPConfigurationError`.
    public func check() throws(HTTPConfigurationError) {
        guard isLoopback || token != nil || allowsRemoteUnauthenticated else {
            throw HTTPConfigurationError(
                "\(address) is reached from elsewhere: give API_TOKEN_FILE, or "
                    + "--allow-remote-unauthenticated")
        }
        for origin in allowedOrigins
        where origin.wholeMatch(of: /https?:\/\/[A-Za-z0-9._\-]+(:[0-9]{1,5})?/) == nil {
            throw HTTPConfigurationError("ALLOWED_ORIGINS: '\(origin)' is not an origin")
        }
    }
}

/// A configuration with which nothing is served; one line.
public struct HTTPConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public let description: String

    /// `description` is wrong.
    public init(_ description: String) { self.description = description }
}
