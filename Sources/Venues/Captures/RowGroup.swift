import Engine

/// Collects consecutive rows of a CSV that make one message, with one row of look-ahead.
struct RowGroup {
    /// Rows of the message, without line ends.
    private(set) var bytes: [UInt8] = []
    /// Where each row ends in `bytes`.
    private(set) var ends: [Int] = []
    private var next: [UInt8] = []
    private var hasNext = false
    /// Whether the message has more rows than one may have; those beyond are not kept.
    private(set) var isOverfull = false

    /// Rows of one message: both sides at the engine's limit.
    private static var rowsMax: Int { 2 * Limits.levelsPerSideMax }

    var isEmpty: Bool { ends.isEmpty }

    /// Starts with the row that ended the message before.
    mutating func begin() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        isOverfull = false
        guard hasNext else { return }
        swap(&bytes, &next)
        next.removeAll(keepingCapacity: true)
        ends.append(bytes.count)
        hasNext = false
    }

    mutating func append(_ row: Bytes) {
        guard ends.count < RowGroup.rowsMax,
            bytes.count + row.count <= 2 * WireLimits.messageBytesMax
        else {
            isOverfull = true
            return
        }
        bytes.append(contentsOf: row)
        ends.append(bytes.count)
    }

    /// Keeps the row for the message after this one.
    mutating func hold(_ row: Bytes) {
        next.removeAll(keepingCapacity: true)
        next.append(contentsOf: row)
        hasNext = true
    }

    /// Whether a row is held back.
    var isHolding: Bool { hasNext }

    /// The row at `index` of `text`, which are the bytes of this group.
    func row(_ index: Int, in text: Bytes) -> Bytes {
        ByteText.slice(text, index == 0 ? 0 : ends[index - 1], ends[index])
    }
}
