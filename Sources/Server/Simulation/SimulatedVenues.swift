import Engine
public import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
public import Venues

/// The simulated venues of a run: servers on loopback that speak the venues' own WebSocket and REST
/// protocols over TLS, each under a path of its own, with a certificate made for this run.
public final class SimulatedVenues: Sendable {
    /// Which simulated feed stands for which service.
    private static let feeds: [(service: String, feed: SimulatedFeed)] = [
        ("binance", .binanceSpot), ("binance-usdm", .binanceUSDM),
        // Acknowledges, and says nothing: marks and liquidations are not simulated.
        ("binance-usdm-market", .binanceUSDM),
        ("coinbase", .coinbaseAdvanced), ("kraken", .krakenSpot),
        ("okx", .okxSpot), ("bybit", .bybitSpot),
    ]

    private let loop: any EventLoop
    private let stations: NIOLoopBound<[String: SimulatedStation]>
    private let authority: SimulatedAuthority
    private let server: any Channel
    private let clock: RepeatedTask

    /// Starts servers for `services` on a free port of 127.0.0.1.
    public static func start(
        _ services: [VenueService], seed: UInt64, faults: [VenueFault], on loop: any EventLoop
    ) async throws -> SimulatedVenues {
        for fault in faults where !services.contains(where: { $0.name == fault.feed }) {
            throw VenueFault.Malformed(
                description: "venue-fault: '\(fault.feed)' is not among the exchanges")
        }
        let authority = try SimulatedAuthority()
        let start = now()
        let bound = try await loop.submit {
            var stations: [String: SimulatedStation] = [:]
            for (name, feed) in feeds where services.contains(where: { $0.name == name }) {
                stations[name] = SimulatedStation(
                    name: name, market: feed.simulator(seed: seed, start: start), seed: seed,
                    start: start, faults: faults.filter { $0.feed == name })
            }
            return NIOLoopBound(stations, eventLoop: loop)
        }.get()
        let server = try await listen(bound, authority, on: loop)
        return SimulatedVenues(loop, bound, authority, server)
    }

    private init(
        _ loop: any EventLoop, _ stations: NIOLoopBound<[String: SimulatedStation]>,
        _ authority: SimulatedAuthority, _ server: any Channel
    ) {
        self.loop = loop
        self.stations = stations
        self.authority = authority
        self.server = server
        let step = TimeAmount.nanoseconds(SimulatedStation.stepNanos)
        clock = loop.scheduleRepeatedTask(initialDelay: step, delay: step) { _ in
            let time = SimulatedVenues.now()
            for name in stations.value.keys.sorted() { stations.value[name]?.advance(to: time) }
        }
    }

    static func now() -> Int64 { SharedClock.calendar() }

    /// The port that the venues listen on.
    public var port: Int { server.localAddress?.port ?? 0 }

    /// Whose certificates these venues show.
    public var roots: TrustedRoots { TrustedRoots(value: .certificates([authority.root])) }

    /// `service` with the simulated venue's addresses.
    public func redirected(_ service: VenueService) -> VenueService {
        var service = service
        let path = SocketAddress(service.socketURL)?.path ?? "/"
        service.socketURL = "wss://localhost:\(port)/\(service.name)\(path)"
        if service.restURL != nil { service.restURL = "https://localhost:\(port)/\(service.name)" }
        return service
    }

    /// Tells a venue to have a fault from now on.
    public func add(_ fault: VenueFault) async throws -> Bool {
        try await loop.submit { [stations] in
            guard let station = stations.value[fault.feed] else { return false }
            station.add(fault, at: Self.now())
            return true
        }.get()
    }

    /// Closes the port; sockets end with it.
    public func stop() async {
        clock.cancel()
        try? await server.close()
    }

    private static func listen(
        _ stations: NIOLoopBound<[String: SimulatedStation]>, _ authority: SimulatedAuthority,
        on loop: any EventLoop
    ) async throws -> any Channel {
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(authority.certificate)],
            privateKey: .privateKey(authority.key))
        tls.minimumTLSVersion = .tlsv12
        let context = try NIOSSLContext(configuration: tls)
        return try await ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLServerHandler(context: context))
                    let upgrader = NIOTypedWebSocketServerUpgrader<Void>(
                        maxFrameSize: 1 << 16,
                        shouldUpgrade: { channel, head in
                            let isThere = station(head.uri, stations)?.isReachable(now()) ?? false
                            return channel.eventLoop.makeSucceededFuture(isThere ? [:] : nil)
                        },
                        upgradePipelineHandler: { channel, head in
                            channel.eventLoop.makeCompletedFuture {
                                guard let station = station(head.uri, stations) else {
                                    return channel.close(promise: nil)
                                }
                                try channel.pipeline.syncOperations.addHandler(
                                    SimulatedSocketHandler(station))
                            }
                        })
                    let upgrade = NIOTypedHTTPServerUpgradeConfiguration<Void>(
                        upgraders: [upgrader],
                        notUpgradingCompletionHandler: { channel in
                            channel.eventLoop.makeCompletedFuture {
                                try channel.pipeline.syncOperations.addHandler(
                                    SimulatedRequestHandler(stations))
                            }
                        })
                    _ = try pipeline.configureUpgradableHTTPServerPipeline(
                        configuration: .init(upgradeConfiguration: upgrade))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// The station that a path begins with.
    static func station(
        _ uri: String, _ stations: NIOLoopBound<[String: SimulatedStation]>
    ) -> SimulatedStation? {
        let name = uri.dropFirst().prefix { $0 != "/" && $0 != "?" }
        return stations.value[String(name)]
    }
}
