/// Checks UTF-8 byte by byte (RFC 3629, section 4): false at the first byte that no valid text
/// may have there, also where a code point goes on in the next piece.
struct UTF8Check {
    /// Bytes that the open code point still needs.
    private var due = 0
    /// What the next byte of it may be.
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xbf

    /// Whether the text may end here.
    var isWhole: Bool { due == 0 }

    /// Takes the next bytes; false where they are none of UTF-8.
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            if due == 0 {
                // Nearly all text is ASCII: eight bytes at a time.
                while index + 8 <= bytes.count,
                    bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                        & 0x8080_8080_8080_8080 == 0
                {
                    index += 8
                }
                guard index < bytes.count else { break }
            }
            guard take(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        if due > 0 {
            guard byte >= low, byte <= high else { return false }
            due -= 1
            (low, high) = (0x80, 0xbf)
            return true
        }
        switch byte {
        case 0x00...0x7f: return true
        case 0xc2...0xdf: due = 1
        case 0xe0: (due, low) = (2, 0xa0)
        case 0xe1...0xec, 0xee...0xef: due = 2
        case 0xed: (due, high) = (2, 0x9f)
        case 0xf0: (due, low) = (3, 0x90)
        case 0xf1...0xf3: due = 3
        case 0xf4: (due, high) = (3, 0x8f)
        default: return false
        }
        return true
    }
}
