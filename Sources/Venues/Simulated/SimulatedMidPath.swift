/// The common mid price of each asset: a correlated integer random walk with jumps.
///
/// A function of the seed and the number of steps alone. Every simulator walks a path of its
/// own and so sees the same prices as the others without sharing anything with them.
struct SimulatedMidPath: Sendable {
    /// Mids in millionths of the quote currency, in the order of `SimulatedAsset`.
    private(set) var midsMicros: [Int64]
    /// How often the books churn now, in percent of their usual rate.
    private(set) var activityPercent: Int64 = 100
    private var random: SimulatedRandom
    private var jumpStepsLeft = 0
    private var jumpPpbPerStep: Int64 = 0

    /// Standard deviation of a step of the common factor, in billionths of the price:
    /// about 0.9 bps in a second, half a hundred percent in a year.
    private static var deviationPpb: Int64 { 8_900 }
    /// A jump is spread over this many steps (0.3 s).
    private static var jumpSteps: Int { 30 }
    /// One jump in so many steps (40 s) on average.
    private static var stepsPerJump: Int64 { 4_000 }

    init(seed: UInt64) {
        random = SimulatedRandom(seed: seed, stream: 1)
        midsMicros = SimulatedAsset.allCases.map(\.firstMidMicros)
    }

    /// Walks one step.
    mutating func step() {
        let common = random.normal(deviation: Self.deviationPpb) + jump()
        for asset in SimulatedAsset.allCases {
            let own = random.normal(deviation: Self.deviationPpb)
            move(asset, byPpb: Self.shares(of: asset, common: common, own: own))
        }
    }

    /// Bitcoin is the common factor and little else; the others swing more, and on their own.
    private static func shares(of asset: SimulatedAsset, common: Int64, own: Int64) -> Int64 {
        switch asset {
        case .btc: common + own / 8
        case .eth: (common * 12 + own * 7) / 10
        case .sol: (common * 13 + own * 10) / 10
        }
    }

    private mutating func move(_ asset: SimulatedAsset, byPpb ppb: Int64) {
        let mid = midsMicros[asset.rawValue]
        midsMicros[asset.rawValue] = mid + mid / 1_000 * ppb / 1_000_000
    }

    /// The part of this step that belongs to a jump of 2 to 9 bps; the market is busier in it
    /// and for two seconds after it.
    private mutating func jump() -> Int64 {
        if activityPercent > 100 { activityPercent -= 1 }
        if jumpStepsLeft == 0 {
            guard random.chance(1, in: Self.stepsPerJump) else { return 0 }
            jumpStepsLeft = Self.jumpSteps
            let sizePpb = 200_000 + random.below(700_000)
            jumpPpbPerStep = (random.chance(1, in: 2) ? sizePpb : -sizePpb) / Int64(Self.jumpSteps)
            activityPercent = 300
        }
        jumpStepsLeft -= 1
        return jumpPpbPerStep
    }
}
