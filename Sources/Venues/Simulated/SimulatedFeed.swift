public import Engine

/// A base asset of the simulated market.
public enum SimulatedAsset: Int, CaseIterable, Sendable {
    /// Bitcoin.
    case btc = 0
    /// Ether.
    case eth = 1
    /// Solana.
    case sol = 2

    /// Mid at the start, in millionths of the quote currency.
    var firstMidMicros: Int64 {
        switch self {
        case .btc: 94_250_000_000
        case .eth: 3_215_000_000
        case .sol: 138_400_000
        }
    }
}

/// A venue's feed that can be simulated, in that venue's own wire format.
public enum SimulatedFeed: Int, CaseIterable, Sendable {
    /// Binance spot: combined stream and REST depth snapshot.
    case binanceSpot = 0
    /// Binance USD-margined futures: combined stream and REST depth snapshot.
    case binanceUSDM = 1
    /// Coinbase Exchange: `level2_batch`, `matches`, `ticker`, `heartbeat`.
    case coinbaseExchange = 2
    /// Coinbase Advanced Trade: `level2`, `market_trades`, `heartbeats`.
    case coinbaseAdvanced = 3
    /// Kraken spot, protocol v2: `book`, `trade`, `instrument`.
    case krakenSpot = 4
    /// Bybit spot: `orderbook.1000` and the other depths, `publicTrade`.
    case bybitSpot = 6
    /// OKX spot: `books`, `trades`, `tickers`.
    case okxSpot = 8

    /// The venue that the feed belongs to. Both Coinbase feeds show the same books.
    public var venue: Venue {
        switch self {
        case .binanceSpot: .binance
        case .binanceUSDM: .binanceUSDM
        case .coinbaseExchange, .coinbaseAdvanced: .coinbase
        case .krakenSpot: .kraken
        case .bybitSpot: .bybit
        case .okxSpot: .okx
        }
    }

    /// Whether a book starts with a REST snapshot; else the snapshot comes on the stream.
    public var needsRequestedSnapshot: Bool {
        self == .binanceSpot || self == .binanceUSDM
    }

    /// The name of a capture's connection to this feed.
    var connectionName: String {
        switch self {
        case .binanceSpot: "BINANCE.simulated.1"
        case .binanceUSDM: "BINANCE_FUTURES.simulated.1"
        case .coinbaseExchange: "COINBASE.simulated.1"
        case .coinbaseAdvanced: "COINBASE_ADVANCED.simulated.1"
        case .krakenSpot: "KRAKEN.simulated.1"
        case .bybitSpot: "BYBIT.simulated.1"
        case .okxSpot: "OKX.simulated.1"
        }
    }

    /// The simulator that speaks this feed's wire format.
    public func simulator(
        seed: UInt64, start: Int64, assets: [SimulatedAsset] = SimulatedAsset.allCases,
        dislocations: [SimulatedDislocation] = []
    ) -> any VenueSimulator {
        switch self {
        case .binanceSpot, .binanceUSDM:
            BinanceSimulator(
                seed: seed, start: start, feed: self, assets: assets, dislocations: dislocations)
        case .coinbaseExchange, .coinbaseAdvanced:
            CoinbaseSimulator(
                seed: seed, start: start, feed: self, assets: assets, dislocations: dislocations)
        case .krakenSpot:
            KrakenSimulator(seed: seed, start: start, assets: assets, dislocations: dislocations)
        case .bybitSpot:
            BybitSimulator(
                seed: seed, start: start, feed: self, assets: assets, dislocations: dislocations)
        case .okxSpot:
            OKXSimulator(
                seed: seed, start: start, assets: assets, dislocations: dislocations)
        }
    }
}
