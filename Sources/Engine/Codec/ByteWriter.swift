/// Appends little-endian integers, varints and text to a byte buffer that is reused.
public struct ByteWriter: Sendable {
    /// What was written so far.
    public var bytes: [UInt8] = []

    /// An empty writer.
    public init() {}

    /// Forgets the content and keeps the memory.
    public mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    /// Writes one byte.
    @inline(__always) public mutating func put(_ value: UInt8) { bytes.append(value) }

    /// Writes a fixed-width integer, little-endian.
    @inline(__always) public mutating func put<T: FixedWidthInteger>(_ value: T) {
        var rest = value
        var left = T.bitWidth / 8
        while left > 0 {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            if T.bitWidth > 8 { rest >>= 8 }
            left &-= 1
        }
    }

    /// Writes a truth value as one byte, 0 or 1.
    public mutating func put(_ value: Bool) { bytes.append(value ? 1 : 0) }

    /// Writes an exact decimal: exponent, then mantissa.
    public mutating func put(_ value: Decimal) {
        put(value.exponent)
        put(value.mantissa)
    }

    /// Writes text: u16 length, then the bytes. Longer text is a caller's error.
    public mutating func put(text: [UInt8]) {
        precondition(text.count <= Int(UInt16.max), "text longer than its length field")
        put(UInt16(text.count))
        bytes.append(contentsOf: text)
    }

    /// Writes an unsigned LEB128 varint.
    @inline(__always) public mutating func putVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Writes a signed varint in zigzag form.
    @inline(__always) public mutating func putSigned(_ value: Int64) {
        putVarint(ZigZag.encode(value))
    }
}

/// Signed integers as unsigned ones, small magnitudes first: 0, −1, 1, −2, 2, …
enum ZigZag {
    @inline(__always) static func encode(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: (value << 1) ^ (value >> 63))
    }

    @inline(__always) static func decode(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
}
