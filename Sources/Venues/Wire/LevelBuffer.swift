import Engine

/// At which exponents levels are read, and how large they may be: price in (0, 10^12), size in
/// [0, 10^15), mantissas below 10^18.
struct LevelScale: Equatable {
    let price: DigitScale
    let size: DigitScale
    let priceLimit: Int64
    let sizeLimit: Int64

    init(price: UInt8, size: UInt8) {
        self.price = DigitScale(Int(price))
        self.size = DigitScale(Int(size))
        priceLimit = PowersOfTen.int64(12 + Int(price))
        sizeLimit = PowersOfTen.int64(15 + Int(size))
    }

    var priceExponent: Int { price.exponent }
    var sizeExponent: Int { size.exponent }

    /// Whether a `LevelLayout` reads levels of this scale.
    var fitsWords: Bool { price.fitsWord && size.fitsWord }

    /// Digits behind the point beyond which nothing is refined.
    static var exponentMax: Int { 12 }

    /// What an instrument starts with before its digits are known.
    static let coarsest = LevelScale(price: 2, size: 2)

    /// Whether a price is usable.
    @inline(__always) func holds(price: Int64) -> Bool { price > 0 && price < priceLimit }

    /// Whether a size is usable.
    @inline(__always) func holds(size: Int64) -> Bool { size >= 0 && size < sizeLimit }

    /// A level of this scale at a finer one.
    func convert(_ level: PriceLevel, to finer: LevelScale) throws(WireError) -> PriceLevel {
        let (price, isPriceOver) = level.price.multipliedReportingOverflow(
            by: PowersOfTen.int64(finer.priceExponent - priceExponent))
        let (size, isSizeOver) = level.size.multipliedReportingOverflow(
            by: PowersOfTen.int64(finer.sizeExponent - sizeExponent))
        guard !isPriceOver, !isSizeOver, finer.holds(price: price), finer.holds(size: size) else {
            throw .outOfRange
        }
        return PriceLevel(price: price, size: size)
    }

    /// The scale that also holds digits as fine as these.
    func refined(price: Int, size: Int) -> LevelScale {
        LevelScale(
            price: UInt8(clamping: max(priceExponent, price)),
            size: UInt8(clamping: max(sizeExponent, size)))
    }
}

/// Levels of one side of one message. The memory is kept from message to message.
final class LevelBuffer {
    private(set) var count = 0
    /// Finest digits seen that the scale did not hold; 0 when all fitted.
    private(set) var priceDigits = 0
    /// The same for sizes.
    private(set) var sizeDigits = 0
    /// How the last level was laid out.
    var layout = LevelLayout()
    private var base: UnsafeMutablePointer<PriceLevel>
    /// Levels that there is memory for.
    private(set) var capacity: Int

    init() {
        capacity = 256
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    /// The levels, valid until the next change.
    var levels: UnsafeBufferPointer<PriceLevel> { UnsafeBufferPointer(start: base, count: count) }

    /// Whether a digit did not fit.
    var needsFiner: Bool { priceDigits > 0 || sizeDigits > 0 }

    /// Whether no level was read since the last `clear`, one whose digits did not fit included.
    var isUntouched: Bool { count == 0 && !needsFiner }

    func clear() {
        count = 0
        priceDigits = 0
        sizeDigits = 0
    }

    /// The level of two numbers; nil when their digits do not fit, which is noted.
    func level(
        price: ScaledNumber, size: ScaledNumber, _ scale: LevelScale
    ) throws(WireError) -> PriceLevel? {
        if case .exact(let price) = price, case .exact(let size) = size {
            guard scale.holds(price: price), scale.holds(size: size) else { throw .outOfRange }
            return PriceLevel(price: price, size: size)
        }
        priceDigits = max(priceDigits, price.digits)
        sizeDigits = max(sizeDigits, size.digits)
        return nil
    }

    /// Makes room for `more` levels and hands out the memory behind the last one.
    func reserve(_ more: Int) -> UnsafeMutablePointer<PriceLevel> {
        let needed = count + more
        if needed > capacity {
            var wider = capacity
            while wider < needed { wider *= 2 }
            let moved = UnsafeMutablePointer<PriceLevel>.allocate(capacity: wider)
            moved.update(from: base, count: count)
            base.deallocate()
            base = moved
            capacity = wider
        }
        return base + count
    }

    /// Takes over `more` levels that were written to the reserved memory.
    func advance(_ more: Int) {
        precondition(count + more <= capacity, "more levels than were reserved")
        count += more
    }

    /// Appends one level; a side beyond the engine's limit is refused.
    func append(_ level: PriceLevel) throws(WireError) {
        guard count < Limits.levelsPerSideMax else { throw .tooLarge }
        reserve(1).pointee = level
        count += 1
    }

    /// Appends a level from two numbers, or notes the digits that did not fit. A snapshot's level
    /// of size zero is no level.
    func append(
        price: ScaledNumber, size: ScaledNumber, _ scale: LevelScale, isSnapshot: Bool = false
    ) throws(WireError) {
        guard let level = try level(price: price, size: size, scale) else { return }
        if isSnapshot, level.size == 0 { return }
        try append(level)
    }

    /// Drops levels of size zero: a snapshot has none.
    func dropEmptyLevels() {
        var kept = 0
        var index = 0
        while index < count {
            if base[index].size != 0 {
                base[kept] = base[index]
                kept += 1
            }
            index += 1
        }
        count = kept
    }
}
