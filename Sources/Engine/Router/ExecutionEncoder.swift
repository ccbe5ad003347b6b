/// The answer to an order as the exact bytes that are served, live and from the log alike.
enum ExecutionEncoder {
    /// Appends the JSON object of `execution`, computed on the state of `engine`.
    static func append(
        _ execution: Execution, _ engine: borrowing Engine, to bytes: inout [UInt8]
    ) throws(OrderError) {
        let table = engine.tables[execution.table]
        let middle = execution.consolidation
        bytes.append(0x7b)
        JSONText.key("ts", isFirst: true, to: &bytes)
        bytes.append(0x22)
        Timestamp.appendISO(engine.time, to: &bytes)
        bytes.append(0x22)
        JSONText.key("symbol", to: &bytes)
        JSONText.string(table.name, to: &bytes)
        JSONText.key("side", to: &bytes)
        JSONText.string(execution.order.isBuy ? "buy" : "sell", to: &bytes)
        JSONText.key("notional", to: &bytes)
        let notional = execution.order.notional
        rounded(Int128(notional.mantissa), Int(notional.exponent), 2, to: &bytes)
        JSONText.key("mid_t0", to: &bytes)
        JSONText.number(engine.shownMid(middle), decimals: middle.midDecimals, to: &bytes)
        JSONText.key("naive", to: &bytes)
        appendNaive(execution, engine, to: &bytes)
        JSONText.key("sor", to: &bytes)
        bytes.append(0x7b)
        appendSweep(execution.routed, execution, engine, isFirst: true, to: &bytes)
        appendLegs(execution, engine, to: &bytes)
        bytes.append(0x7d)
        JSONText.key("slippage_saved_bps", to: &bytes)
        JSONText.number(execution.saved, decimals: 1, to: &bytes)
        appendTail(execution, engine, to: &bytes)
    }

    private static func appendTail(
        _ execution: Execution, _ engine: borrowing Engine, to bytes: inout [UInt8]
    ) {
        JSONText.key("complete", to: &bytes)
        JSONText.bool(execution.routed.isComplete, to: &bytes)
        JSONText.key("filled_notional", to: &bytes)
        rounded(execution.routed.filled, execution.notionalExponent, 2, to: &bytes)
        JSONText.key("compared_notional", to: &bytes)
        if let compared = execution.comparedNotional {
            rounded(compared, execution.notionalExponent, 2, to: &bytes)
        } else {
            Text.append("null", to: &bytes)
        }
        JSONText.key("fees", to: &bytes)
        appendFees(execution, engine, to: &bytes)
        JSONText.key("mixed", to: &bytes)
        JSONText.bool(engine.tables[execution.table].isMixed, to: &bytes)
        JSONText.key("source", to: &bytes)
        JSONText.string(engine.source.word, to: &bytes)
        JSONText.key("seq", to: &bytes)
        DecimalText.append(engine.sequence, to: &bytes)
        JSONText.key("digest", to: &bytes)
        bytes.append(0x22)
        engine.digest.appendHex(to: &bytes)
        Text.append("\"}", to: &bytes)
    }

    private static func appendFees(
        _ execution: Execution, _ engine: borrowing Engine, to bytes: inout [UInt8]
    ) {
        bytes.append(0x7b)
        for (index, member) in engine.tables[execution.table].members.enumerated() {
            JSONText.key(member.venue.id, isFirst: index == 0, to: &bytes)
            let multiplier = execution.feeMultipliers[index]
            let fee = execution.order.isBuy ? multiplier - Fee.one : Fee.one - multiplier
            JSONText.small(fee, decimals: 4, to: &bytes)
        }
        bytes.append(0x7d)
    }

    private static func appendNaive(
        _ execution: Execution, _ engine: borrowing Engine, to bytes: inout [UInt8]
    ) {
        bytes.append(0x7b)
        JSONText.key("venue", isFirst: true, to: &bytes)
        if let member = execution.naiveMember {
            JSONText.string(engine.tables[execution.table].members[member].venue.id, to: &bytes)
        } else {
            Text.append("null", to: &bytes)
        }
        appendSweep(execution.naive, execution, engine, isFirst: false, to: &bytes)
        bytes.append(0x7d)
    }

    private static func appendSweep(
        _ sweep: SweepResult, _ execution: Execution, _ engine: borrowing Engine, isFirst: Bool,
        to bytes: inout [UInt8]
    ) {
        let decimals = execution.consolidation.midDecimals + 2
        JSONText.key("vwap", isFirst: isFirst, to: &bytes)
        JSONText.number(
            execution.vwap(sweep, decimals: decimals), decimals: decimals, to: &bytes)
        JSONText.key("vwap_fee_free", to: &bytes)
        JSONText.number(
            execution.vwapFeeFree(sweep, decimals: decimals), decimals: decimals, to: &bytes)
        JSONText.key("slippage_bps", to: &bytes)
        JSONText.number(execution.slippage(sweep), decimals: 1, to: &bytes)
        JSONText.key("complete", to: &bytes)
        JSONText.bool(sweep.isComplete, to: &bytes)
        JSONText.key("filled_notional", to: &bytes)
        rounded(sweep.filled, execution.notionalExponent, 2, to: &bytes)
        JSONText.key("fills", to: &bytes)
        bytes.append(0x5b)
        for (index, fill) in sweep.fills.enumerated() {
            if index > 0 { bytes.append(0x2c) }
            append(fill, execution, engine, to: &bytes)
        }
        bytes.append(0x5d)
    }

