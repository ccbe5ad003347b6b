import Engine

/// Messages that wait for a snapshot (V.12): at most 10,000 of them, 16 MiB, 30 s.
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

    /// Whether a further message of `count` bytes is within the limits.
    func hasRoom(for count: Int, at receivedAt: Int64) -> Bool {
        guard let first = entries.first else { return true }
        let (age, overflow) = receivedAt.subtractingReportingOverflow(first.receivedAt)
        return entries.count < MessageBuffer.messagesMax
            && bytes.count + count <= MessageBuffer.bytesMax && !overflow
            && age <= MessageBuffer.nanosMax
    }

    mutating func append(_ message: Bytes, _ range: UpdateRange, _ receivedAt: Int64) {
        entries.append(
            Entry(
                start: bytes.count, count: message.count, receivedAt: receivedAt, range: range))
        bytes.append(contentsOf: message)
    }

    mutating func clear() {
        entries.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }

    /// The bytes of all messages, taken out so that they can be read while the book changes.
    mutating func take() -> (entries: [Entry], bytes: [UInt8]) {
        defer {
            entries = []
            bytes = []
        }
        return (entries, bytes)
    }
}
