/// The inside of a string on the wire, still with its escapes.
struct JSONText {
    let bytes: Bytes
    /// Whether the bytes are the text itself: no escape stands in them.
    let isPlain: Bool
}

extension JSONScanner {
    /// Reads a string of at most `limit` bytes on the wire and checks escapes and UTF-8.
    @inline(__always)
    mutating func string(
        limit: Int = WireLimits.stringBytesMax
    ) throws(WireError) -> JSONText {
        try expect(0x22)
        let start = position
        var isPlain = true
        skipPlain()
        while position < end {
            let byte = text[position]
            if byte == 0x22 {
                let inside = ByteText.slice(text, start, position)
                position &+= 1
                guard inside.count <= limit else { throw .tooLarge }
                return JSONText(bytes: inside, isPlain: isPlain)
            }
            if byte == 0x5c {
                isPlain = false
                _ = try escape()
            } else if byte < 0x20 {
                throw .controlByte
            } else if byte < 0x80 {
                position &+= 1
            } else {
                try utf8Sequence()
            }
        }
        throw .truncated
    }

    /// Passes over plain ASCII eight bytes at a time, up to the first byte of the eight that is a
    /// quote, a backslash, a control byte or no ASCII.
    @inline(__always) private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        guard let base = text.baseAddress else { return }
        while position &+ 8 <= end {
            let word = UnsafeRawPointer(base + position)
                .loadUnaligned(as: UInt64.self).littleEndian
            let quote = word ^ (ones &* 0x22)
            let slash = word ^ (ones &* 0x5c)
            // Below the first hit no byte is marked by mistake; behind it one may be.
            let marks =
                ((quote &- ones) & ~quote | (slash &- ones) & ~slash
                    | (word &- ones &* 0x20) & ~word | word) & tops
            if marks != 0 {
                position &+= marks.trailingZeroBitCount >> 3
                return
            }
            position &+= 8
        }
    }

    /// Reads a string and appends its text, escapes resolved, to `out`.
    mutating func unescapedString(
        into out: inout [UInt8], limit: Int
    ) throws(WireError) {
        try expect(0x22)
        let size = out.count
        var runStart = position
        while position < end {
            let byte = text[position]
            if byte == 0x22 || byte == 0x5c {
                out.append(contentsOf: ByteText.slice(text, runStart, position))
                guard out.count &- size <= limit else { throw .tooLarge }
                if byte == 0x22 {
                    position &+= 1
                    return
                }
                append(try escape(), to: &out)
                runStart = position
            } else if byte < 0x20 {
                throw .controlByte
            } else if byte < 0x80 {
                position &+= 1
            } else {
                try utf8Sequence()
            }
        }
        throw .truncated
    }

    /// Takes an escape and gives the scalar that it stands for.
    private mutating func escape() throws(WireError) -> UInt32 {
        position &+= 1
        guard position < end else { throw .truncated }
        let letter = text[position]
        position &+= 1
        switch letter {
        case 0x22, 0x5c, 0x2f: return UInt32(letter)
        case 0x62: return 0x08
        case 0x66: return 0x0c
        case 0x6e: return 0x0a
        case 0x72: return 0x0d
        case 0x74: return 0x09
        case 0x75: return try unicodeEscape()
        default: throw .badEscape
        }
    }

    private mutating func unicodeEscape() throws(WireError) -> UInt32 {
        let first = try hexUnit()
        guard first >= 0xd800, first <= 0xdfff else { return first }
        guard first < 0xdc00 else { throw .badEscape }
        guard position &+ 1 < end else { throw .truncated }
        guard text[position] == 0x5c, text[position &+ 1] == 0x75 else { throw .badEscape }
        position &+= 2
        let second = try hexUnit()
        guard second >= 0xdc00, second <= 0xdfff else { throw .badEscape }
        return 0x1_0000 &+ (first &- 0xd800) << 10 &+ (second &- 0xdc00)
    }

    private mutating func hexUnit() throws(WireError) -> UInt32 {
        guard position &+ 4 <= end else { throw .truncated }
        var value: UInt32 = 0
        let stop = position &+ 4
        while position < stop {
            let byte = text[position]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte &- 0x30
            case 0x41...0x46: digit = byte &- 0x37
            case 0x61...0x66: digit = byte &- 0x57
            default: throw .badEscape
            }
            value = value << 4 | UInt32(digit)
            position &+= 1
        }
        return value
    }

    private func append(_ scalar: UInt32, to out: inout [UInt8]) {
        if scalar < 0x80 { return out.append(UInt8(scalar)) }
        if scalar < 0x800 {
            out.append(UInt8(0xc0 | scalar >> 6))
        } else {
            if scalar < 0x1_0000 {
                out.append(UInt8(0xe0 | scalar >> 12))
            } else {
                out.append(UInt8(0xf0 | scalar >> 18))
                out.append(UInt8(0x80 | scalar >> 12 & 0x3f))
            }
            out.append(UInt8(0x80 | scalar >> 6 & 0x3f))
        }
        out.append(UInt8(0x80 | scalar & 0x3f))
    }

    /// Takes one character of two to four bytes; overlong forms and surrogates are refused.
    private mutating func utf8Sequence() throws(WireError) {
        let lead = text[position]
        let length: Int
        var low: UInt8 = 0x80
        var high: UInt8 = 0xbf
        switch lead {
        case 0xc2...0xdf: length = 2
        case 0xe0: (length, low) = (3, 0xa0)
        case 0xed: (length, high) = (3, 0x9f)
        case 0xe1...0xef: length = 3
        case 0xf0: (length, low) = (4, 0x90)
        case 0xf4: (length, high) = (4, 0x8f)
        case 0xf1...0xf3: length = 4
        default: throw .badUTF8
        }
        guard position &+ length <= end else { throw .badUTF8 }
        guard text[position &+ 1] >= low, text[position &+ 1] <= high else { throw .badUTF8 }
        var index = 2
        while index < length {
            guard text[position &+ index] & 0xc0 == 0x80 else { throw .badUTF8 }
            index &+= 1
        }
        position &+= length
    }
}
