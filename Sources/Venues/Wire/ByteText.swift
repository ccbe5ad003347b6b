/// A view of bytes of a message; valid only as long as the message is.
typealias Bytes = UnsafeBufferPointer<UInt8>

/// Comparing and copying text that stays bytes.
enum ByteText {
    /// Whether `bytes` spell `word`.
    @inline(__always) static func equal(_ bytes: Bytes, _ word: StaticString) -> Bool {
        guard bytes.count == word.utf8CodeUnitCount else { return false }
        var index = 0
        while index < bytes.count {
            if bytes[index] != word.utf8Start[index] { return false }
            index &+= 1
        }
        return true
    }

    /// Whether two texts are equal.
    @inline(__always) static func equal(_ a: Bytes, _ b: Bytes) -> Bool {
        guard a.count == b.count else { return false }
        var index = 0
        while index < a.count {
            if a[index] != b[index] { return false }
            index &+= 1
        }
        return true
    }

    /// Whether `bytes` spell the content of an array.
    @inline(__always) static func equal(_ bytes: Bytes, _ array: [UInt8]) -> Bool {
        array.withUnsafeBufferPointer { equal(bytes, $0) }
    }

    /// The eight bytes from `position` on as a number, zeros for those behind the end.
    @inline(__always) static func word(_ bytes: Bytes, _ position: Int) -> UInt64 {
        if position &+ 8 <= bytes.count, let base = bytes.baseAddress {
            return UnsafeRawPointer(base + position)
                .loadUnaligned(as: UInt64.self).littleEndian
        }
        var word: UInt64 = 0
        var index = bytes.count
        while index > position {
            index &-= 1
            word = word << 8 | UInt64(bytes[index])
        }
        return word
    }

    /// A hash of the first and the last eight bytes and the count; its top bits are the best.
    @inline(__always) static func hashOfEnds(_ bytes: Bytes) -> UInt64 {
        guard let base = UnsafeRawPointer(bytes.baseAddress), !bytes.isEmpty else { return 0 }
        let count = bytes.count
        let first: UInt64, last: UInt64
        if count >= 8 {
            first = base.loadUnaligned(as: UInt64.self).littleEndian
            last = base.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self).littleEndian
        } else if count >= 4 {
            first = UInt64(base.loadUnaligned(as: UInt32.self).littleEndian)
            last = UInt64(
                base.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self).littleEndian)
        } else {
            first = UInt64(bytes[0])
            last = UInt64(bytes[count &- 1]) << 8 | UInt64(bytes[count >> 1])
        }
        let mixed = (first ^ UInt64(count)) &* 0x9e37_79b9_7f4a_7c15
        return (mixed ^ mixed >> 32 ^ last) &* 0xd6e8_feb8_6659_fd93
    }

    /// Where `word` first stands in `bytes`.
    static func find(_ word: StaticString, in bytes: Bytes, from start: Int = 0) -> Int? {
        let count = word.utf8CodeUnitCount
        var index = start
        while index &+ count <= bytes.count {
            if equal(slice(bytes, index, index &+ count), word) { return index }
            index &+= 1
        }
        return nil
    }

    /// Where `byte` first stands in `bytes`.
    static func find(_ byte: UInt8, in bytes: Bytes, from start: Int = 0) -> Int? {
        var index = start
        while index < bytes.count {
            if bytes[index] == byte { return index }
            index &+= 1
        }
        return nil
    }

    /// The part `start ..< end`, which must lie inside.
    @inline(__always) static func slice(_ bytes: Bytes, _ start: Int, _ end: Int) -> Bytes {
        Bytes(rebasing: bytes[start..<end])
    }

    /// The bytes of a constant.
    @inline(__always) static func bytes(_ word: StaticString) -> Bytes {
        Bytes(start: word.utf8Start, count: word.utf8CodeUnitCount)
    }

    /// A constant as an array.
    static func array(_ word: StaticString) -> [UInt8] { Array(bytes(word)) }

    /// ASCII capitals of `byte`; other bytes stay.
    @inline(__always) static func upper(_ byte: UInt8) -> UInt8 {
        byte >= 0x61 && byte <= 0x7a ? byte &- 0x20 : byte
    }

    /// ASCII small letters of `byte`; other bytes stay.
    @inline(__always) static func lower(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5a ? byte &+ 0x20 : byte
    }
}
