import Engine

/// Where a value stands in the message; empty when the field was absent.
struct JSONSpan: Equatable {
    private let first: UInt32
    private let last: UInt32

    /// The bytes `start ..< end` of a message, which is shorter than 4 GiB.
    @inline(__always) init(start: Int, end: Int) {
        first = UInt32(truncatingIfNeeded: start)
        last = UInt32(truncatingIfNeeded: end)
    }

    var start: Int { Int(first) }
    var end: Int { Int(last) }

    /// No value.
    static var none: JSONSpan { JSONSpan(start: 0, end: 0) }

    var isPresent: Bool { end > start }
}

/// Typed reading of values that were already checked for grammar.
struct JSONFields {
    let text: Bytes

    init(_ text: Bytes) { self.text = text }

    private func first(_ span: JSONSpan) -> UInt8 { span.isPresent ? text[span.start] : 0 }

    func isObject(_ span: JSONSpan) -> Bool { first(span) == 0x7b }
    func isArray(_ span: JSONSpan) -> Bool { first(span) == 0x5b }
    func isString(_ span: JSONSpan) -> Bool { first(span) == 0x22 }
    func isNull(_ span: JSONSpan) -> Bool { first(span) == 0x6e }

    /// Whether something stands there that may be a number: neither null nor an empty string.
    func mayBeNumber(_ span: JSONSpan) -> Bool {
        span.isPresent && !isNull(span) && string(span)?.isEmpty != true
    }

    /// All bytes of the value.
    func raw(_ span: JSONSpan) -> Bytes { ByteText.slice(text, span.start, span.end) }

    /// The inside of a string.
    func string(_ span: JSONSpan) -> Bytes? {
        guard isString(span) else { return nil }
        return ByteText.slice(text, span.start &+ 1, span.end &- 1)
    }

    /// A word that is compared with constants; empty when absent or no string.
    func word(_ span: JSONSpan) -> Bytes { string(span) ?? ByteText.slice(text, 0, 0) }

    /// A symbol: a string without escapes of 1 to 128 bytes.
    func symbol(_ span: JSONSpan) throws(WireError) -> Bytes {
        guard let bytes = string(span), !bytes.isEmpty else { throw .missingField }
        guard ByteText.find(0x5c, in: bytes) == nil else { throw .escapedKey }
        guard bytes.count <= WireLimits.idBytesMax else { throw .undefinable }
        return bytes
    }

    func bool(_ span: JSONSpan) throws(WireError) -> Bool {
        switch first(span) {
        case 0x74: return true
        case 0x66: return false
        default: throw .missingField
        }
    }

    /// The text of a number, bare or in quotes.
    private func number(_ span: JSONSpan) throws(WireError) -> Bytes {
        guard span.isPresent else { throw .missingField }
        if let inside = string(span) { return inside }
        let byte = text[span.start]
        guard byte == 0x2d || (byte >= 0x30 && byte <= 0x39) else { throw .missingField }
        return raw(span)
    }

    /// A whole number of at most 18 digits, bare or in quotes.
    func integer(_ span: JSONSpan) throws(WireError) -> Int64 {
        guard let value = NumberText.integer(try number(span)) else { throw .badNumber }
        return value
    }

    /// An exact decimal, bare or in quotes.
    func decimal(_ span: JSONSpan) throws(WireError) -> Decimal {
        try NumberText.decimal(try number(span))
    }

    /// The mantissa of a decimal.
    func scaled(_ span: JSONSpan, _ scale: DigitScale) throws(WireError) -> ScaledNumber {
        try NumberText.scaled(try number(span), scale)
    }
}
