/// Why a text is not a decimal number of the product (`reliability.md` section 3).
public enum DecimalError: UInt8, Error, Sendable {
    /// Not of the form `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?`.
    case malformed = 1
    /// Longer than 40 bytes.
    case tooLong = 2
    /// More than 18 significant digits, or more than 18 digits after the point.
    case tooManyDigits = 3
}

/// The one reading and writing of decimal numbers as text, for every venue, client and file.
///
/// Grammar: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?`, the whole text, at most
/// 40 bytes. No plus sign in front, no blanks, no `_`, `inf` or `nan`.
public enum DecimalText {
    /// Longest text that is read.
    public static var lengthMax: Int { 40 }

    /// Reads `text` exactly; the result carries no trailing zeros after the point.
    public static func parse(
        _ text: UnsafeBufferPointer<UInt8>
    ) throws(DecimalError) -> Decimal {
        guard text.count <= lengthMax else { throw .tooLong }
        var reader = DecimalReader(text: text)
        return try reader.read()
    }

    /// Reads the bytes of `text` exactly; see `parse(_:)`.
    public static func parse(_ text: [UInt8]) throws(DecimalError) -> Decimal {
        let result = text.withUnsafeBufferPointer { buffer -> Result<Decimal, DecimalError> in
            do throws(DecimalError) {
                return .success(try parse(buffer))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Appends `mantissa · 10^(−exponent)` in plain notation without trailing zeros; zero is `0`.
    public static func append(
        _ mantissa: Int128, exponent: Int, to bytes: inout [UInt8]
    ) {
        if mantissa == 0 { return bytes.append(0x30) }
        if mantissa < 0 { bytes.append(0x2d) }
        var magnitude = mantissa.magnitude
        var digitsAfterPoint = exponent
        while digitsAfterPoint > 0 {
            let (quotient, remainder) = Natural.dividedByTen(magnitude)
            guard remainder == 0 else { break }
            magnitude = quotient
            digitsAfterPoint -= 1
        }
        appendDigits(magnitude, digitsAfterPoint: digitsAfterPoint, to: &bytes)
    }

    /// Appends a decimal in plain notation without trailing zeros.
    public static func append(_ value: Decimal, to bytes: inout [UInt8]) {
        append(Int128(value.mantissa), exponent: Int(value.exponent), to: &bytes)
    }

    /// Appends a whole number.
    public static func append(_ value: Int64, to bytes: inout [UInt8]) {
        append(Int128(value), exponent: 0, to: &bytes)
    }

    /// Appends a whole number without sign.
    public static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        append(Int128(value), exponent: 0, to: &bytes)
    }

    /// Writes the digits of `magnitude` with a point before the last `digitsAfterPoint`.
    private static func appendDigits(
        _ magnitude: UInt128, digitsAfterPoint: Int, to bytes: inout [UInt8]
    ) {
        let start = bytes.count
        var rest = magnitude
        var written = 0
        while rest > UInt128(UInt64.max) {
            let (quotient, digit) = Natural.dividedByTen(rest)
            if written == digitsAfterPoint, written > 0 { bytes.append(0x2e) }
            bytes.append(0x30 &+ digit)
            rest = quotient
            written &+= 1
        }
        var small = UInt64(truncatingIfNeeded: rest)
        while small > 0 || written <= digitsAfterPoint {
            if written == digitsAfterPoint, written > 0 { bytes.append(0x2e) }
            bytes.append(0x30 &+ UInt8(truncatingIfNeeded: small % 10))
            small /= 10
            written &+= 1
        }
        var low = start
        var high = bytes.count - 1
        while low < high {
            bytes.swapAt(low, high)
            low += 1
            high -= 1
        }
    }
}

/// One pass over the text of a number.
private struct DecimalReader {
    let text: UnsafeBufferPointer<UInt8>
    var position = 0
    var mantissa: UInt64 = 0
    /// Significant digits in `mantissa`; zeros in front do not count.
    var significant = 0
    /// Zeros seen since the last other digit: they count only when another digit follows.
    var pendingZeros = 0
    /// Digits after the point that `mantissa` covers.
    var scale = 0

    init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

    mutating func read() throws(DecimalError) -> Decimal {
        let isNegative = take(0x2d)
        try readInteger()
        if take(0x2e) { try readFraction() }
        let power = try readPower()
        guard position == text.count else { throw .malformed }
        return try finish(isNegative: isNegative, power: power)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < text.count, text[position] == byte else { return false }
        position += 1
        return true
    }

    private var digit: UInt8? {
        guard position < text.count else { return nil }
        let value = text[position] &- 0x30
        return value <= 9 ? value : nil
    }

    private mutating func readInteger() throws(DecimalError) {
        guard let first = digit else { throw .malformed }
        if first == 0 {
            position += 1
            if digit != nil { throw .malformed }
            return
        }
        while let value = digit {
            position += 1
            try push(value)
        }
    }

    private mutating func readFraction() throws(DecimalError) {
        guard digit != nil else { throw .malformed }
        while let value = digit {
            position += 1
            scale += 1
            try push(value)
        }
    }

    private mutating func push(_ value: UInt8) throws(DecimalError) {
        if value == 0 {
            pendingZeros += 1
            return
        }
        if significant == 0 { pendingZeros = 0 }
        while pendingZeros > 0 {
            pendingZeros -= 1
            significant += 1
            guard significant < 18 else { throw .tooManyDigits }
            mantissa &*= 10
        }
        significant += 1
        guard significant <= 18 else { throw .tooManyDigits }
        mantissa = mantissa &* 10 &+ UInt64(value)
    }

    private mutating func readPower() throws(DecimalError) -> Int {
        guard take(0x65) || take(0x45) else { return 0 }
        let isNegative = take(0x2d)
        if !isNegative { _ = take(0x2b) }
        guard let first = digit else { throw .malformed }
        position += 1
        var power = Int(first)
        if let second = digit {
            position += 1
            power = power * 10 + Int(second)
        }
        return isNegative ? -power : power
    }

    /// Trailing zeros were not multiplied in: the value is `mantissa · 10^(pendingZeros − scale)`.
    private func finish(isNegative: Bool, power: Int) throws(DecimalError) -> Decimal {
        guard mantissa != 0 else { return .zero }
        let exponent = scale - pendingZeros - power
        guard exponent <= 18 else { throw .tooManyDigits }
        var value = Int64(mantissa)
        if exponent < 0 {
            guard significant - exponent <= 18 else { throw .tooManyDigits }
            value &*= PowersOfTen.int64(-exponent)
        }
        return Decimal(
            mantissa: isNegative ? -value : value, exponent: UInt8(exponent < 0 ? 0 : exponent))
    }
}
