import Engine

/// How the last level of a column was laid out: a guess at the next one.
///
/// Venues pad numbers with zeros, so most levels of a book have the same count of digits before and
/// behind the point. Where the guess holds, both numbers are read as words, eight digits in a
/// handful of operations, and the place of the next level does not depend on the bytes of this
/// one, so that the processor reads several at once. Where it does not hold, nothing is taken.
struct LevelLayout {
    private var price = NumberLayout(whole: 5, fraction: 2)
    private var size = NumberLayout(whole: 1, fraction: 8)

    /// Bytes that must lie behind the first digit of the price.
    static var reach: Int { 48 }

    /// Bytes of the text that `take` takes.
    var byteCount: Int { price.byteCount &+ size.byteCount &+ 5 }

    /// Reads `97000.49","0.06000000"]`; price 0 for any other layout. `reach` bytes can be read
    /// at `start`, and the scale fits words.
    @inline(__always)
    func take(_ start: UnsafeRawPointer, _ scale: LevelScale) -> PriceLevel {
        let second = start + (price.byteCount &+ 3)
        let comma = start.loadUnaligned(fromByteOffset: price.byteCount, as: UInt32.self)
        let end = second.loadUnaligned(fromByteOffset: size.byteCount, as: UInt16.self)
        let priceWords = NumberLayout.Words(start, price)
        let sizeWords = NumberLayout.Words(second, size)
        let misfits =
            price.misfits(priceWords, scale.price) | size.misfits(sizeWords, scale.size)
            | UInt64(comma.littleEndian & 0xff_ffff ^ 0x22_2c22)  // ","
            | UInt64(end.littleEndian ^ 0x5d22)  // "]
        guard misfits == 0, !price.hasLeadingZero(priceWords), !size.hasLeadingZero(sizeWords)
        else { return PriceLevel(price: 0, size: 0) }
        return PriceLevel(
            price: price.value(priceWords, scale.price), size: size.value(sizeWords, scale.size))
    }

    /// Takes the layout of the level whose price begins at `start` as the guess.
    mutating func note(_ text: Bytes, _ start: Int) {
        var position = start
        guard let price = NumberLayout(text, &position) else { return }
        position += 3
        guard position < text.count, let size = NumberLayout(text, &position) else { return }
        self.price = price
        self.size = size
    }
}

/// Digits before and behind the point of a number.
private struct NumberLayout {
    /// Digits before the point, 1…7.
    private let whole: Int
    /// Bits by which a word of which they are the first moves up, so that only they are left.
    private let wholeShift: UInt64
    /// Covers the digits behind the point in the word that begins with them.
    private let fractionMask: UInt64
    /// Bytes of the number.
    let byteCount: Int

    /// A layout of `whole` digits, 1…7, a point and `fraction` digits, 1…8.
    init(whole: Int, fraction: Int) {
        self.whole = whole
        wholeShift = UInt64(64 - 8 * whole)
        fractionMask = UInt64.max >> UInt64(64 - 8 * fraction)
        byteCount = whole + 1 + fraction
    }

    /// The layout of the number at `position`, which moves behind it; nil where it has another.
    init?(_ text: Bytes, _ position: inout Int) {
        let start = position
        while position < text.count, text[position] &- 0x30 <= 9 { position += 1 }
        let whole = position - start
        guard (1...7).contains(whole), position < text.count, text[position] == 0x2e else {
            return nil
        }
        position += 1
        while position < text.count, text[position] &- 0x30 <= 9 { position += 1 }
        let fraction = position - start - whole - 1
        guard (1...8).contains(fraction) else { return nil }
        self.init(whole: whole, fraction: fraction)
    }

    /// The two words of a number, each byte less the character 0, and the point.
    struct Words {
        let whole: UInt64
        let fraction: UInt64
        let point: UInt8

        @inline(__always) init(_ start: UnsafeRawPointer, _ layout: NumberLayout) {
            whole = DigitWord.load(start)
            point = start.load(fromByteOffset: layout.whole, as: UInt8.self)
            fraction = DigitWord.load(start + (layout.whole &+ 1))
        }
    }

    /// Zero when the number has this layout and only zeros beyond the scale.
    @inline(__always) func misfits(_ words: Words, _ scale: DigitScale) -> UInt64 {
        let kept = words.fraction & fractionMask
        return DigitWord.others(words.whole) &<< wholeShift
            | DigitWord.others(words.fraction) & fractionMask
            | UInt64(words.point ^ 0x2e)
            | (kept ^ ((kept &<< scale.wordShift) &>> scale.wordShift))
    }

    @inline(__always) func hasLeadingZero(_ words: Words) -> Bool {
        words.whole & 0xff == 0 && whole > 1
    }

    /// The mantissa.
    @inline(__always) func value(_ words: Words, _ scale: DigitScale) -> Int64 {
        let units =
            whole == 1 ? words.whole & 0xff : DigitWord.number(words.whole &<< wholeShift)
        let rest = DigitWord.number((words.fraction & fractionMask) &<< scale.wordShift)
        return Int64(bitPattern: units &* scale.unit &+ rest)
    }
}
