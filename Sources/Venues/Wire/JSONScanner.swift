/// A forward scanner over one JSON text: no `String`, no allocation, no recursion deeper than
/// `WireLimits.depthMax`, every load guarded by the end of the text.
///
/// Strict beyond RFC 8259: invalid UTF-8, lone surrogates, strings above 4 KiB and duplicate or
/// escaped keys in the objects that are read are errors (`reliability.md` section 3). What nobody
/// reads is skipped, but its grammar is checked all the same.
struct JSONScanner {
    let text: Bytes
    let end: Int
    var position = 0
    /// Objects and arrays that are open.
    var depth = 0

    init(_ text: Bytes) {
        self.text = text
        end = text.count
    }

    @inline(__always) mutating func skipSpace() {
        while position < end {
            let byte = text[position]
            guard byte <= 0x20,
                byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
            else { return }
            position &+= 1
        }
    }

    /// The next byte that is no space, without taking it.
    @inline(__always) mutating func peek() -> UInt8? {
        skipSpace()
        return position < end ? text[position] : nil
    }

    /// Takes `byte` when it is next.
    @inline(__always) mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position &+= 1
        return true
    }

    @inline(__always) mutating func expect(_ byte: UInt8) throws(WireError) {
        guard take(byte) else { throw unexpected }
    }

    /// The error for the byte at `position`.
    var unexpected: WireError { position < end ? .unexpectedByte : .truncated }

    @inline(__always) mutating func open(_ byte: UInt8) throws(WireError) {
        try expect(byte)
        depth &+= 1
        guard depth <= WireLimits.depthMax else { throw .tooDeep }
    }

    @inline(__always) mutating func close() { depth &-= 1 }

    /// Opens an array; then `hasElement` tells whether another element follows.
    mutating func array() throws(WireError) { try open(0x5b) }

    /// Moves to the next element of the array that is open, or closes it.
    @inline(__always) mutating func hasElement(_ isFirst: inout Bool) throws(WireError) -> Bool {
        if take(0x5d) {
            close()
            return false
        }
        if isFirst { isFirst = false } else { try expect(0x2c) }
        return true
    }

    /// Refuses whatever follows the value.
    mutating func finish() throws(WireError) {
        skipSpace()
        guard position == end else { throw .trailingBytes }
    }

    /// Skips one value of any type and tells where it stood.
    mutating func skipValue() throws(WireError) -> JSONSpan {
        guard let byte = peek() else { throw .truncated }
        let start = position
        switch byte {
        case 0x22: _ = try string()
        case 0x7b: try skipObject()
        case 0x5b: try skipArray()
        case 0x74: try literal("true")
        case 0x66: try literal("false")
        case 0x6e: try literal("null")
        default: try skipNumber()
        }
        return JSONSpan(start: start, end: position)
    }

    private mutating func skipObject() throws(WireError) {
        try open(0x7b)
        if take(0x7d) { return close() }
        repeat {
            _ = try string()
            try expect(0x3a)
            _ = try skipValue()
        } while take(0x2c)
        try expect(0x7d)
        close()
    }

    private mutating func skipArray() throws(WireError) {
        try open(0x5b)
        if take(0x5d) { return close() }
        repeat { _ = try skipValue() } while take(0x2c)
        try expect(0x5d)
        close()
    }

    private mutating func literal(_ word: StaticString) throws(WireError) {
        let count = word.utf8CodeUnitCount
        guard position &+ count <= end else { throw .truncated }
        guard ByteText.equal(ByteText.slice(text, position, position &+ count), word) else {
            throw .unexpectedByte
        }
        position &+= count
    }

    /// Checks that `text` is one JSON value and nothing else.
    static func validate(_ text: Bytes) throws(WireError) {
        var scanner = JSONScanner(text)
        _ = try scanner.skipValue()
        try scanner.finish()
    }
}
