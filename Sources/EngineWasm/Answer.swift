/// The bytes of the last answer, in memory that stays where it is until the next answer: the host
/// reads them through a pointer. Grows, never shrinks.
struct Answer: ~Copyable {
    private(set) var base: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    private var capacity: Int

    init() {
        capacity = 65_536
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    /// Forgets the last answer.
    mutating func clear() { count = 0 }

    /// Appends `bytes`.
    mutating func append(_ bytes: [UInt8]) {
        reserve(bytes.count)
        bytes.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            (base + count).update(from: start, count: source.count)
        }
        count += bytes.count
    }

    /// Appends the low `width` bytes of `value`, little-endian.
    mutating func append(_ value: UInt64, width: Int) {
        reserve(width)
        for index in 0..<width {
            base[count + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
        }
        count += width
    }

    private mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        let size = max(count + more, capacity * 2)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
        capacity = size
    }
}
