/// Writes JSON, commas included; keys come in the order in which they are written.
struct JSONBytes {
    /// What was written so far.
    private(set) var bytes: [UInt8] = []
    /// Whether a comma is due before the next value or key.
    private var needsComma = false

    /// `{…}` with what `body` writes.
    mutating func object(_ body: (inout JSONBytes) throws -> Void) rethrows {
        try nested(0x7b, 0x7d, body)
    }

    /// `[…]` with what `body` writes.
    mutating func array(_ body: (inout JSONBytes) throws -> Void) rethrows {
        try nested(0x5b, 0x5d, body)
    }

    private mutating func nested(
        _ open: UInt8, _ close: UInt8, _ body: (inout JSONBytes) throws -> Void
    ) rethrows {
        separate()
        bytes.append(open)
        needsComma = false
        try body(&self)
        bytes.append(close)
        needsComma = true
    }

    /// `"name":`
    mutating func key(_ name: String) {
        string(name)
        bytes.append(0x3a)
        needsComma = false
    }

    /// A text with JSON's escapes.
    mutating func string(_ text: String) { string(Array(text.utf8)) }

    /// UTF-8 with JSON's escapes.
    mutating func string(_ text: [UInt8]) {
        separate()
        bytes.append(0x22)
        for byte in text {
            switch byte {
            case 0x22, 0x5c: bytes.append(contentsOf: [0x5c, byte])
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: Array("\\u00".utf8))
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }

    /// A whole number.
    mutating func number(_ value: some BinaryInteger) { raw("\(value)".utf8) }

    /// `true` or `false`.
    mutating func bool(_ value: Bool) { raw((value ? "true" : "false").utf8) }

    /// `null`.
    mutating func null() { raw("null".utf8) }

    /// A whole number, or `null`.
    mutating func number(orNull value: (some BinaryInteger)?) {
        if let value { number(value) } else { null() }
    }

    /// A text, or `null`.
    mutating func string(orNull value: String?) {
        if let value { string(value) } else { null() }
    }

    /// A value whose bytes are finished.
    mutating func raw(_ value: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: value)
    }

    private mutating func separate() {
        if needsComma { bytes.append(0x2c) }
        needsComma = true
    }
}
