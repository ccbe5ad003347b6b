/// A trade as it is shown on the time axis of the depth feed.
public struct ShownTrade: Equatable, Sendable {
    /// The instrument and the connection that reported it.
    public var key: BookKey
    /// Who crossed the spread.
    public var takerSide: TakerSide
    /// Price mantissa.
    public var price: Int64
    /// Size mantissa.
    public var size: Int64
    /// Digits behind the point of `price`: the instrument's when it traded, which a later
    /// definition may have refined.
    public var priceExponent: UInt8
    /// Digits behind the point of `size`.
    public var sizeExponent: UInt8
}

/// Amounts as 16 bits: five of exponent, eleven of mantissa, by shifts alone. What is shown is at
/// most a thousandth too low; what is too large is shown as the largest.
public enum AmountCode {
    /// The code of a whole amount.
    public static func code(_ amount: UInt64) -> UInt16 {
        let shift = max(0, 64 - amount.leadingZeroBitCount - 11)
        guard shift <= 31 else { return .max }
        return UInt16(truncatingIfNeeded: shift) << 11 | UInt16(amount >> UInt64(shift))
    }

    /// The amount that a code stands for.
    public static func amount(_ code: UInt16) -> UInt64 {
        UInt64(code & 0x7ff) << UInt64(code >> 11)
    }
}

/// The depth feed's messages: the consolidated book in price buckets, and the trades since the tick
/// before (`docs/METRICS.md` 8). Made of state and trades alone, so a replay makes the same bytes.
///
/// | offset | field |
/// | --- | --- |
/// | 0 | version 1 · flags 0 · digits behind the point of prices · 0, a byte each |
/// | 4 | bid buckets, ask buckets, trades, trades left out: u16 each; u32 0 |
/// | 16 | sequence u64, time i64 ns, twice mid i64 (0: none), step i64 |
/// | 48 | number of the first bid bucket and of the first ask bucket, i64 each |
/// | 64 | amounts of the bid buckets, best first, then of the ask buckets: u16 each |
/// | … | trades: price i64, amount u16, side u8 (1 buy, 2 sell, 0 unknown), venue u8 |
///
/// Bid bucket k holds prices in [k·step, (k+1)·step), ask bucket k those in ((k−1)·step, k·step].
/// Amounts are notional in whole units of the quote currency, rounded down, as `AmountCode`.
/// Only usable books take part. Everything is little-endian.
struct DepthEncoder {
    static let bucketsMax = 1_000
    static let tradesMax = 1_000

    private var bids: [Int128]
    private var asks: [Int128]
    private var first: (bid: Int64, ask: Int64) = (0, 0)
    private let step: Int64
    private let levels: Int

    private init(step: Int64, levels: Int) {
        self.step = step
        self.levels = levels
        bids = Array(repeating: 0, count: levels)
        asks = bids
    }

    /// Appends the message of table `index`; false where the step does not fit the prices.
    static func append(
        _ engine: borrowing Engine, table index: Int, step: Decimal, levels: Int,
        trades: [ShownTrade], to bytes: inout [UInt8]
    ) -> Bool {
        var now = Consolidation()
        let table = engine.tables[index]
        engine.consolidate(table, now: engine.time, into: &now)
        var exponent = now.priceExponent
        for member in table.members where member.instrument >= 0 {
            let definition = engine.instruments[member.instrument].definition
            exponent = max(exponent, Int(definition.priceExponent))
        }
        guard let units = step.mantissa(at: UInt8(exponent)), units > 0 else { return false }
        var encoder = DepthEncoder(step: units, levels: min(levels, bucketsMax))
        let ends = engine.touch(table, now, exponent)
        if let bid = ends.bid { encoder.first.bid = encoder.bucket(bid, isBid: true) }
        if let ask = ends.ask { encoder.first.ask = encoder.bucket(ask, isBid: false) }
        for member in table.members.indices where now.isUsable[member] {
            encoder.add(engine, table.members[member].instrument, now.slots[member], exponent)
        }
        encoder.write(engine, ends, exponent, engine.members(of: table, trades), to: &bytes)
        return true
    }

    /// The bucket of a price: towards the worse price on its side.
    private func bucket(_ price: Int128, isBid: Bool) -> Int64 {
        let step = Int128(step)
        return Int64(clamping: isBid ? price / step : (price + step - 1) / step)
    }

    /// The worst price of a bucket, in units of `scale` of the depth's own.
    private func edge(_ bucket: Int64, _ scale: Int128, isBid: Bool) -> Int64 {
        let end = Int128(bucket) * Int128(step)
        return Int64(clamping: isBid ? (end + scale - 1) / scale : end / scale)
    }

