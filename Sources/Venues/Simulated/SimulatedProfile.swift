/// The numbers that make one instrument of one venue look like itself.
///
/// Shapes were read off recorded books (`../shared/data`): most size changes lie near the touch,
/// gaps and sizes grow away from it. Spreads are wider than in life (0.5 bps and more, not one
/// tick), so that two venues are crossed against each other rarely, not at every moment.
/// `ppm` is a millionth of the price: 100 ppm are one basis point.
struct SimulatedProfile: Sendable {
    /// The venue's own name of the instrument.
    let venueSymbol: String
    /// Digits after the point of a price and, in units of the last of them, the tick size.
    let priceDecimals: Int
    let tickUnits: Int64
    /// Digits after the point of a size.
    let sizeDecimals: Int
    /// No bid above `fair − halfSpread`, no ask below `fair + halfSpread`.
    let halfSpreadPpm: Int64
    /// How much further than that the touch may be before somebody improves it.
    let slackPpm: Int64
    /// How far the venue's fair price wanders off the common mid.
    let wanderPpm: Int64
    /// Levels a side that the churn returns to.
    let levelCount: Int
    /// Mean gap at the touch, in ticks, and how many more per 1,024 levels away from it.
    let nearGapTicks: Int64
    let gapGrowth: Int64
    /// Middling size of a level at the touch, in the last digit of a size.
    let baseSize: Int64
    /// Inserts, changes and deletes; taker orders.
    let actionsPerSecond: Int64
    let takersPerSecond: Int64
    /// Where the venue's counters stand at the start.
    let firstUpdateID: Int64
    let firstTradeID: Int64
    /// Update ids grow by 1 to this much with each change.
    let updateIDStride: Int64

    /// Most levels a side. A snapshot of 1,000 levels is therefore always the whole book.
    static var levelCountMax: Int { 1000 }

    /// Size of one tick in millionths of the quote currency.
    var tickMicros: Int64 {
        var micros = tickUnits
        for _ in priceDecimals..<6 { micros *= 10 }
        return micros
    }

    /// The instrument of `asset` on `feed`.
    static func of(_ asset: SimulatedAsset, on feed: SimulatedFeed) -> SimulatedProfile {
        switch feed {
        case .binanceSpot: binanceSpot(asset)
        case .binanceUSDM: binanceUSDM(asset)
        case .coinbaseExchange, .coinbaseAdvanced: coinbase(asset)
        case .krakenSpot: kraken(asset)
        case .bybitSpot: bybitSpot(asset)
        case .okxSpot: okxSpot(asset)
        }
    }

    private static func binanceSpot(_ asset: SimulatedAsset) -> SimulatedProfile {
        switch asset {
        case .btc:
            SimulatedProfile(
                venueSymbol: "BTCUSDT", priceDecimals: 2, tickUnits: 1, sizeDecimals: 5,
                halfSpreadPpm: 20, slackPpm: 25, wanderPpm: 10, levelCount: 900,
                nearGapTicks: 28, gapGrowth: 232, baseSize: 5_000,
                actionsPerSecond: 210, takersPerSecond: 8,
                firstUpdateID: 83_104_220_517, firstTradeID: 5_731_048_220, updateIDStride: 1)
        case .eth:
            SimulatedProfile(
                venueSymbol: "ETHUSDT", priceDecimals: 2, tickUnits: 1, sizeDecimals: 4,
                halfSpreadPpm: 25, slackPpm: 30, wanderPpm: 10, levelCount: 900,
                nearGapTicks: 1, gapGrowth: 7, baseSize: 14_000,
                actionsPerSecond: 160, takersPerSecond: 5,
                firstUpdateID: 61_350_887_104, firstTradeID: 3_219_880_415, updateIDStride: 1)
        case .sol:
            SimulatedProfile(
                venueSymbol: "SOLUSDT", priceDecimals: 2, tickUnits: 1, sizeDecimals: 3,
                halfSpreadPpm: 30, slackPpm: 60, wanderPpm: 10, levelCount: 500,
                nearGapTicks: 1, gapGrowth: 1, baseSize: 60_000,
                actionsPerSecond: 110, takersPerSecond: 3,
                firstUpdateID: 28_771_310_942, firstTradeID: 1_604_771_093, updateIDStride: 1)
        }
    }

