// Little-endian loads and stores at byte offsets. Bounds are the caller's duty and are checked
// by the buffer in debug builds; every caller has compared lengths before.

extension UnsafeRawBufferPointer {
    func load16(_ offset: Int) -> UInt16 {
        UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    func load32(_ offset: Int) -> UInt32 {
        UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    func load64(_ offset: Int) -> UInt64 {
        UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    func loadSigned64(_ offset: Int) -> Int64 { Int64(bitPattern: load64(offset)) }

    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }
}

extension UnsafeMutableRawBufferPointer {
    func store16(_ value: UInt16, _ offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt16.self)
    }

    func store32(_ value: UInt32, _ offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    func store64(_ value: UInt64, _ offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
    }

    func storeSigned64(_ value: Int64, _ offset: Int) {
        store64(UInt64(bitPattern: value), offset)
    }

    /// Stores the CRC-32C of everything before the last four bytes into the last four bytes.
    func storeTrailingChecksum() {
        precondition(count >= 4)
        let covered = UnsafeRawBufferPointer(rebasing: self[0..<(count - 4)])
        store32(Checksum.crc32c(covered), count - 4)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the last four bytes are the CRC-32C of everything before them.
    var hasTrailingChecksum: Bool {
        count >= 4 && load32(count - 4) == Checksum.crc32c(slice(0..<(count - 4)))
    }
}

/// A reusable block of memory that grows and never shrinks.
final class GrowingBuffer {
    private(set) var memory: UnsafeMutableRawBufferPointer

    init(capacity: Int = 0) { memory = .allocate(byteCount: capacity, alignment: 16) }

    deinit { memory.deallocate() }

    /// At least `count` bytes; the first `keeping` keep their contents.
    func reserve(_ count: Int, keeping: Int = 0) -> UnsafeMutableRawBufferPointer {
        precondition(keeping <= memory.count && keeping <= count)
        if memory.count < count {
            let grown = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(count, memory.count * 2), alignment: 16)
            grown.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[0..<keeping]))
            memory.deallocate()
            memory = grown
        }
        return UnsafeMutableRawBufferPointer(rebasing: memory[0..<count])
    }
}
