import Glibc
import Logging
public import NIOCore

/// The HTTP and WebSocket front of the live server.
///
/// ```
/// socket ─► Connection ─► HTTPConversation ─► FrontRouter ─► routes ─► LiveAccess, LogReader
///                └──────► WebSocketConversation ─► StreamSession ◄── Hub ◄── live core
/// ```
///
/// Start it once, after the hub was given to the live core; stop it before the core.
public final class HTTPFront: Sendable {
    private let configuration: HTTPConfiguration
    private let listener: Listener
    private let services: FrontServices

    /// Longest time that clients may take of the ten seconds of an orderly end (F.16): the journal
    /// is sealed behind them.
    private static let stopTime = TimeAmount.seconds(5)

    /// A front that serves `live` and the journal in `directory`; `group` is that of `hub` and
    /// outlives the front.
    ///
    /// - Throws: `HTTPConfigurationError`.
    public convenience init(
        configuration: HTTPConfiguration, live: any LiveAccess, directory: String, hub: Hub,
        group: any EventLoopGroup
    ) throws(HTTPConfigurationError) {
        try self.init(
            configuration: configuration, live: live, directory: directory, hub: hub,
            group: group, controls: FrontControls())
    }

    /// As above, with what clients may do beside reading.
    init(
        configuration: HTTPConfiguration, live: any LiveAccess, directory: String, hub: Hub,
        group: any EventLoopGroup, controls: FrontControls
    ) throws(HTTPConfigurationError) {
        try configuration.check()
        self.configuration = configuration
        listener = Listener(group: group, limits: configuration.limits)
        services = FrontServices(
            configuration, live: live, directory: directory, hub: hub,
            connections: listener.connections, controls: controls)
    }

    /// Binds and begins to accept.
    ///
    /// - Throws: what the system says of the address.
    public func start() async throws {
        let (configuration, services) = (configuration, services)
        try await listener.start(configuration.address, port: configuration.port) { port in
            FrontRouter(
                services, boundary: Boundary(configuration, port: port),
                logger: Logger(label: "tapefold.http"))
        }
    }

    /// As `start`, for a program in which the setting `name` says where to listen: `value`.
    ///
    /// - Throws: `SettingError`.
    func start(as name: String, _ value: String) async throws {
        do { try await start() } catch let error as IOError {
            throw SettingError(
                name, value,
                "cannot be listened on: \(String(cString: strerror(error.errnoCode)))")
        }
    }

    /// Serves until `stop`, or until the listening socket fails.
    public func run() async throws {
        try await start()
        try await listener.closed()
    }

    /// The port that is listened on; nil before `start`.
    public var port: Int? { listener.port }

    /// Ends in order: nobody new, requests in work are answered, streams get close 1001; after
    /// five seconds what is left is cut.
    public func stop() async {
        await listener.stop(within: HTTPFront.stopTime)
        await services.reads.stop()
    }
}
