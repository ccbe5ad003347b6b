import Engine

/// Collects consecutive rows of a CSV that make one message, with one row of look-ahead.
struct RowGroup {
    /// Rows of the message, without line ends.
    private(set) var bytes: [UInt8] = []
    /// Where each row ends in `bytes`.
    private(set) var ends: [Int] = []
    private var next: [UInt8] = []
    private var hasNext = false

    var isEmpty: Bool { ends.isEmpty }

    /// Starts with the row that ended the message before.
    mutating func begin() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        guard hasNext else { return }
        swap(&bytes, &next)
        next.removeAll(keepingCapacity: true)
        ends.append(bytes.count)
        hasNext = false
    }

    mutating func append(_ row: Bytes) {
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

/// Columns of a row; no quoting, as none of the formats has it.
enum CSVRow {
    /// Where the column `index` stands.
    static func column(_ index: Int, in row: Bytes) -> Bytes? {
        var start = 0
        var left = index
        while left > 0 {
            guard let comma = ByteText.find(0x2c, in: row, from: start) else { return nil }
            start = comma + 1
            left -= 1
        }
        let end = ByteText.find(0x2c, in: row, from: start) ?? row.count
        return ByteText.slice(row, start, end)
    }

    /// Count of columns.
    static func columns(in row: Bytes) -> Int {
        var count = 1
        var index = 0
        while index < row.count {
            if row[index] == 0x2c { count += 1 }
            index += 1
        }
        return count
    }
}
