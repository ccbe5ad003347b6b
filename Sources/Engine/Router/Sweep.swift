/// A venue as the router sees it: where its levels are and what its numbers mean in common units.
struct SweepVenue {
    /// Position in the consolidated table: the last tie-break.
    var member: Int
    /// Slot of its book.
    var slot: Int
    /// `1 ± fee`, times 10^8.
    var feeMultiplier: Int64
    /// Factor from its price mantissas to the common price exponent.
    var priceScale: Int128
    /// Factor from price · size to the common notional exponent.
    var notionalScale: Int128
    /// Factor from its size mantissas to the common quantity exponent.
    var quantityScale: Int128
}

/// Executed part at one level; simulated.
struct Fill: Equatable {
    /// Position in the consolidated table.
    var member: Int
    /// Price mantissa.
    var price: Int64
    /// Size mantissa.
    var size: Int64
    /// Its notional before fees, at the common exponent.
    var notional: Int128
}

/// What a sweep took, exact.
struct SweepResult {
    var fills: [Fill] = []
    /// Σ px·qty·multiplier at the common notional exponent.
    var filled: Int128 = 0
    /// The same with fees, at the notional exponent plus 8.
    var cost: Int128 = 0
    /// Σ qty·multiplier at the common quantity exponent.
    var quantity: Int128 = 0
    /// The rest is less than one size unit at the last price.
    var isComplete = false
}

/// The fee-adjusted sweep over several venues: merge by price with fee, then by insertion, then by
/// table order, until the notional is filled (`docs/METRICS.md` 6). Reads books, changes nothing.
struct Sweep: ~Copyable {
    private struct Head {
        var cursor = LevelCursor()
        var level: KeptLevel?
        var effective: Int128 = 0
    }

    let isBuy: Bool
    let venues: [SweepVenue]
    private var heads: [Head] = []

    init(isBuy: Bool, venues: [SweepVenue]) {
        self.isBuy = isBuy
        self.venues = venues
    }

    /// Takes levels until `notional` (at the common exponent) is filled or none is left.
    mutating func run(
        _ notional: Int128, _ books: borrowing BookTable
    ) throws(OrderError) -> SweepResult {
        var result = SweepResult()
        heads.removeAll(keepingCapacity: true)
        for index in venues.indices {
            heads.append(Head())
            advance(index, books)
        }
        var rest = notional
        while rest > 0, let best = bestHead() {
            guard let level = heads[best].level else { break }
            let taken = try take(level, venues[best], rest, &result)
            rest -= taken.notional
            if taken.isLast || rest == 0 {
                result.isComplete = true
                break
            }
            advance(best, books)
        }
        return result
    }

    @inline(__always) private mutating func advance(_ index: Int, _ books: borrowing BookTable) {
        let venue = venues[index]
        heads[index].level =
            isBuy
            ? books[venue.slot].book.asks.next(&heads[index].cursor)
            : books[venue.slot].book.bids.next(&heads[index].cursor)
        if let level = heads[index].level {
            heads[index].effective =
                Int128(level.price) * venue.priceScale * Int128(venue.feeMultiplier)
        }
    }

    /// The venue whose next level is the best with fees.
    @inline(__always) private func bestHead() -> Int? {
        var best: Int?
        for index in heads.indices {
            guard let level = heads[index].level else { continue }
            guard let leader = best, let other = heads[leader].level else {
                best = index
                continue
            }
            let mine = heads[index].effective
            let theirs = heads[leader].effective
            if mine == theirs {
                if level.insertedAt < other.insertedAt { best = index }
            } else if isBuy ? mine < theirs : mine > theirs {
                best = index
            }
        }
        return best
    }

    /// Takes a level whole, or as much of it as the rest pays for.
    private func take(
        _ level: KeptLevel, _ venue: SweepVenue, _ rest: Int128, _ result: inout SweepResult
    ) throws(OrderError) -> (notional: Int128, isLast: Bool) {
        let unit = Int128(level.price).multipliedReportingOverflow(by: venue.notionalScale)
        guard !unit.overflow else { throw .overflow }
        var size = Int128(level.size)
        var whole = unit.partialValue.multipliedReportingOverflow(by: size)
        let isLast = whole.overflow || whole.partialValue > rest
        if isLast {
            size = rest / unit.partialValue
            whole = unit.partialValue.multipliedReportingOverflow(by: size)
        }
        guard size > 0 else { return (0, isLast) }
        let notional = whole.partialValue
        let fee = notional.multipliedReportingOverflow(by: Int128(venue.feeMultiplier))
        let cost = result.cost.addingReportingOverflow(fee.partialValue)
        let quantity = size.multipliedReportingOverflow(by: venue.quantityScale)
        let total = result.quantity.addingReportingOverflow(quantity.partialValue)
        guard !fee.overflow, !cost.overflow, !quantity.overflow, !total.overflow else {
            throw .overflow
        }
        result.cost = cost.partialValue
        result.quantity = total.partialValue
        result.filled += notional
        result.fills.append(
            Fill(
                member: venue.member, price: level.price, size: Int64(size), notional: notional))
        return (notional, isLast)
    }
}
