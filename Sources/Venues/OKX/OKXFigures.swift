import Engine

/// A figure of one instrument before it is recorded: a rate, an open interest, a price, or the
/// price and size of a liquidation.
struct OKXFigure {
    let instrument: Instrument
    let value: Decimal
    let time: Int64
    /// Next settlement.
    var nextTime = Timestamp.none
    /// Size of a liquidation, and whether the closing order bought.
    var size = Decimal.zero
    var isBuy = false
}

/// Which liquidations were recorded of late: nothing numbers them.
struct OKXLiquidations {
    private struct Mark: Equatable {
        let instrument: ObjectIdentifier
        let time: Int64
        let isBuy: Bool
        let size: Decimal
        let price: Decimal
    }

    private var marks: [Mark] = []
    private var next = 0

    /// Liquidations that are remembered.
    private static var countMax: Int { 256 }

    /// Notes a liquidation; false when it was noted before.
    mutating func note(_ figure: OKXFigure) -> Bool {
        let mark = Mark(
            instrument: ObjectIdentifier(figure.instrument), time: figure.time,
            isBuy: figure.isBuy, size: figure.size, price: figure.value)
        if marks.contains(mark) { return false }
        if marks.count < OKXLiquidations.countMax {
            marks.append(mark)
        } else {
            marks[next] = mark
            next = (next + 1) % OKXLiquidations.countMax
        }
        return true
    }
}

/// Numbers that no level and no trade is made of: the venue computes them and writes more digits
/// than a mantissa holds (rule 10 of `OKXAdapter`).
enum OKXNumber {
    /// The number in `text`; beyond 18 significant digits, or 18 behind the point, it is rounded
    /// half-even.
    static func figure(_ text: Bytes) throws(WireError) -> Decimal {
        do throws(WireError) {
            return try NumberText.decimal(text)
        } catch {
            guard error == .outOfRange else { throw error }
            return try rounded(text)
        }
    }

    /// The same for a text without a power of ten that is well formed and has too many digits.
    private static func rounded(_ text: Bytes) throws(WireError) -> Decimal {
        var mantissa: Int64 = 0
        var digits = 0
        var exponent = 0
        // The first digit that is dropped, and whether another one behind it is not zero.
        var dropped: UInt8?
        var hasRest = false
        var isBehindPoint = false
        for byte in text.drop(while: { $0 == 0x2d }) {
            if byte == 0x2e, !isBehindPoint {
                isBehindPoint = true
                continue
            }
            let digit = byte &- 0x30
            guard digit <= 9 else { throw .badNumber }
            if digits == 18 || exponent == 18 {
                guard isBehindPoint else { throw .outOfRange }
                if dropped == nil { dropped = digit } else if digit > 0 { hasRest = true }
                continue
            }
            mantissa = mantissa * 10 + Int64(digit)
            if mantissa > 0 { digits += 1 }
            if isBehindPoint { exponent += 1 }
        }
        let half = dropped ?? 0
        if half > 5 || half == 5 && (hasRest || mantissa & 1 == 1) { mantissa += 1 }
        if mantissa.magnitude >= Decimal.mantissaLimit {
            guard exponent > 0 else { throw .outOfRange }
            mantissa /= 10
            exponent -= 1
        }
        let isNegative = !text.isEmpty && text[0] == 0x2d
        return Decimal(mantissa: isNegative ? -mantissa : mantissa, exponent: UInt8(exponent))
            .trimmed
    }
}

extension OKXFields {
    /// A figure that is not negative where it must not be.
    func figure(_ field: OKXField, mayBeNegative: Bool = false) throws(WireError) -> Decimal {
        let text = values.string(self[field]) ?? values.raw(self[field])
        let value = try OKXNumber.figure(text)
        guard mayBeNegative || value.mantissa >= 0 else { throw .outOfRange }
        return value
    }
}
