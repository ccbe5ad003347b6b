public import Engine
import Foundation
public import Journal
public import Venues

/// Everything that a server can be told (S0.6).
public struct Settings: Sendable {
    /// Whether the venues are simulated ones of this process.
    public var isSimulated = true
    /// Names of the feeds.
    public var exchanges: [String] = ["binance", "coinbase", "kraken", "okx", "bybit"]
    /// Base assets, as in `BTC`.
    public var bases = ["BTC", "ETH", "SOL"]
    /// The symbol of a request that names none.
    public var defaultSymbol = "BTC-USD"
    /// Ticks a second.
    public var tickHz = 2
    /// Windows of frames, bps; the first is the default.
    public var windowsBps = [50, 10, 25, 100]
    /// Levels a side in answers that show books.
    public var topLevels = 50
    /// Levels a side of the order-book monitor's feed.
    public var depthLevels = 20
    /// Levels a side that the order-book metrics look at.
    public var metricDepth = 10
    /// Folder of the journal.
    public var journalFolder = "journal"
    /// When the journal forces its bytes to the disk.
    public var syncPolicy = SyncPolicy.groupDefault
    /// Bytes from which on the journal begins a new segment.
    public var segmentBytes = 64 << 20
    /// How much of the journal is kept.
    public var retention = RetentionPolicy()
    /// Address that the server listens on.
    public var bind = "127.0.0.1"
    /// Port; 0: a free one.
    public var port = 8_080
    /// Whether anybody may connect to an address other than this machine's without a token.
    public var allowsRemoteUnauthenticated = false
    /// File with the token that clients show.
    public var tokenFile: String?
    /// Hosts beside this machine's that a request may name.
    public var allowedHosts: [String] = []
    /// Origins beside its own from which a browser may ask.
    public var allowedOrigins: [String] = []
    /// Limits of the front; no variable sets them.
    public var limits = HTTPLimits()
    /// The least important messages that are logged.
    public var logLevel = "info"
    /// File that the log is appended to; nil: standard error.
    public var logFile: String?
    /// Seed of the simulated market and of all jitter.
    public var seed: UInt64 = 1
    /// Faults of the simulated venues.
    public var faults: [VenueFault] = []
    /// Addresses that replace those of the venues, by feed.
    public var socketURLs: [String: String] = [:]
    /// What is set and belongs to a part that this version does not have.
    public var unused: [String] = []

    /// The defaults.
    public init() {}

    /// What `values` (name to text) say, over the defaults.
    ///
    /// - Throws: `SettingError`.
    public init(
        _ values: [String: String], isSimulated: Bool = true,
        allowsRemoteUnauthenticated: Bool = false
    ) throws {
        self.isSimulated = isSimulated
        self.allowsRemoteUnauthenticated = allowsRemoteUnauthenticated
        for setting in Settings.all {
            guard let text = values[setting.name], !text.isEmpty else { continue }
            try setting.apply(&self, text)
        }
        try check()
    }

    /// What no setting says alone.
    private func check() throws {
        let isLocal = bind == "127.0.0.1" || bind == "localhost" || bind == "::1"
        if !isLocal, tokenFile == nil, !allowsRemoteUnauthenticated {
            throw SettingError(
                "BIND", bind,
                "is no address of this machine alone: API_TOKEN_FILE or "
                    + "--allow-remote-unauthenticated is needed")
        }
        guard bases.contains(where: { defaultSymbol == $0 + "-USD" }) else {
            throw SettingError("DEFAULT_SYMBOL", defaultSymbol, "is not among SYMBOLS")
        }
        if !isSimulated, !faults.isEmpty {
            throw SettingError(
                "VENUE_FAULTS", "\(faults.count)", "is for simulated venues only")
        }
        for fault in faults where !exchanges.contains(fault.feed) {
            throw SettingError("VENUE_FAULTS", fault.feed, "is not among EXCHANGES")
        }
    }

    /// The feeds with their addresses.
    public var services: [VenueService] {
        VenueService.all.filter { exchanges.contains($0.name) }.map { service in
            var service = service
            if let url = socketURLs[service.name] { service.socketURL = url }
            return service
        }
    }

    /// What the live core is told.
    public var liveOptions: LiveOptions {
        var options = LiveOptions()
        options.source = isSimulated ? .simulated : .live
        options.engine = engine
        options.services = services
        options.bases = bases
        options.seed = seed
        return options
    }

    /// How the journal is kept.
    public var journal: LiveJournal {
        var journal = LiveJournal()
        journal.configuration.syncPolicy = syncPolicy
        journal.configuration.segmentBytes = segmentBytes
        journal.retention = retention
        return journal
    }

    /// What the fold is told.
    public var engine: EngineConfiguration {
        var engine = EngineConfiguration()
        engine.tickHz = UInt32(tickHz)
        engine.windowsBps = windowsBps.map(UInt32.init)
        engine.metricDepth = UInt32(metricDepth)
        return engine
    }

    /// What the front is told.
    ///
    /// - Throws: `SettingError`, where the token file cannot be trusted.
    public func http() throws -> HTTPConfiguration {
        var http = HTTPConfiguration()
        http.address = bind
        http.port = port
        http.allowedHosts = allowedHosts
        http.allowedOrigins = allowedOrigins
        http.allowsRemoteUnauthenticated = allowsRemoteUnauthenticated
        http.defaultSymbol = defaultSymbol
        http.bookLevels = depthLevels
        http.topLevels = topLevels
        http.limits = limits
        http.mode = isSimulated ? "simulated" : "live"
        if let tokenFile { http.token = try BearerToken(file: tokenFile) }
        return http
    }
}