    private static func binanceUSDM(_ asset: SimulatedAsset) -> SimulatedProfile {
        switch asset {
        case .btc:
            SimulatedProfile(
                venueSymbol: "BTCUSDT", priceDecimals: 2, tickUnits: 10, sizeDecimals: 3,
                halfSpreadPpm: 12, slackPpm: 20, wanderPpm: 15, levelCount: 900,
                nearGapTicks: 3, gapGrowth: 25, baseSize: 150,
                actionsPerSecond: 260, takersPerSecond: 12,
                firstUpdateID: 9_411_520_338_714, firstTradeID: 7_020_331_866, updateIDStride: 24)
        case .eth:
            SimulatedProfile(
                venueSymbol: "ETHUSDT", priceDecimals: 2, tickUnits: 1, sizeDecimals: 3,
                halfSpreadPpm: 15, slackPpm: 25, wanderPpm: 15, levelCount: 900,
                nearGapTicks: 1, gapGrowth: 7, baseSize: 4_000,
                actionsPerSecond: 200, takersPerSecond: 8,
                firstUpdateID: 9_411_520_104_229, firstTradeID: 6_410_772_031, updateIDStride: 24)
        case .sol:
            SimulatedProfile(
                venueSymbol: "SOLUSDT", priceDecimals: 4, tickUnits: 100, sizeDecimals: 2,
                halfSpreadPpm: 25, slackPpm: 60, wanderPpm: 15, levelCount: 500,
                nearGapTicks: 1, gapGrowth: 1, baseSize: 12_000,
                actionsPerSecond: 140, takersPerSecond: 5,
                firstUpdateID: 9_411_520_087_015, firstTradeID: 2_884_106_377, updateIDStride: 24)
        }
    }

    private static func coinbase(_ asset: SimulatedAsset) -> SimulatedProfile {
        switch asset {
        case .btc:
            SimulatedProfile(
                venueSymbol: "BTC-USD", priceDecimals: 2, tickUnits: 1, sizeDecimals: 8,
                halfSpreadPpm: 45, slackPpm: 40, wanderPpm: 20, levelCount: 800,
                nearGapTicks: 40, gapGrowth: 300, baseSize: 2_417_093,
                actionsPerSecond: 160, takersPerSecond: 4,
                firstUpdateID: 118_204_771_350, firstTradeID: 948_310_227, updateIDStride: 1)
        case .eth:
            SimulatedProfile(
                venueSymbol: "ETH-USD", priceDecimals: 2, tickUnits: 1, sizeDecimals: 8,
                halfSpreadPpm: 55, slackPpm: 50, wanderPpm: 20, levelCount: 700,
                nearGapTicks: 1, gapGrowth: 10, baseSize: 61_803_399,
                actionsPerSecond: 120, takersPerSecond: 3,
                firstUpdateID: 84_511_093_642, firstTradeID: 741_205_518, updateIDStride: 1)
        case .sol:
            SimulatedProfile(
                venueSymbol: "SOL-USD", priceDecimals: 2, tickUnits: 1, sizeDecimals: 8,
                halfSpreadPpm: 55, slackPpm: 80, wanderPpm: 20, levelCount: 450,
                nearGapTicks: 1, gapGrowth: 1, baseSize: 2_718_281_828,
                actionsPerSecond: 80, takersPerSecond: 2,
                firstUpdateID: 39_008_227_164, firstTradeID: 286_410_903, updateIDStride: 1)
        }
    }

    private static func kraken(_ asset: SimulatedAsset) -> SimulatedProfile {
        switch asset {
        case .btc:
            SimulatedProfile(
                venueSymbol: "BTC/USD", priceDecimals: 1, tickUnits: 1, sizeDecimals: 8,
                halfSpreadPpm: 40, slackPpm: 40, wanderPpm: 20, levelCount: 800,
                nearGapTicks: 4, gapGrowth: 30, baseSize: 5_100_000,
                actionsPerSecond: 70, takersPerSecond: 3,
                firstUpdateID: 0, firstTradeID: 86_310_227, updateIDStride: 1)
        case .eth:
            SimulatedProfile(
                venueSymbol: "ETH/USD", priceDecimals: 2, tickUnits: 1, sizeDecimals: 8,
                halfSpreadPpm: 50, slackPpm: 50, wanderPpm: 20, levelCount: 700,
                nearGapTicks: 1, gapGrowth: 10, baseSize: 94_337_841,
                actionsPerSecond: 55, takersPerSecond: 2,
                firstUpdateID: 0, firstTradeID: 61_205_518, updateIDStride: 1)
        case .sol:
            SimulatedProfile(
                venueSymbol: "SOL/USD", priceDecimals: 2, tickUnits: 1, sizeDecimals: 8,
                halfSpreadPpm: 60, slackPpm: 80, wanderPpm: 20, levelCount: 450,
                nearGapTicks: 1, gapGrowth: 1, baseSize: 3_141_592_653,
                actionsPerSecond: 40, takersPerSecond: 1,
                firstUpdateID: 0, firstTradeID: 18_410_903, updateIDStride: 1)
        }
    }

