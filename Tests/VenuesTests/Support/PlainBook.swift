import Engine
import Venues

/// The book by its definition: a sorted list a side, price and size as mantissas.
struct PlainSide {
    /// Best level last.
    private(set) var levels: [(key: Int64, size: Int64)] = []
    let isBid: Bool

    init(isBid: Bool) { self.isBid = isBid }

    mutating func set(_ level: PriceLevel) {
        let key = isBid ? level.price : -level.price
        var low = 0
        var high = levels.count
        while low < high {
            let middle = (low + high) / 2
            if levels[middle].key < key { low = middle + 1 } else { high = middle }
        }
        let isThere = low < levels.count && levels[low].key == key
        if level.size == 0 {
            if isThere { levels.remove(at: low) }
        } else if isThere {
            levels[low].size = level.size
        } else {
            levels.insert((key, level.size), at: low)
        }
    }

    /// Whether `level` has the price of the worst one.
    func isWorst(_ level: PriceLevel) -> Bool {
        levels.first?.key == (isBid ? level.price : -level.price)
    }

    mutating func clear() { levels.removeAll() }

    mutating func scale(price: Int64, size: Int64) {
        for index in levels.indices {
            levels[index].key *= price
            levels[index].size *= size
        }
    }

    /// The best `count` levels, best first.
    func top(_ count: Int) -> [PriceLevel] {
        levels.suffix(count).reversed().map {
            PriceLevel(price: isBid ? $0.key : -$0.key, size: $0.size)
        }
    }
}

/// One book as the events describe it, with the reference's counts.
final class PlainBook {
    var bids = PlainSide(isBid: true)
    var asks = PlainSide(isBid: false)
    var priceExponent: UInt8 = 0
    var sizeExponent: UInt8 = 0
    var validity = BookValidity.empty
    var snapshots = 0
    var snapshotID: Int64 = -1
    var snapshotFlags: EventFlags = []
    var firstApplied: (first: Int64, last: Int64)?
    var messagesApplied = 0
    var levelsApplied = 0
    var gaps = 0
    var crossed = 0
    /// Levels a side that the venue keeps.
    private let depth: Int
    /// Levels in the deltas that no message named: the worst of a side that had more than `depth`.
    private(set) var levelsFallen = 0
    var trades = 0
    var checksumsPassed = 0
    var checksumsFailed = 0
    var lastID: Int64 = -1
    /// Definitions of the instrument so far.
    var definitions = 0
    /// Statuses in the order of their events.
    var statuses: [BookValidity] = []
    private var trace = SHA256()
    private var best: [Int64: [Decimal?]] = [:]
    private var tickers: [TouchObservation] = []

    init(depth: Int = .max) { self.depth = depth }

    func define(_ definition: InstrumentDefinition) {
        definitions += 1
        if definitions > 1 {
            let price = definition.priceExponent - priceExponent
            let size = definition.sizeExponent - sizeExponent
            bids.scale(
                price: PowersOfTen.int64(Int(price)), size: PowersOfTen.int64(Int(size)))
            asks.scale(
                price: PowersOfTen.int64(Int(price)), size: PowersOfTen.int64(Int(size)))
        }
        priceExponent = definition.priceExponent
        sizeExponent = definition.sizeExponent
    }

    func apply(_ header: EventHeader, _ levels: [PriceLevel]) {
        let isSnapshot = header.kind == EventKind.bookSnapshot.rawValue
        let flags = EventFlags(rawValue: header.flags)
        if flags.contains(.checksumPassed) { checksumsPassed += 1 }
        if flags.contains(.checksumFailed) { checksumsFailed += 1 }
        if isSnapshot {
            bids.clear()
            asks.clear()
            snapshots += 1
            snapshotID = header.last
            snapshotFlags = flags
            lastID = header.last
            validity = snapshotFlags.contains(.needsBridge) ? .syncing : .live
        }
        let start = Int(header.levelStart)
        for index in 0..<Int(header.bidCount) { set(levels[start + index], &bids) }
        let middle = start + Int(header.bidCount)
        for index in 0..<Int(header.askCount) { set(levels[middle + index], &asks) }
        if isSnapshot { return }
        validity = .live
        messagesApplied += 1
        levelsApplied += Int(header.bidCount) + Int(header.askCount)
        lastID = header.last
        if firstApplied == nil { firstApplied = (header.first, header.last) }
        note(header)
    }

    private func set(_ level: PriceLevel, _ side: inout PlainSide) {
        if level.size == 0, side.levels.count > depth, side.isWorst(level) { levelsFallen += 1 }
        side.set(level)
    }

    private func note(_ header: EventHeader) {
        let topBids = bids.top(5)
        let topAsks = asks.top(5)
        var line: [UInt8] = []
        DecimalText.append(Int64(messagesApplied), to: &line)
        line.append(0x3b)
        append(topBids, to: &line)
        line.append(0x3b)
        append(topAsks, to: &line)
        line.append(0x0a)
        trace.update(line)
        if let bid = topBids.first, let ask = topAsks.first, bid.price >= ask.price {
            crossed += 1
        }
        best[header.last] =
            (topBids.first.map(decimals) ?? [nil, nil])
            + (topAsks.first.map(decimals) ?? [nil, nil])
    }

    private func decimals(_ level: PriceLevel) -> [Decimal?] {
        [
            Decimal(mantissa: level.price, exponent: priceExponent).trimmed,
            Decimal(mantissa: level.size, exponent: sizeExponent).trimmed,
        ]
    }

    private func append(_ levels: [PriceLevel], to line: inout [UInt8]) {
        for (index, level) in levels.enumerated() {
            if index > 0 { line.append(0x2c) }
            DecimalText.append(
                Decimal(mantissa: level.price, exponent: priceExponent), to: &line)
            line.append(0x40)
            DecimalText.append(Decimal(mantissa: level.size, exponent: sizeExponent), to: &line)
        }
    }

    func observe(_ touch: TouchObservation) { tickers.append(touch) }

    var traceDigest: String { trace.finish() }

    /// Tickers whose update id is that of an applied delta: equal to the book, and different. The
    /// reference leaves out the very first delta, with which the book gets in sync.
    var touchCounts: (matches: Int, mismatches: Int) {
        var counts = (matches: 0, mismatches: 0)
        for ticker in tickers where ticker.updateID >= 0 {
            guard ticker.updateID != firstApplied?.last, let book = best[ticker.updateID] else {
                continue
            }
            let stated = [
                ticker.bid.trimmed, ticker.bidSize?.trimmed, ticker.ask.trimmed,
                ticker.askSize?.trimmed,
            ]
            if stated == book { counts.matches += 1 } else { counts.mismatches += 1 }
        }
        return counts
    }

    /// The best ten levels of a side as pairs of text.
    func topText(_ side: PlainSide) -> [[String]] {
        side.top(10).map { level in
            decimals(level).map { value in
                var bytes: [UInt8] = []
                if let value { DecimalText.append(value, to: &bytes) }
                return String(decoding: bytes, as: UTF8.self)
            }
        }
    }
}
