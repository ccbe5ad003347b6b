import Engine

/// Digits behind the point at which a number is read.
struct DigitScale: Equatable {
    /// 0…18.
    let exponent: Int
    /// `10^exponent`.
    let unit: UInt64
    /// How far the digits behind the point move up in a word of eight of them, so that just
    /// `exponent` are left; in bits.
    let wordShift: UInt64

    init(_ exponent: Int) {
        self.exponent = exponent
        unit = UInt64(PowersOfTen.int64(exponent))
        wordShift = UInt64(max(0, 64 - 8 * exponent))
    }

    /// Whether the digits behind the point fit into one word.
    var fitsWord: Bool { exponent >= 1 && exponent <= 8 }
}

/// Numbers of the common shape: digits, perhaps a point and digits.
enum CommonDigits {
    /// Takes the number at `position` and gives its mantissa; −1 where it is of another shape
    /// (sign, power, leading zero, more than 18 digits, a digit other than 0 beyond the scale).
    /// The caller checks what follows.
    static func take(
        _ text: Bytes, _ position: inout Int, _ end: Int, _ scale: DigitScale
    ) -> Int64 {
        let start = position
        var value: UInt64 = 0
        while position < end {
            let digit = text[position] &- 0x30
            if digit > 9 { break }
            value = value &* 10 &+ UInt64(digit)
            position &+= 1
        }
        let whole = position &- start
        guard whole >= 1, whole &+ scale.exponent <= 18, whole == 1 || text[start] != 0x30 else {
            return -1
        }
        var left = scale.exponent
        if position < end, text[position] == 0x2e {
            position &+= 1
            let fraction = position
            while left > 0, position < end {
                let digit = text[position] &- 0x30
                if digit > 9 { break }
                value = value &* 10 &+ UInt64(digit)
                position &+= 1
                left &-= 1
            }
            while position < end, text[position] == 0x30 { position &+= 1 }
            guard position > fraction else { return -1 }
        }
        guard position &- start <= DecimalText.lengthMax else { return -1 }
        return Int64(bitPattern: value &* UInt64(PowersOfTen.int64(left)))
    }
}
