public import Engine

/// What an address says: the venue, for Coinbase the feed, for Bybit the market, and for USD-M
/// futures the route.
public struct VenueEndpoint: Equatable, Sendable {
    /// The venue.
    public var venue: Venue
    /// The Exchange feed of Coinbase, not Advanced Trade.
    public var isExchangeFeed: Bool
    /// Which of its markets the connection is for, where the address says it.
    public var market: VenueMarket
    /// The route of USD-M futures that has marks, funding and liquidations, and no books.
    public var isMarketRoute = false

    /// An endpoint of `venue`.
    public init(_ venue: Venue, isExchangeFeed: Bool = false, market: VenueMarket = .only) {
        self.venue = venue
        self.isExchangeFeed = isExchangeFeed
        self.market = market
    }

    /// Whether a message of this endpoint may have come by a connection to `known`: one that says
    /// no market may be of any.
    func mayBelong(to known: VenueEndpoint) -> Bool {
        venue == known.venue && (market == .only || market == known.market)
    }

    /// This endpoint with the market that its adapter takes where the address said none.
    var settled: VenueEndpoint {
        guard venue == .bybit, market == .only else { return self }
        var settled = self
        settled.market = .linear
        return settled
    }

    /// Parts of host names and what they stand for; the first that occurs counts.
    private static let hosts: [(part: StaticString, endpoint: VenueEndpoint)] = [
        ("binance.us", VenueEndpoint(.binanceUS)),
        ("fstream.binance", VenueEndpoint(.binanceUSDM)),
        ("fapi.binance", VenueEndpoint(.binanceUSDM)),
        ("dstream.binance", VenueEndpoint(.binanceCoinM)),
        ("dapi.binance", VenueEndpoint(.binanceCoinM)),
        ("binance.com", VenueEndpoint(.binance)),
        ("binance.vision", VenueEndpoint(.binance)),
        ("advanced-trade-ws", VenueEndpoint(.coinbase)),
        ("api.coinbase.com", VenueEndpoint(.coinbase)),
        ("ws-feed", VenueEndpoint(.coinbase, isExchangeFeed: true)),
        ("ws-direct", VenueEndpoint(.coinbase, isExchangeFeed: true)),
        ("exchange.coinbase.com", VenueEndpoint(.coinbase, isExchangeFeed: true)),
        ("pro.coinbase.com", VenueEndpoint(.coinbase, isExchangeFeed: true)),
        ("futures.kraken.com", VenueEndpoint(.krakenFutures)),
        ("kraken.com", VenueEndpoint(.kraken)),
        ("okx.com", VenueEndpoint(.okx)),
        ("okex.com", VenueEndpoint(.okx)),
        ("bybit", VenueEndpoint(.bybit)), ("bytick.com", VenueEndpoint(.bybit)),
        ("manepa.jp", VenueEndpoint(.bybit)),
        ("kalshi.com", VenueEndpoint(.kalshi)),
        ("polymarket.com", VenueEndpoint(.polymarket)),
        ("manifold.markets", VenueEndpoint(.manifold)),
    ]

    /// Names of venues in recordings, ours included, and what they stand for.
    private static let names: [(name: StaticString, endpoint: VenueEndpoint)] = [
        ("BINANCE", VenueEndpoint(.binance)), ("BINANCE_US", VenueEndpoint(.binanceUS)),
        ("BINANCE_FUTURES", VenueEndpoint(.binanceUSDM)),
        ("BINANCE_USDM", VenueEndpoint(.binanceUSDM)),
        ("BINANCE_DELIVERY", VenueEndpoint(.binanceCoinM)),
        ("BINANCE_COINM", VenueEndpoint(.binanceCoinM)),
        ("COINBASE", VenueEndpoint(.coinbase)), ("KRAKEN", VenueEndpoint(.kraken)),
        ("KRAKEN_FUTURES", VenueEndpoint(.krakenFutures)),
        ("CRYPTOFACILITIES", VenueEndpoint(.krakenFutures)), ("OKX", VenueEndpoint(.okx)),
        ("OKX_FUTURES", VenueEndpoint(.okx)), ("OKX_SWAP", VenueEndpoint(.okx)),
        ("OKEX", VenueEndpoint(.okx)), ("OKEX_FUTURES", VenueEndpoint(.okx)),
        ("OKEX_SWAP", VenueEndpoint(.okx)), ("OKX_OPTIONS", VenueEndpoint(.okx)),
        ("OKEX_OPTIONS", VenueEndpoint(.okx)), ("BYBIT", VenueEndpoint(.bybit)),
        ("BYBIT_SPOT", VenueEndpoint(.bybit, market: .spot)),
        ("BYBIT_OPTIONS", VenueEndpoint(.bybit, market: .option)),
        ("KALSHI", VenueEndpoint(.kalshi)), ("POLYMARKET", VenueEndpoint(.polymarket)),
        ("MANIFOLD", VenueEndpoint(.manifold)),
    ]

    /// The endpoint of a URL, told by its host; the market of Bybit by its path or its query.
    public init?(url: UnsafeBufferPointer<UInt8>) {
        let start = ByteText.find("://", in: url).map { $0 + 3 } ?? 0
        var end = start
        while end < url.count, url[end] != 0x2f, url[end] != 0x3f, url[end] != 0x3a { end += 1 }
        let host = ByteText.slice(url, start, end)
        let match = VenueEndpoint.hosts.first { ByteText.find($0.part, in: host) != nil }
        guard let match else { return nil }
        self = match.endpoint
        if venue == .bybit { market = VenueMarket(bybit: url) }
        if venue == .binanceUSDM { isMarketRoute = ByteText.find("/market/", in: url) != nil }
    }

    /// The endpoint of a recorder's name for a venue, in any case, with `-` or `_`.
    public init?(name: UnsafeBufferPointer<UInt8>) {
        let folded = name.map { $0 == 0x2d ? 0x5f : ByteText.upper($0) }
        let match = VenueEndpoint.names.first {
            ByteText.equal(ByteText.bytes($0.name), folded)
        }
        guard let match else { return nil }
        self = match.endpoint
    }
}
