/// Where the fields of one object stand, by their number. The memory is kept from object to object.
final class SpanTable {
    private let spans: UnsafeMutablePointer<JSONSpan>
    private let count: Int

    init(count: Int) {
        self.count = count
        spans = .allocate(capacity: count)
        spans.initialize(repeating: .none, count: count)
    }

    deinit { spans.deallocate() }

    /// Forgets all fields.
    @inline(__always) func clear() { spans.update(repeating: .none, count: count) }

    /// The place of field `index`, which is below `count`.
    @inline(__always) subscript(index: Int) -> JSONSpan {
        get { spans[index] }
        set { spans[index] = newValue }
    }
}
