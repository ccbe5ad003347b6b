import Engine

/// The checksum of a book: CRC-32, as a signed number, over `price:size` of the best 25 bids and
/// asks in turn, bid first, all joined by `:`, each number as it was written on the wire. Where one
/// side is shorter, the other goes on alone.
final class OKXChecksum {
    private let crc = CRC32()
    /// The text; its memory is kept from book to book.
    private let text: UnsafeMutablePointer<UInt8>

    /// Levels a side that take part.
    private static var levelsMax: Int { 25 }
    /// Digits behind a point: a number on the wire has at most `DecimalText.lengthMax` bytes.
    private static var digitsMax: Int { DecimalText.lengthMax }
    /// Bytes of one number and a colon: 19 digits, a point, and digits behind it.
    static var numberBytesMax: Int { 21 + digitsMax }

    init() { text = .allocate(capacity: 4 * OKXChecksum.levelsMax * OKXChecksum.numberBytesMax) }

    deinit { text.deallocate() }

    /// The checksum of the levels in `mirror`.
    func value(_ mirror: MirrorBook) -> Int32 {
        var end = 0
        let exponents = mirror.exponents
        let bids = mirror.bids.levels
        let asks = mirror.asks.levels
        for rank in 1...OKXChecksum.levelsMax {
            append(bids, rank, exponents, &end)
            append(asks, rank, exponents, &end)
        }
        return Int32(bitPattern: crc.checksum(Bytes(start: text, count: max(0, end - 1))))
    }

    /// Appends the level of `rank`, 1 for the best, which stands last; a colon behind each number.
    @inline(__always)
    private func append(
        _ levels: [MirrorLevel], _ rank: Int, _ exponents: (price: Int, size: Int),
        _ end: inout Int
    ) {
        guard rank <= levels.count else { return }
        let level = levels[levels.count &- rank]
        end &+= OKXChecksum.write(
            level.price, exponents.price, digits: Int(level.digits.price), to: text + end)
        text[end] = 0x3a
        end &+= 1
        end &+= OKXChecksum.write(
            level.size, exponents.size, digits: Int(level.digits.size), to: text + end)
        text[end] = 0x3a
        end &+= 1
    }

    /// Writes `mantissa · 10^(−exponent)` with `digits` digits behind the point and gives the count
    /// of bytes: zeros that the text did not have are left out, those that it had beyond the
    /// exponent are put back. Takes `numberBytesMax` bytes at most.
    static func write(
        _ mantissa: Int64, _ exponent: Int, digits: Int, to out: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let digits = min(digits, digitsMax)
        var rest = mantissa.magnitude
        if exponent > digits { rest /= PowersOfTen.int64(exponent &- digits).magnitude }
        let shown = min(digits, exponent)
        var whole = 1
        var limit: UInt64 = 10
        while whole < 19, rest >= limit {
            whole &+= 1
            limit &*= 10
        }
        let count = max(whole, shown &+ 1) &+ digits &- shown &+ (digits > 0 ? 1 : 0)
        var at = count
        var behind = digits
        while behind > shown {
            at &-= 1
            behind &-= 1
            out[at] = 0x30
        }
        while at > 0 {
            if behind == 0, digits > 0 {
                at &-= 1
                out[at] = 0x2e
            }
            at &-= 1
            behind &-= 1
            out[at] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return count
    }
}
