/// Appends JSON pieces in the product's one number grammar (`docs/METRICS.md` 7).
enum JSONText {
    /// Appends `"name":`, with a comma before it unless it is the first key.
    static func key(_ name: StaticString, isFirst: Bool = false, to bytes: inout [UInt8]) {
        if !isFirst { bytes.append(0x2c) }
        bytes.append(0x22)
        Text.append(name, to: &bytes)
        bytes.append(0x22)
        bytes.append(0x3a)
    }

    /// Appends a number, or `null`.
    static func number(_ mantissa: Int128?, decimals: Int, to bytes: inout [UInt8]) {
        guard let mantissa else { return Text.append("null", to: &bytes) }
        DecimalText.append(mantissa, exponent: decimals, to: &bytes)
    }

    /// Appends a number, or `null`.
    static func number(_ mantissa: Int64?, decimals: Int, to bytes: inout [UInt8]) {
        guard let mantissa else { return Text.append("null", to: &bytes) }
        small(mantissa, decimals: decimals, to: &bytes)
    }

    /// The same for what fits 64 bits, which is nearly everything.
    static func small(_ mantissa: Int64, decimals: Int, to bytes: inout [UInt8]) {
        DecimalText.append(Int128(mantissa), exponent: decimals, to: &bytes)
    }

    /// Appends `true` or `false`.
    static func bool(_ value: Bool, to bytes: inout [UInt8]) {
        Text.append(value ? "true" : "false", to: &bytes)
    }

    /// Appends a string with JSON's escapes.
    static func string(_ text: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(0x22)
        for byte in text {
            switch byte {
            case 0x22, 0x5c:
                bytes.append(0x5c)
                bytes.append(byte)
            case 0..<0x20:
                Text.append("\\u00", to: &bytes)
                bytes.append(byte >> 4 == 0 ? 0x30 : 0x31)
                let low = byte & 15
                bytes.append(low < 10 ? 0x30 + low : 0x57 + low)
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }

    /// Appends bytes that may be no UTF-8: all but printable ASCII as `\u00XX`.
    static func rawBytes(_ bytes: [UInt8], to out: inout [UInt8]) {
        out.append(0x22)
        for byte in bytes {
            if byte >= 0x20, byte < 0x7f, byte != 0x22, byte != 0x5c {
                out.append(byte)
            } else {
                Text.append("\\u00", to: &out)
                for nibble in [byte >> 4, byte & 15] {
                    out.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
                }
            }
        }
        out.append(0x22)
    }

    /// Appends a string that needs no escapes.
    static func string(_ text: StaticString, to bytes: inout [UInt8]) {
        bytes.append(0x22)
        Text.append(text, to: &bytes)
        bytes.append(0x22)
    }
}
