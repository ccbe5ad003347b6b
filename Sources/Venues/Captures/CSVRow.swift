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