    /// Adds the levels of one book.
    private mutating func add(
        _ engine: borrowing Engine, _ instrument: Int, _ slot: Int, _ exponent: Int
    ) {
        let definition = engine.instruments[instrument].definition
        let rule = NotionalRule(definition)
        let scale = Int128(PowersOfTen.int64(exponent - Int(definition.priceExponent)))
        var sums = [Int128](repeating: 0, count: levels)
        for isBid in [true, false] {
            for place in sums.indices { sums[place] = 0 }
            let start = isBid ? first.bid : first.ask
            // Levels come best first: only one beyond the bucket's edge needs a division.
            var place: Int64 = 0
            var edge = edge(start, scale, isBid: isBid)
            let visit: (KeptLevel) -> Bool = { [self] level in
                if isBid ? level.price < edge : level.price > edge {
                    let bucket = bucket(Int128(level.price) * scale, isBid: isBid)
                    place = isBid ? start &- bucket : bucket &- start
                    edge = self.edge(bucket, scale, isBid: isBid)
                }
                guard place >= 0, place < Int64(levels) else { return false }
                sums[Int(place)] += rule.product(level.price, level.size)
                return true
            }
            if isBid {
                engine.books[slot].book.bids.visit(visit)
            } else {
                engine.books[slot].book.asks.visit(visit)
            }
            for place in sums.indices {
                let amount = DepthEncoder.whole(sums[place], rule)
                if isBid { bids[place] += amount } else { asks[place] += amount }
            }
        }
    }

    /// An amount in whole units of the quote currency, rounded down.
    private static func whole(_ product: Int128, _ rule: NotionalRule) -> Int128 {
        let (amount, overflow) = product.multipliedReportingOverflow(by: Int128(rule.multiplier))
        guard let unit = PowersOfTen.int128(rule.exponent) else { return 0 }
        return overflow ? 1 << 64 : min(amount / unit, 1 << 64)
    }

    private func write(
        _ engine: borrowing Engine, _ ends: (bid: Int128?, ask: Int128?), _ exponent: Int,
        _ trades: [ShownTrade], to bytes: inout [UInt8]
    ) {
        let shown = trades.prefix(DepthEncoder.tradesMax)
        var writer = ByteWriter()
        writer.put(UInt8(1))
        writer.put(UInt8(0))
        writer.put(UInt8(exponent))
        writer.put(UInt8(0))
        writer.put(UInt16(ends.bid == nil ? 0 : levels))
        writer.put(UInt16(ends.ask == nil ? 0 : levels))
        writer.put(UInt16(shown.count))
        writer.put(UInt16(clamping: trades.count - shown.count))
        writer.put(UInt32(0))
        writer.put(engine.sequence)
        writer.put(engine.time)
        var midTwice: Int64 = 0
        if let bid = ends.bid, let ask = ends.ask { midTwice = Int64(clamping: bid + ask) }
        writer.put(midTwice)
        writer.put(step)
        writer.put(first.bid)
        writer.put(first.ask)
        if ends.bid != nil { for amount in bids { writer.put(DepthEncoder.code(amount)) } }
        if ends.ask != nil { for amount in asks { writer.put(DepthEncoder.code(amount)) } }
        for trade in shown {
            let definition = engine.instruments[Int(trade.key.instrument)].definition
            let scale = PowersOfTen.int64(exponent - Int(trade.priceExponent))
            let rule = NotionalRule(
                definition, price: trade.priceExponent, size: trade.sizeExponent)
            writer.put(Int64(clamping: Int128(trade.price) * Int128(scale)))
            writer.put(
                DepthEncoder.code(
                    DepthEncoder.whole(rule.product(trade.price, trade.size), rule)))
            writer.put(trade.takerSide.rawValue)
            writer.put(definition.venue.rawValue)
        }
        bytes.append(contentsOf: writer.bytes)
    }

    private static func code(_ amount: Int128) -> UInt16 {
        AmountCode.code(UInt64(clamping: amount))
    }
}

extension Engine {
    /// Best bid and ask of the usable books at `exponent`.
    fileprivate func touch(
        _ table: ConsolidatedTable, _ now: Consolidation, _ exponent: Int
    ) -> (bid: Int128?, ask: Int128?) {
        var ends: (bid: Int128?, ask: Int128?) = (nil, nil)
        for member in table.members.indices where now.isUsable[member] {
            let definition = instruments[table.members[member].instrument].definition
            let scale = Int128(PowersOfTen.int64(exponent - Int(definition.priceExponent)))
            if let best = books[now.slots[member]].book.bids.best {
                let price = Int128(best.price) * scale
                ends.bid = ends.bid.map { max($0, price) } ?? price
            }
            if let best = books[now.slots[member]].book.asks.best {
                let price = Int128(best.price) * scale
                ends.ask = ends.ask.map { min($0, price) } ?? price
            }
        }
        return ends
    }

    /// The trades of a table's instruments.
    fileprivate func members(of table: ConsolidatedTable, _ trades: [ShownTrade]) -> [ShownTrade] {
        trades.filter { trade in
            table.members.contains { $0.instrument == Int(trade.key.instrument) }
        }
    }

    /// Most buckets a side of a depth message.
    public static var depthBucketsMax: Int { DepthEncoder.bucketsMax }

    /// Appends the depth message of a consolidated symbol in the state of now: `levels` buckets a
    /// side of `step` in quote currency, and `trades` since the tick before.
    ///
    /// - Returns: false where there is no such symbol, or the step is finer than its prices.
    public func appendDepth(
        of symbol: [UInt8], step: Decimal, levels: Int, trades: [ShownTrade],
        to bytes: inout [UInt8]
    ) -> Bool {
        guard let index = tables.firstIndex(where: { $0.isShown && $0.name == symbol }) else {
            return false
        }
        return DepthEncoder.append(
            self, table: index, step: step, levels: levels, trades: trades, to: &bytes)
    }
}
