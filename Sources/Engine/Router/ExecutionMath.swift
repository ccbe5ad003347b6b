/// The ratios of an execution, each rounded once from the exact value.
extension Execution {
    /// Denominator that turns cost into a price: quantity · 10^(notional + 8 − quantity exponent).
    private func base(_ sweep: SweepResult) -> Natural? {
        let shift = notionalExponent + 8 - quantityExponent
        guard sweep.quantity > 0, let scale = PowersOfTen.int128(shift) else { return nil }
        return Natural.product(sweep.quantity.magnitude, scale.magnitude)
    }

    /// All-in volume-weighted price at `decimals`; nil without fills.
    func vwap(_ sweep: SweepResult, decimals: Int) -> Int128? {
        guard let base = base(sweep) else { return nil }
        return Rounding.halfEven(
            Natural(low: sweep.cost.magnitude), over: base, decimals: decimals)
    }

    /// The same without fees.
    func vwapFeeFree(_ sweep: SweepResult, decimals: Int) -> Int128? {
        guard let base = base(sweep) else { return nil }
        let cost = Natural.product(sweep.filled.magnitude, UInt128(Fee.one.magnitude))
        return Rounding.halfEven(cost, over: base, decimals: decimals)
    }

    /// Slippage against mid in tenths of a bps, positive is cost; nil without fills or mid.
    func slippage(_ sweep: SweepResult) -> Int128? {
        guard let midTwice = consolidation.midTwice, let base = base(sweep),
            let bottom = base.multiplied(by: midTwice.magnitude),
            let top = Natural(low: sweep.cost.magnitude).multiplied(by: midScale)
        else { return nil }
        return signedRatio(top, bottom, over: bottom, factor: 10_000)
    }

    /// Naive less routed slippage in tenths of a bps, from the exact difference.
    var saved: Int128? {
        let (naive, routed) = compared
        guard let midTwice = consolidation.midTwice, naive.quantity > 0, routed.quantity > 0,
            let shift = PowersOfTen.int128(notionalExponent + 8 - quantityExponent),
            let left = Natural.product(naive.cost.magnitude, routed.quantity.magnitude)
                .multiplied(by: midScale),
            let right = Natural.product(routed.cost.magnitude, naive.quantity.magnitude)
                .multiplied(by: midScale),
            let bottom = Natural.product(naive.quantity.magnitude, routed.quantity.magnitude)
                .multiplied(by: shift.magnitude)?.multiplied(by: midTwice.magnitude)
        else { return nil }
        return signedRatio(left, right, over: bottom, factor: 10_000)
    }

    /// `2 · 10^(price exponent)`: what a price is multiplied with to compare it with `midTwice`.
    private var midScale: UInt128 {
        2 * UInt128(PowersOfTen.int64(consolidation.priceExponent).magnitude)
    }

    /// `±factor · (a − b)/bottom` at one decimal; the sign turns for sells.
    private func signedRatio(
        _ a: Natural, _ b: Natural, over bottom: Natural, factor: UInt128
    ) -> Int128? {
        let isNegative = a < b
        let difference = isNegative ? b.subtracting(a) : a.subtracting(b)
        guard let top = difference.multiplied(by: factor),
            let value = Rounding.halfEven(top, over: bottom, decimals: 1)
        else { return nil }
        return isNegative == order.isBuy ? -value : value
    }
}
