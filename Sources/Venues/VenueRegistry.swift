import Engine

/// The list of venues that can be read: one line a venue, and one where its hosts are named.
public enum VenueRegistry {
    /// The adapter for a connection of `venue`; nil for a venue that has none yet.
    public static func adapter(
        _ endpoint: VenueEndpoint, connection: UInt16, name: [UInt8], instruments: InstrumentTable
    ) -> (any VenueAdapter)? {
        switch endpoint.venue {
        case .binance, .binanceUS, .binanceUSDM, .binanceCoinM:
            BinanceAdapter(
                venue: endpoint.venue, isMarketRoute: endpoint.isMarketRoute,
                connection: connection, name: name, instruments: instruments)
        case .coinbase:
            CoinbaseAdapter(
                feed: endpoint.isExchangeFeed ? .exchange : .advanced, connection: connection,
                name: name, instruments: instruments)
        case .kraken:
            KrakenAdapter(connection: connection, name: name, instruments: instruments)
        case .krakenFutures:
            KrakenFuturesAdapter(connection: connection, name: name, instruments: instruments)
        case .bybit:
            BybitAdapter(
                market: endpoint.market, connection: connection, name: name,
                instruments: instruments)
        case .okx:
            OKXAdapter(connection: connection, name: name, instruments: instruments)
        case .kalshi, .polymarket, .manifold, .drift:
            nil
        }
    }

    /// Reads a venue's instrument list.
    static func readInstrumentList(
        _ message: Bytes, _ venue: Venue, into instruments: InstrumentTable
    ) throws(WireError) {
        switch venue {
        case .coinbase: try CoinbaseProductList.read(message, into: instruments)
        case .kraken: try KrakenPairList.readAnswer(message, into: instruments)
        case .krakenFutures: try KrakenFuturesList.read(message, into: instruments)
        case .okx: try OKXInstrumentList.read(message, into: instruments)
        case .bybit: try BybitInstrumentList.read(message, into: instruments)
        default: try BinanceInstrumentList.read(message, venue, into: instruments)
        }
    }

    /// Whether a request asked for the venue's instrument list.
    static func isInstrumentList(_ url: Bytes, _ venue: Venue) -> Bool {
        switch venue {
        case .coinbase:
            ByteText.find("/products", in: url) != nil && ByteText.find("/book", in: url) == nil
        case .kraken: ByteText.find("/AssetPairs", in: url) != nil
        case .krakenFutures: ByteText.find("/instruments", in: url) != nil
        case .okx: OKXInstrumentList.isAnswer(to: url)
        case .bybit: BybitInstrumentList.isRequested(url)
        default: ByteText.find("/exchangeInfo", in: url) != nil
        }
    }
}
