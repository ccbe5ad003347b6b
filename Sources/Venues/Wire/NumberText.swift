import Engine

/// A decimal at the exponent of its instrument.
enum ScaledNumber: Equatable {
    /// The exact mantissa.
    case exact(Int64)
    /// Non-zero digits stand beyond the exponent; the text needs this many digits.
    case finer(Int)

    /// Digits that the text needs beyond the scale; 0 when it fits.
    var digits: Int {
        switch self {
        case .exact: 0
        case .finer(let digits): digits
        }
    }
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
        if count >= 8, let base = text.baseAddress {
            let word = DigitWord.load(UnsafeRawPointer(base + start))
            guard DigitWord.others(word) == 0 else { return nil }
            value = Int64(bitPattern: DigitWord.number(word))
            index &+= 8
        }
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

    /// The mantissa of `text` at a scale.
    @inline(__always)
    static func scaled(_ text: Bytes, _ scale: DigitScale) throws(WireError) -> ScaledNumber {
        var position = 0
        let value = CommonDigits.take(text, &position, text.count, scale)
        if value >= 0, position == text.count { return .exact(value) }
        return try slowScaled(text, scale.exponent)
    }

    /// The same through `DecimalText`.
    @inline(never)
    static func slowScaled(_ text: Bytes, _ exponent: Int) throws(WireError) -> ScaledNumber {
        let value = try decimal(text)
        guard value.exponent <= exponent else { return .finer(Int(value.exponent)) }
        guard let mantissa = value.mantissa(at: UInt8(exponent)) else { throw .outOfRange }
        return .exact(mantissa)
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
        while position &+ 8 <= end, let base = text.baseAddress {
            let digits = DigitWord.count(DigitWord.load(UnsafeRawPointer(base + position)))
            position &+= digits
            guard digits == 8 else { break }
        }
        while position < end, text[position] &- 0x30 <= 9 { position &+= 1 }
        guard position > start else { throw unexpected }
    }
}
