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
                venue: endpoint.venue, connection: connection, name: name,
                instruments: instruments)
        case .coinbase:
            CoinbaseAdapter(
                feed: endpoint.isExchangeFeed ? .exchange : .advanced, connection: connection,
                name: name, instruments: instruments)
        case .okx:
            OKXAdapter(connection: connection, name: name, instruments: instruments)
        case .kraken, .krakenFutures, .bybit, .kalshi, .polymarket, .manifold, .drift:
            nil
        }
    }

    /// Reads a venue's instrument list.
    static func readInstrumentList(
        _ message: Bytes, _ venue: Venue, into instruments: InstrumentTable
    ) throws(WireError) {
        if venue == .coinbase {
            try CoinbaseProductList.read(message, into: instruments)
        } else if venue == .okx {
            try OKXInstrumentList.read(message, into: instruments)
        } else {
            try BinanceInstrumentList.read(message, venue, into: instruments)
        }
    }

    /// Whether a request asked for the venue's instrument list.
    static func isInstrumentList(_ url: Bytes, _ venue: Venue) -> Bool {
        if venue == .coinbase {
            return ByteText.find("/products", in: url) != nil
                && ByteText.find("/book", in: url) == nil
        }
        if venue == .okx { return OKXInstrumentList.isAnswer(to: url) }
        return ByteText.find("/exchangeInfo", in: url) != nil
    }
}
