import Engine

/// The checksum that Kraken sends with every change of a book: over the ten best asks, then the
/// ten best bids, each price and size without its point and without zeros in front.
///
/// Most messages of a deep book change nothing among the ten best; the text of a side is written
/// anew only when one did.
final class KrakenChecksum {
    /// Levels a side, whatever the depth of the book.
    static var levels: Int { 10 }

    private static let crc = CRC32()
    private let asks = TopText()
    private let bids = TopText()
    private let joined: UnsafeMutablePointer<UInt8>
    private var isCurrent = false
    private var value: UInt32 = 0

    init() { joined = .allocate(capacity: 2 * TopText.capacity) }

    deinit { joined.deallocate() }

    /// The book is another: nothing of what was written holds.
    func reset() {
        isCurrent = false
        asks.isCurrent = false
        bids.isCurrent = false
    }

    /// Levels are going to be set in `mirror`.
    func note(_ newBids: LevelBuffer, _ newAsks: LevelBuffer, _ mirror: MirrorBook) {
        if KrakenChecksum.touches(newAsks, mirror.asks.levels, isBid: false) {
            asks.isCurrent = false
            isCurrent = false
        }
        if KrakenChecksum.touches(newBids, mirror.bids.levels, isBid: true) {
            bids.isCurrent = false
            isCurrent = false
        }
    }

    /// Whether one of `new` is as good as the tenth of `levels`, whose best is the last.
    private static func touches(
        _ new: LevelBuffer, _ levels: [MirrorLevel], isBid: Bool
    ) -> Bool {
        guard new.count > 0 else { return false }
        guard levels.count >= KrakenChecksum.levels else { return true }
        let tenth = levels[levels.count - KrakenChecksum.levels].price
        for level in new.levels where isBid ? level.price >= tenth : level.price <= tenth {
            return true
        }
        return false
    }

    /// The checksum of `mirror` as it is now.
    func value(of mirror: MirrorBook) -> UInt32 {
        if isCurrent { return value }
        let exponents = mirror.exponents
        if !asks.isCurrent { asks.write(mirror.asks.levels, exponents) }
        if !bids.isCurrent { bids.write(mirror.bids.levels, exponents) }
        joined.update(from: asks.base, count: asks.count)
        (joined + asks.count).update(from: bids.base, count: bids.count)
        value = KrakenChecksum.crc.checksum(Bytes(start: joined, count: asks.count + bids.count))
        isCurrent = true
        return value
    }
}

/// The text of the best levels of one side.
private final class TopText {
    /// A number takes at most 19 digits of a mantissa and 38 zeros behind them.
    static var capacity: Int { KrakenChecksum.levels * 2 * 57 }

    let base: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    var isCurrent = false

    init() { base = .allocate(capacity: TopText.capacity) }

    deinit { base.deallocate() }

    /// Writes the best of `levels`, whose mantissas have these exponents; the best is the last.
    func write(_ levels: [MirrorLevel], _ exponents: (price: Int, size: Int)) {
        var end = base
        var index = levels.count
        let last = max(0, levels.count - KrakenChecksum.levels)
        while index > last {
            index -= 1
            let level = levels[index]
            TopText.add(level.price, Int(level.digits.price) - exponents.price, &end)
            TopText.add(level.size, Int(level.digits.size) - exponents.size, &end)
        }
        count = end - base
        isCurrent = true
    }

    /// Writes the digits of `mantissa` with `zeros` zeros behind them to `end`, or as many less
    /// where that is negative: it has only zeros there.
    private static func add(
        _ mantissa: Int64, _ zeros: Int, _ end: inout UnsafeMutablePointer<UInt8>
    ) {
        var rest = mantissa.magnitude
        if zeros < 0 { rest /= UInt64(PowersOfTen.int64(-zeros)) }
        let start = end
        while rest > 0 {
            end.pointee = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            end += 1
            rest /= 10
        }
        var low = start
        var high = end - 1
        while low < high {
            (low.pointee, high.pointee) = (high.pointee, low.pointee)
            low += 1
            high -= 1
        }
        var left = min(zeros, 38)
        while left > 0 {
            end.pointee = 0x30
            end += 1
            left -= 1
        }
    }
}