    private static func append(
        _ fill: Fill, _ execution: Execution, _ engine: borrowing Engine, to bytes: inout [UInt8]
    ) {
        let member = engine.tables[execution.table].members[fill.member]
        let definition = engine.instruments[member.instrument].definition
        bytes.append(0x7b)
        JSONText.key("venue", isFirst: true, to: &bytes)
        JSONText.string(member.venue.id, to: &bytes)
        JSONText.key("px", to: &bytes)
        JSONText.small(fill.price, decimals: Int(definition.priceExponent), to: &bytes)
        JSONText.key("qty", to: &bytes)
        let exponent = Int(definition.sizeExponent)
        rounded(Int128(fill.size), exponent, min(6, exponent), to: &bytes)
        JSONText.key("px_eff", to: &bytes)
        let effective = Int128(fill.price) * Int128(execution.feeMultipliers[fill.member])
        rounded(
            effective, Int(definition.priceExponent) + 8,
            execution.consolidation.midDecimals + 2, to: &bytes)
        bytes.append(0x7d)
    }

    private static func appendLegs(
        _ execution: Execution, _ engine: borrowing Engine, to bytes: inout [UInt8]
    ) {
        JSONText.key("legs", to: &bytes)
        bytes.append(0x5b)
        var isFirst = true
        for index in engine.tables[execution.table].members.indices {
            let leg = self.leg(index, execution, engine)
            guard !leg.fills.isEmpty else { continue }
            if !isFirst { bytes.append(0x2c) }
            isFirst = false
            append(leg, index, execution, engine, to: &bytes)
        }
        bytes.append(0x5d)
    }

    /// The routed fills of one venue, summed like a sweep of its own.
    private static func leg(
        _ member: Int, _ execution: Execution, _ engine: borrowing Engine
    ) -> SweepResult {
        var leg = SweepResult()
        let table = engine.tables[execution.table]
        for fill in execution.routed.fills where fill.member == member {
            let definition = engine.instruments[table.members[member].instrument].definition
            let gap =
                execution.quantityExponent - Int(definition.sizeExponent)
                - Int(definition.contractMultiplier.exponent)
            let scale = PowersOfTen.int128(gap) ?? 1
            leg.fills.append(fill)
            leg.filled += fill.notional
            leg.cost += fill.notional * Int128(execution.feeMultipliers[member])
            leg.quantity +=
                Int128(fill.size) * Int128(definition.contractMultiplier.mantissa) * scale
        }
        return leg
    }

    private static func append(
        _ leg: SweepResult, _ member: Int, _ execution: Execution, _ engine: borrowing Engine,
        to bytes: inout [UInt8]
    ) {
        let table = engine.tables[execution.table]
        let definition = engine.instruments[table.members[member].instrument].definition
        let decimals = execution.consolidation.midDecimals + 2
        var size: Int128 = 0
        for fill in leg.fills { size += Int128(fill.size) }
        bytes.append(0x7b)
        JSONText.key("venue", isFirst: true, to: &bytes)
        JSONText.string(table.members[member].venue.id, to: &bytes)
        JSONText.key("vwap", to: &bytes)
        JSONText.number(execution.vwap(leg, decimals: decimals), decimals: decimals, to: &bytes)
        JSONText.key("qty", to: &bytes)
        let exponent = Int(definition.sizeExponent)
        rounded(size, exponent, min(6, exponent), to: &bytes)
        JSONText.key("notional", to: &bytes)
        rounded(leg.filled, execution.notionalExponent, 2, to: &bytes)
        bytes.append(0x7d)
    }

    /// Appends `mantissa · 10^(−exponent)` rounded half to even to `decimals`.
    static func rounded(
        _ mantissa: Int128, _ exponent: Int, _ decimals: Int, to bytes: inout [UInt8]
    ) {
        guard exponent > decimals, let scale = PowersOfTen.int128(exponent - decimals) else {
            return DecimalText.append(mantissa, exponent: exponent, to: &bytes)
        }
        let value = Rounding.halfEven(mantissa, over: scale, decimals: 0)
        JSONText.number(value, decimals: decimals, to: &bytes)
    }
}

extension SessionSource {
    /// The word in JSON.
    public var word: StaticString {
        switch self {
        case .simulated: "simulated"
        case .live: "live"
        case .recording: "recording"
        }
    }
}
