/// A place that quotes, in the fixed order in which venues stand in frames (`semantics.md` 1).
///
/// Raw values are part of the journal's format and are never reused.
public enum Venue: UInt8, CaseIterable, Sendable {
    /// Binance spot.
    case binance = 1
    /// Binance.US spot.
    case binanceUS = 2
    /// Binance USD-margined futures.
    case binanceUSDM = 3
    /// Binance coin-margined futures.
    case binanceCoinM = 4
    /// Coinbase, Exchange and Advanced Trade feeds alike.
    case coinbase = 5
    /// Kraken spot.
    case kraken = 6
    /// Kraken Futures.
    case krakenFutures = 7
    /// OKX, spot and derivatives.
    case okx = 8
    /// Bybit, spot and derivatives.
    case bybit = 9
    /// Kalshi event contracts.
    case kalshi = 10
    /// Polymarket outcome tokens.
    case polymarket = 11
    /// Manifold markets.
    case manifold = 12
    /// Drift on Solana.
    case drift = 13

    /// The lower-case id that stands in JSON and on the command line.
    public var id: StaticString {
        switch self {
        case .binance: "binance"
        case .binanceUS: "binance-us"
        case .binanceUSDM: "binance-usdm"
        case .binanceCoinM: "binance-coinm"
        case .coinbase: "coinbase"
        case .kraken: "kraken"
        case .krakenFutures: "kraken-futures"
        case .okx: "okx"
        case .bybit: "bybit"
        case .kalshi: "kalshi"
        case .polymarket: "polymarket"
        case .manifold: "manifold"
        case .drift: "drift"
        }
    }

    /// The venue with this id, if there is one.
    public init?(id: [UInt8]) {
        for venue in Venue.allCases where Text.equal(id, venue.id) {
            self = venue
            return
        }
        return nil
    }
}

/// Small helpers for text that is kept as UTF-8 bytes.
enum Text {
    /// Whether `bytes` spell `string`.
    static func equal(_ bytes: [UInt8], _ string: StaticString) -> Bool {
        guard bytes.count == string.utf8CodeUnitCount else { return false }
        var index = 0
        while index < bytes.count {
            if bytes[index] != string.utf8Start[index] { return false }
            index += 1
        }
        return true
    }

    /// Appends the bytes of `string`.
    static func append(_ string: StaticString, to bytes: inout [UInt8]) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(
                start: string.utf8Start, count: string.utf8CodeUnitCount))
    }
}
