/// Naive and routed answer to one order, side by side, exact; `ExecutionEncoder` rounds it.
struct Execution {
    var table: Int
    var order: Order
    var consolidation: Consolidation
    /// Common exponents of notional and quantity.
    var notionalExponent: Int
    var quantityExponent: Int
    /// Fee multiplier by member.
    var feeMultipliers: [Int64]
    var naiveMember: Int?
    var naive: SweepResult
    var routed: SweepResult
    /// The pair that is compared: the two above, or both swept for the smaller filled notional.
    var compared: (naive: SweepResult, routed: SweepResult)
    /// That smaller notional; nil when both are complete.
    var comparedNotional: Int128?
}

extension Engine {
    /// The consolidated instruments by name, in the order of `Output.symbol`.
    public var symbols: [[UInt8]] { tables.map { $0.name } }

    /// Prices `order` against the state as it is, and appends the answer's JSON to `bytes`.
    ///
    /// - Throws: `OrderError` when there is no answer; `bytes` is then unchanged.
    public func execute(_ order: Order, to bytes: inout [UInt8]) throws(OrderError) {
        let execution = try execution(of: order)
        try ExecutionEncoder.append(execution, self, to: &bytes)
    }

    private func execution(of order: Order) throws(OrderError) -> Execution {
        guard let index = tables.firstIndex(where: { $0.name == order.symbol && $0.isShown }) else {
            throw .unknownSymbol
        }
        try check(order)
        let table = tables[index]
        var now = Consolidation()
        consolidate(table, now: time, into: &now)
        for member in table.members where member.instrument >= 0 {
            guard !instruments[member.instrument].definition.isInverse else { throw .notRoutable }
        }
        var plan = try plan(order, table, now)
        guard let target = scaled(order.notional, to: plan.notionalExponent) else {
            throw .overflow
        }
        let naiveVenues = try naiveChoice(order, table, now, plan.venues)
        var routing = Sweep(isBuy: order.isBuy, venues: plan.venues)
        let routed = try routing.run(target, books)
        var baseline = Sweep(isBuy: order.isBuy, venues: naiveVenues)
        let naive = try baseline.run(target, books)
        plan.result = Execution(
            table: index, order: order, consolidation: now,
            notionalExponent: plan.notionalExponent, quantityExponent: plan.quantityExponent,
            feeMultipliers: plan.feeMultipliers, naiveMember: naiveVenues.first?.member,
            naive: naive, routed: routed, compared: (naive, routed), comparedNotional: nil)
        guard var result = plan.result else { throw .overflow }
        if !naive.isComplete || !routed.isComplete {
            let smaller = min(naive.filled, routed.filled)
            result.comparedNotional = smaller
            result.compared = (
                try baseline.run(smaller, books), try routing.run(smaller, books)
            )
        }
        return result
    }

    private func check(_ order: Order) throws(OrderError) {
        guard order.notional.mantissa > 0,
            Int128(order.notional.mantissa)
                <= Int128(Order.notionalMax)
                * Int128(PowersOfTen.int64(Int(order.notional.exponent)))
        else { throw .badNotional }
        for fee in order.fees where !Fee.range.contains(fee.fee) { throw .badFee }
    }

    private func scaled(_ value: Decimal, to exponent: Int) -> Int128? {
        guard let factor = PowersOfTen.int128(exponent - Int(value.exponent)) else { return nil }
        let (result, overflow) = Int128(value.mantissa).multipliedReportingOverflow(by: factor)
        return overflow ? nil : result
    }

    /// The venues that take part, in common units.
    private struct Plan {
        var venues: [SweepVenue] = []
        var feeMultipliers: [Int64] = []
        var notionalExponent: Int
        var quantityExponent = 0
        var result: Execution?
    }

    private func plan(
        _ order: Order, _ table: ConsolidatedTable, _ now: Consolidation
    ) throws(OrderError) -> Plan {
        var plan = Plan(notionalExponent: Int(order.notional.exponent))
        for member in table.members.indices {
            let venue = table.members[member].venue
            let fee =
                order.fees.first { $0.venue == venue }?.fee ?? configuration.defaultFee
            plan.feeMultipliers.append(Fee.multiplier(fee: fee, isBuy: order.isBuy))
            guard now.isUsable[member] else { continue }
            let definition = instruments[table.members[member].instrument].definition
            plan.notionalExponent = max(
                plan.notionalExponent, NotionalRule(definition).exponent)
            plan.quantityExponent = max(plan.quantityExponent, quantityExponent(definition))
        }
        for member in table.members.indices where now.isUsable[member] {
            let definition = instruments[table.members[member].instrument].definition
            let multiplier = Int128(definition.contractMultiplier.mantissa)
            let rule = NotionalRule(definition)
            guard let notional = PowersOfTen.int128(plan.notionalExponent - rule.exponent),
                let quantity = PowersOfTen.int128(
                    plan.quantityExponent - quantityExponent(definition)),
                case let (notionalScale, first) = notional.multipliedReportingOverflow(
                    by: multiplier), !first,
                case let (quantityScale, second) = quantity.multipliedReportingOverflow(
                    by: multiplier), !second
            else { throw .overflow }
            plan.venues.append(
                SweepVenue(
                    member: member, slot: now.slots[member],
                    feeMultiplier: plan.feeMultipliers[member],
                    priceScale: Int128(
                        PowersOfTen.int64(
                            now.priceExponent - Int(definition.priceExponent))),
                    notionalScale: notionalScale, quantityScale: quantityScale))
        }
        return plan
    }

    private func quantityExponent(_ definition: InstrumentDefinition) -> Int {
        Int(definition.sizeExponent) + Int(definition.contractMultiplier.exponent)
    }

    /// The one venue of the naive baseline: the one named, else the one with the best raw touch.
    private func naiveChoice(
        _ order: Order, _ table: ConsolidatedTable, _ now: Consolidation, _ venues: [SweepVenue]
    ) throws(OrderError) -> [SweepVenue] {
        if let named = order.naiveVenue {
            let found = venues.filter { table.members[$0.member].venue == named }
            guard !found.isEmpty else { throw .venueNotUsable }
            return found
        }
        var best: (venue: SweepVenue, price: Int128, insertedAt: UInt64)?
        for venue in venues {
            let touch =
                order.isBuy
                ? books[venue.slot].book.asks.best : books[venue.slot].book.bids.best
            guard let touch else { continue }
            let price = Int128(touch.price) * venue.priceScale
            if let leader = best {
                let isEqual = price == leader.price
                let isBetter = order.isBuy ? price < leader.price : price > leader.price
                guard isBetter || (isEqual && touch.insertedAt < leader.insertedAt) else {
                    continue
                }
            }
            best = (venue, price, touch.insertedAt)
        }
        return best.map { [$0.venue] } ?? []
    }
}
