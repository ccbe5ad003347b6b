import Engine

/// Bytes that the buffers of one connection hold together.
final class BufferBudget {
    static var bytesMax: Int { 64 << 20 }
    fileprivate(set) var bytes = 0
}

/// Messages that wait for a snapshot (V.12): at most 10,000 of them, 16 MiB, 30 s, and 64 MiB in
/// all buffers of a connection.
struct MessageBuffer {
    /// One message and its place in the venue's sequence.
    struct Entry {
        let start: Int
        let count: Int
        let receivedAt: Int64
        let range: UpdateRange
    }

    static var messagesMax: Int { 10_000 }
    static var bytesMax: Int { 16 << 20 }
    static var nanosMax: Int64 { 30 * Timestamp.second }

    private(set) var entries: [Entry] = []
    private var bytes: [UInt8] = []
    private let budget: BufferBudget

    /// Memory that an empty buffer keeps.
    private static var keptBytesMax: Int { 1 << 20 }

    init(budget: BufferBudget) { self.budget = budget }

    /// Bytes of memory that are held.
    var capacity: Int { bytes.capacity }

    /// Whether a further message of `count` bytes is within the limits.
    func hasRoom(for count: Int, at receivedAt: Int64) -> Bool {
        guard let first = entries.first else {
            return budget.bytes + count <= BufferBudget.bytesMax
        }
        let (age, overflow) = receivedAt.subtractingReportingOverflow(first.receivedAt)
        return entries.count < MessageBuffer.messagesMax
            && bytes.count + count <= MessageBuffer.bytesMax
            && budget.bytes + count <= BufferBudget.bytesMax && !overflow
            && age <= MessageBuffer.nanosMax
    }

    mutating func append(_ message: Bytes, _ range: UpdateRange, _ receivedAt: Int64) {
        entries.append(
            Entry(
                start: bytes.count, count: message.count, receivedAt: receivedAt, range: range))
        bytes.append(contentsOf: message)
        budget.bytes += message.count
    }

    /// Forgets all messages, and gives back the memory of many.
    mutating func clear() {
        budget.bytes -= bytes.count
        let isSmall = bytes.capacity <= MessageBuffer.keptBytesMax
        entries.removeAll(keepingCapacity: isSmall)
        bytes.removeAll(keepingCapacity: isSmall)
    }

    /// The bytes of all messages, taken out so that they can be read while the book changes.
    mutating func take() -> (entries: [Entry], bytes: [UInt8]) {
        budget.bytes -= bytes.count
        defer {
            entries = []
            bytes = []
        }
        return (entries, bytes)
    }
}
