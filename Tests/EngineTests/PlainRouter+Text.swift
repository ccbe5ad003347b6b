extension PlainRouter {
    /// The answer from `mid_t0` up to the fees, as `docs/METRICS.md` 7 lays it out.
    var text: String {
        let all = Array(venues.indices)
        let alone = naiveVenue.map { [$0] } ?? []
        let (naive, routed) = (sweep(alone, notional), sweep(all, notional))
        var compared: Rational?
        var judged = (naive, routed)
        if !naive.isComplete || !routed.isComplete {
            let smaller = min(naive.filled, routed.filled)
            compared = smaller
            judged = (sweep(alone, smaller), sweep(all, smaller))
        }
        var saved: Rational?
        if let left = slippage(judged.0), let right = slippage(judged.1) { saved = left - right }
        let name = naiveVenue.map { "\"\(venues[$0].name)\"" } ?? "null"
        return "\"mid_t0\":\(shown(mid, midDecimals)),\"naive\":{\"venue\":\(name),"
            + "\(fields(naive))},\"sor\":{\(fields(routed)),\"legs\":[\(legs(routed))]},"
            + "\"slippage_saved_bps\":\(shown(saved, 1)),\"complete\":\(routed.isComplete),"
            + "\"filled_notional\":\(routed.filled.text(2)),"
            + "\"compared_notional\":\(shown(compared, 2))"
    }

    private func shown(_ value: Rational?, _ decimals: Int) -> String {
        value?.text(decimals) ?? "null"
    }

    private func fields(_ result: Result) -> String {
        let fills = result.fills.map { fill in
            let venue = venues[fill.venue]
            return "{\"venue\":\"\(venue.name)\",\"px\":\(fill.price.text(9)),"
                + "\"qty\":\(fill.size.text(min(6, venue.sizeDecimals))),"
                + "\"px_eff\":\(effective(fill.price, fill.venue).text(midDecimals + 2))}"
        }
        return "\"vwap\":\(shown(vwap(result.fills, withFees: true), midDecimals + 2)),"
            + "\"vwap_fee_free\":\(shown(vwap(result.fills, withFees: false), midDecimals + 2)),"
            + "\"slippage_bps\":\(shown(slippage(result), 1)),\"complete\":\(result.isComplete),"
            + "\"filled_notional\":\(result.filled.text(2)),"
            + "\"fills\":[\(fills.joined(separator: ","))]"
    }

    private func legs(_ result: Result) -> String {
        venues.indices.compactMap { place -> String? in
            let fills = result.fills.filter { $0.venue == place }
            if fills.isEmpty { return nil }
            let size = fills.reduce(Rational(0)) { $0 + $1.size }
            let notional = fills.reduce(Rational(0)) {
                $0 + $1.size * $1.price * venues[place].multiplier
            }
            return "{\"venue\":\"\(venues[place].name)\","
                + "\"vwap\":\(shown(vwap(fills, withFees: true), midDecimals + 2)),"
                + "\"qty\":\(size.text(min(6, venues[place].sizeDecimals))),"
                + "\"notional\":\(notional.text(2))}"
        }.joined(separator: ",")
    }
}