    private static func bybitSpot(_ asset: SimulatedAsset) -> SimulatedProfile {
        switch asset {
        case .btc:
            SimulatedProfile(
                venueSymbol: "BTCUSDT", priceDecimals: 1, tickUnits: 1, sizeDecimals: 6,
                halfSpreadPpm: 25, slackPpm: 30, wanderPpm: 12, levelCount: 900,
                nearGapTicks: 3, gapGrowth: 23, baseSize: 42_000,
                actionsPerSecond: 180, takersPerSecond: 5,
                firstUpdateID: 112_488_545_863, firstTradeID: 2_290_000_001_189_048_100,
                updateIDStride: 6)
        case .eth:
            SimulatedProfile(
                venueSymbol: "ETHUSDT", priceDecimals: 2, tickUnits: 1, sizeDecimals: 5,
                halfSpreadPpm: 30, slackPpm: 35, wanderPpm: 12, levelCount: 900,
                nearGapTicks: 1, gapGrowth: 7, baseSize: 110_000,
                actionsPerSecond: 140, takersPerSecond: 4,
                firstUpdateID: 96_310_277_418, firstTradeID: 2_290_000_000_871_204_335,
                updateIDStride: 6)
        case .sol:
            SimulatedProfile(
                venueSymbol: "SOLUSDT", priceDecimals: 2, tickUnits: 1, sizeDecimals: 4,
                halfSpreadPpm: 35, slackPpm: 60, wanderPpm: 12, levelCount: 500,
                nearGapTicks: 1, gapGrowth: 1, baseSize: 480_000,
                actionsPerSecond: 100, takersPerSecond: 3,
                firstUpdateID: 71_905_116_270, firstTradeID: 2_290_000_000_440_918_652,
                updateIDStride: 6)
        }
    }

    /// Deeper than the 400 levels that the feed shows.
    private static func okxSpot(_ asset: SimulatedAsset) -> SimulatedProfile {
        switch asset {
        case .btc:
            SimulatedProfile(
                venueSymbol: "BTC-USDT", priceDecimals: 1, tickUnits: 1, sizeDecimals: 8,
                halfSpreadPpm: 22, slackPpm: 25, wanderPpm: 10, levelCount: 900,
                nearGapTicks: 3, gapGrowth: 25, baseSize: 5_000_000,
                actionsPerSecond: 190, takersPerSecond: 6,
                firstUpdateID: 48_211_903_772, firstTradeID: 812_440_917, updateIDStride: 3)
        case .eth:
            SimulatedProfile(
                venueSymbol: "ETH-USDT", priceDecimals: 2, tickUnits: 1, sizeDecimals: 6,
                halfSpreadPpm: 27, slackPpm: 30, wanderPpm: 10, levelCount: 900,
                nearGapTicks: 1, gapGrowth: 7, baseSize: 1_400_000,
                actionsPerSecond: 140, takersPerSecond: 4,
                firstUpdateID: 39_518_220_046, firstTradeID: 640_118_203, updateIDStride: 3)
        case .sol:
            SimulatedProfile(
                venueSymbol: "SOL-USDT", priceDecimals: 2, tickUnits: 1, sizeDecimals: 6,
                halfSpreadPpm: 32, slackPpm: 60, wanderPpm: 10, levelCount: 500,
                nearGapTicks: 1, gapGrowth: 1, baseSize: 60_000_000,
                actionsPerSecond: 100, takersPerSecond: 3,
                firstUpdateID: 17_840_663_915, firstTradeID: 233_906_418, updateIDStride: 3)
        }
    }
}
