import Engine

/// How a venue wants to hear that its client is alive.
public struct Keepalive: Equatable, Sendable {
    /// What is sent; nil: a ping of the WebSocket protocol.
    public var message: [UInt8]?
    /// How often it is sent whatever comes, ns; nil: after ten seconds of silence only.
    public var everyNanos: Int64?

    /// A ping of the WebSocket protocol after ten seconds of silence.
    public static let webSocketPing = Keepalive(message: nil, everyNanos: nil)

    /// A keepalive of `message`.
    public init(message: [UInt8]?, everyNanos: Int64? = nil) {
        self.message = message
        self.everyNanos = everyNanos
    }
}

/// How a venue writes its default instrument of a base asset.
public enum SymbolStyle: Equatable, Sendable {
    /// `BTCUSDT`.
    case joined(quote: String)
    /// `BTC-USD`.
    case dashed(quote: String)
    /// `BTC/USD`.
    case slashed(quote: String)

    /// The symbol of `base`.
    public func symbol(base: String) -> String {
        switch self {
        case .joined(let quote): base + quote
        case .dashed(let quote): base + "-" + quote
        case .slashed(let quote): base + "/" + quote
        }
    }
}

/// One feed of a venue as it is connected to: where, and what the venue allows. Facts of the
/// venue's documents; the hosts are replaced where a configuration says so.
public struct VenueService: Sendable {
    /// What speaks there.
    public var endpoint: VenueEndpoint
    /// Address of the socket.
    public var socketURL: String
    /// Address in front of REST paths; nil where nothing is requested.
    public var restURL: String?
    /// How the venue writes BTC against its dollar.
    public var symbols: SymbolStyle
    /// What keeps the connection alive.
    public var keepalive = Keepalive.webSocketPing
    /// Age at which the venue cuts a connection, ns; nil: never.
    public var ageLimitNanos: Int64?
    /// Weight of REST requests that the venue allows a minute.
    public var restWeightPerMinute = 60
    /// Weight of a request for a snapshot of a book.
    public var snapshotWeight = 1

    /// The name in configurations: the venue's id, and the route where it is not that of books.
    public var name: String {
        "\(endpoint.venue.id)" + (endpoint.isMarketRoute ? "-market" : "")
    }

    /// Whether books come by it: else it is well while it is connected.
    public var hasBooks: Bool { !endpoint.isMarketRoute }
}

extension VenueService {
    private static var day: Int64 { 86_400 * Timestamp.second }

    /// `binance-spot.md` 1 and 7.
    static let binance: VenueService = {
        var service = VenueService(
            endpoint: VenueEndpoint(.binance),
            socketURL: "wss://stream.binance.com:9443/stream",
            restURL: "https://api.binance.com", symbols: .joined(quote: "USDT"))
        service.ageLimitNanos = day
        service.restWeightPerMinute = 6_000
        service.snapshotWeight = 250
        return service
    }()

    /// `binance-usdm.md` 1 and 7: the route of depth, best prices and trades.
    static let binanceUSDM: VenueService = {
        var service = VenueService(
            endpoint: VenueEndpoint(.binanceUSDM),
            socketURL: "wss://fstream.binance.com/public/stream",
            restURL: "https://fapi.binance.com", symbols: .joined(quote: "USDT"))
        service.ageLimitNanos = day
        service.restWeightPerMinute = 2_400
        service.snapshotWeight = 20
        return service
    }()

    /// `binance-usdm.md` 1 and 3: the other route, of marks, funding and liquidations. The two may
    /// not share a connection.
    static let binanceUSDMMarket: VenueService = {
        var service = binanceUSDM
        service.endpoint.isMarketRoute = true
        service.socketURL = "wss://fstream.binance.com/market/stream"
        service.restURL = nil
        return service
    }()

    /// `coinbase.md` B: Advanced Trade, whose messages are counted.
    static let coinbase = VenueService(
        endpoint: VenueEndpoint(.coinbase), socketURL: "wss://advanced-trade-ws.coinbase.com/",
        symbols: .dashed(quote: "USD"))

    /// `kraken.md` 1 and 6: protocol v2.
    static let kraken = VenueService(
        endpoint: VenueEndpoint(.kraken), socketURL: "wss://ws.kraken.com/v2",
        symbols: .slashed(quote: "USD"))

    /// `okx.md` 1 and 2: public channels.
    static let okx: VenueService = {
        var service = VenueService(
            endpoint: VenueEndpoint(.okx), socketURL: "wss://ws.okx.com:8443/ws/v5/public",
            symbols: .dashed(quote: "USDT"))
        service.keepalive = Keepalive(message: OKXAdapter.keepalive)
        return service
    }()

    /// `bybit.md` 1 and 6: spot.
    static let bybit: VenueService = {
        var service = VenueService(
            endpoint: VenueEndpoint(.bybit, market: .spot),
            socketURL: "wss://stream.bybit.com/v5/public/spot", symbols: .joined(quote: "USDT"))
        service.keepalive = Keepalive(
            message: BybitAdapter.ping, everyNanos: BybitAdapter.pingEveryNanos)
        return service
    }()

    /// Everything that can be connected to, by name.
    public static let all: [VenueService] = [
        .binance, .binanceUSDM, .binanceUSDMMarket, .coinbase, .kraken, .okx, .bybit,
    ]
}
