/// Why bytes are not what the format says.
public enum CodecError: Error, Equatable, Sendable {
    /// The bytes end inside a field.
    case truncated
    /// A varint longer than ten bytes, or with bits beyond 64.
    case overlongVarint
    /// A field holds a value outside its range; the tag names the field.
    case invalid(CodecField)
    /// A version that this program does not know.
    case unknownVersion(UInt16)
    /// Bytes are left over behind the last field.
    case trailingBytes
    /// A declared size is above the decoder's limit.
    case tooLarge(CodecField)
}

/// Names the field of a codec error.
public enum CodecField: UInt8, Sendable {
    /// Block magic or kind of block.
    case block = 1
    /// Count of events, levels or parts.
    case count = 2
    /// Kind of an event.
    case kind = 3
    /// Venue id.
    case venue = 4
    /// State or reason word.
    case state = 5
    /// Side or taker side.
    case side = 6
    /// Exponent of a decimal.
    case exponent = 7
    /// Text length.
    case text = 8
    /// Index into a block's table of books.
    case book = 9
    /// Price or size.
    case level = 10
    /// Sequence or time.
    case order = 11
    /// Length of a column.
    case column = 12
    /// Flags with unknown bits.
    case flags = 13
    /// A number outside its documented range.
    case number = 14
}

/// Reads what `ByteWriter` wrote. Every read is checked against the end; nothing traps.
public struct ByteReader {
    private let base: UnsafePointer<UInt8>?
    /// Position of the next byte.
    public private(set) var position: Int
    /// Where the readable bytes end.
    public let end: Int

    /// Reads `bytes` from its start. The memory must outlive the reader.
    public init(_ bytes: UnsafeBufferPointer<UInt8>) {
        base = bytes.baseAddress
        position = 0
        end = bytes.count
    }

    /// A reader of the part `range` of the same memory.
    init(_ other: ByteReader, range: Range<Int>) {
        base = other.base
        position = range.lowerBound
        end = range.upperBound
    }

    /// Bytes not yet read.
    public var remaining: Int { end &- position }

    /// The next byte.
    @inline(__always) public mutating func byte() throws(CodecError) -> UInt8 {
        guard position < end, let base else { throw .truncated }
        let value = base[position]
        position &+= 1
        return value
    }

    /// A fixed-width little-endian integer.
    @inline(__always)
    public mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(CodecError) -> T {
        let width = T.bitWidth / 8
        guard remaining >= width, let base else { throw .truncated }
        var value: T = 0
        var index = width - 1
        while index >= 0 {
            if T.bitWidth > 8 { value <<= 8 }
            value |= T(truncatingIfNeeded: base[position &+ index])
            index -= 1
        }
        position &+= width
        return value
    }

    /// A 32-bit count or length, at most `Int32.max`: it fits `Int` on every machine.
    public mutating func length() throws(CodecError) -> Int {
        let value = try integer(UInt32.self)
        guard value <= UInt32(Int32.max) else { throw .tooLarge(.count) }
        return Int(value)
    }

    /// A truth value; anything but 0 and 1 is refused.
    public mutating func flag() throws(CodecError) -> Bool {
        let value = try byte()
        guard value <= 1 else { throw .invalid(.flags) }
        return value == 1
    }

    /// An exact decimal.
    public mutating func decimal() throws(CodecError) -> Decimal {
        let exponent = try byte()
        guard exponent <= 18 else { throw .invalid(.exponent) }
        let mantissa = try integer(Int64.self)
        guard mantissa.magnitude < Decimal.mantissaLimit else { throw .invalid(.number) }
        return Decimal(mantissa: mantissa, exponent: exponent)
    }

    /// Text of at most `limit` bytes.
    public mutating func text(limit: Int) throws(CodecError) -> [UInt8] {
        let count = Int(try integer(UInt16.self))
        guard count <= limit else { throw .tooLarge(.text) }
        return try bytes(count)
    }

    /// Text of 1 to `limit` bytes that stands in JSON as it is: no control, quote or backslash.
    public mutating func name(limit: Int) throws(CodecError) -> [UInt8] {
        let name = try text(limit: limit)
        guard !name.isEmpty else { throw .invalid(.text) }
        for byte in name where byte < 0x20 || byte == 0x22 || byte == 0x5c || byte == 0x7f {
            throw .invalid(.text)
        }
        return name
    }

    /// The next `count` bytes as an array.
    public mutating func bytes(_ count: Int) throws(CodecError) -> [UInt8] {
        guard count >= 0, remaining >= count, let base else {
            if count == 0 { return [] }
            throw .truncated
        }
        let start = position
        position &+= count
        return Array(UnsafeBufferPointer(start: base + start, count: count))
    }

    /// An unsigned varint.
    @inline(__always) public mutating func varint() throws(CodecError) -> UInt64 {
        let first = try byte()
        if first < 0x80 { return UInt64(first) }
        let second = try byte()
        let low = UInt64(first & 0x7f) | UInt64(second & 0x7f) << 7
        if second < 0x80 { return low }
        return try longVarint(low)
    }

    /// The rest of a varint whose first 14 bits are `low`.
    private mutating func longVarint(_ low: UInt64) throws(CodecError) -> UInt64 {
        var result = low
        var shift: UInt64 = 14
        while true {
            let next = try byte()
            if shift == 63, next > 1 { throw .overlongVarint }
            result |= UInt64(next & 0x7f) << shift
            if next < 0x80 { return result }
            shift &+= 7
            if shift > 63 { throw .overlongVarint }
        }
    }

    /// A signed varint in zigzag form.
    @inline(__always) public mutating func signed() throws(CodecError) -> Int64 {
        ZigZag.decode(try varint())
    }

    /// Refuses bytes behind the last field.
    public func finish() throws(CodecError) {
        guard position == end else { throw .trailingBytes }
    }
}
