import Engine

/// A decimal at the exponent of its instrument.
enum ScaledNumber: Equatable {
    /// The exact mantissa.
    case exact(Int64)
    /// Non-zero digits stand beyond the exponent; the text needs this many digits.
    case finer(Int)
}

/// Numbers from the wire (`reliability.md` section 3): one grammar, that of `DecimalText`. The
/// fast path takes the common shape, and everything else goes through `DecimalText` itself.
enum NumberText {
    /// A whole number of at most 18 digits: `-?(0|[1-9][0-9]*)`.
    static func integer(_ text: Bytes) -> Int64? {
        let isNegative = !text.isEmpty && text[0] == 0x2d
        let start = isNegative ? 1 : 0
        let count = text.count &- start
        guard count >= 1, count <= 18 else { return nil }
        if text[start] == 0x30, count > 1 { return nil }
        var value: Int64 = 0
        var index = start
        while index < text.count {
            let digit = text[index] &- 0x30
            guard digit <= 9 else { return nil }
            value = value &* 10 &+ Int64(digit)
            index &+= 1
        }
        return isNegative ? -value : value
    }

    /// An exact decimal.
    static func decimal(_ text: Bytes) throws(WireError) -> Decimal {
        do throws(DecimalError) {
            return try DecimalText.parse(text)
        } catch {
            throw error == .tooManyDigits ? .outOfRange : .badNumber
        }
    }

    /// The mantissa of `text` at `exponent`, 0…18.
    @inline(__always)
    static func scaled(_ text: Bytes, _ exponent: Int) throws(WireError) -> ScaledNumber {
        var position = 0
        let value = fastDigits(text, &position, text.count, exponent)
        if value >= 0, position == text.count { return .exact(value) }
        return try slowScaled(text, exponent)
    }

    /// The same through `DecimalText`.
    @inline(never)
    static func slowScaled(_ text: Bytes, _ exponent: Int) throws(WireError) -> ScaledNumber {
        let value = try decimal(text)
        guard value.exponent <= exponent else { return .finer(Int(value.exponent)) }
        guard let mantissa = value.mantissa(at: UInt8(exponent)) else { throw .outOfRange }
        return .exact(mantissa)
    }

    /// Takes digits, a point and digits from `position` on, and gives the mantissa at `exponent`;
    /// −1 where the text is not of the common shape (sign, power, leading zero, more than 18
    /// digits, a digit beyond the exponent). The caller checks what follows.
    @inline(__always)
    static func fastDigits(
        _ text: Bytes, _ position: inout Int, _ end: Int, _ exponent: Int
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
        guard whole >= 1, whole &+ exponent <= 18, whole == 1 || text[start] != 0x30 else {
            return -1
        }
        var left = exponent
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
        while left > 0 {
            value &*= 10
            left &-= 1
        }
        return Int64(bitPattern: value)
    }
}

extension JSONScanner {
    /// Skips a bare number and checks JSON's grammar for it.
    mutating func skipNumber() throws(WireError) {
        if position < end, text[position] == 0x2d { position &+= 1 }
        guard position < end else { throw .truncated }
        if text[position] == 0x30 { position &+= 1 } else { try skipDigits() }
        if position < end, text[position] == 0x2e {
            position &+= 1
            try skipDigits()
        }
        if position < end, text[position] | 0x20 == 0x65 {
            position &+= 1
            if position < end, text[position] == 0x2b || text[position] == 0x2d { position &+= 1 }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(WireError) {
        let start = position
        while position < end, text[position] &- 0x30 <= 9 { position &+= 1 }
        guard position > start else { throw unexpected }
    }
}
