import Engine

/// The checksum of a book: CRC-32, as a signed number, over `price:size` of the best 25 bids and
/// asks in turn, bid first, all joined by `:`, each number as it was written on the wire. Where one
/// side is shorter, the other goes on alone.
final class OKXChecksum {
    private let crc = CRC32()
    /// The text; its memory is kept from book to book.
    private var text: [UInt8] = []

    /// Levels a side that take part.
    private static var levelsMax: Int { 25 }

    /// The checksum of the levels in `mirror`.
    func value(_ mirror: MirrorBook) -> Int32 {
        var text = self.text
        self.text = []
        text.removeAll(keepingCapacity: true)
        let exponents = mirror.exponents
        for rank in 1...OKXChecksum.levelsMax {
            OKXChecksum.append(mirror.bids.levels, rank, exponents, to: &text)
            OKXChecksum.append(mirror.asks.levels, rank, exponents, to: &text)
        }
        let checksum = text.withUnsafeBufferPointer { crc.checksum($0) }
        self.text = text
        return Int32(bitPattern: checksum)
    }

    /// Appends the level of `rank`, 1 for the best, which stands last.
    private static func append(
        _ levels: [MirrorLevel], _ rank: Int, _ exponents: (price: Int, size: Int),
        to text: inout [UInt8]
    ) {
        guard rank <= levels.count else { return }
        let level = levels[levels.count - rank]
        if !text.isEmpty { text.append(0x3a) }
        append(level.price, exponents.price, digits: Int(level.digits.price), to: &text)
        text.append(0x3a)
        append(level.size, exponents.size, digits: Int(level.digits.size), to: &text)
    }

    /// Appends `mantissa · 10^(−exponent)` with `digits` digits behind the point: zeros that the
    /// text did not have are left out, those that it had beyond the exponent are put back.
    static func append(
        _ mantissa: Int64, _ exponent: Int, digits: Int, to text: inout [UInt8]
    ) {
        let start = text.count
        var rest = mantissa.magnitude / PowersOfTen.int64(max(0, exponent - digits)).magnitude
        var behind = digits
        while behind > exponent {
            text.append(0x30)
            behind &-= 1
        }
        repeat {
            if behind == 0, digits > 0 { text.append(0x2e) }
            text.append(0x30 &+ UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
            behind &-= 1
        } while rest > 0 || behind >= 0
        text[start...].reverse()
    }
}
