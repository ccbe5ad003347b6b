import Engine

/// Turns rows back into the message that they were made of, so that the adapter's own rules hold
/// for it and no second set of rules exists.
struct BinanceCSVMessage {
    let header: BinanceCSVHeader
    let group: RowGroup
    let rows: Bytes

    private func row(_ index: Int) -> Bytes { group.row(index, in: rows) }

    /// Writes the message of `kind` to `out`.
    func write(_ kind: BinanceCSVKind, to out: inout [UInt8]) throws(WireError) {
        switch kind {
        case .delta: try writeDelta(&out)
        case .trade: try writeTrade(&out)
        case .snapshot:
            try writeField("{\"lastUpdateId\":", .snapshotID, &out)
            try writeSides(",\"bids\":[", "],\"asks\":[", &out)
        case .finalBook:
            append("{\"lastUpdateId\":", &out)
            DecimalText.append(try newestID(), to: &out)
            try writeSides(",\"bids\":[", "],\"asks\":[", &out)
        }
    }

    private func writeDelta(_ out: inout [UInt8]) throws(WireError) {
        for index in 1..<max(group.ends.count, 1) {
            guard header.agree(row(0), row(index), [.eventTime, .transactionTime]) else {
                throw .badTime
            }
        }
        try writeField("{\"e\":\"depthUpdate\",\"s\":\"", .symbol, &out)
        try writeField("\",\"E\":", .eventTime, &out)
        if header.has(.transactionTime) {
            try writeField(",\"T\":", .transactionTime, &out)
        }
        try writeField(",\"U\":", .firstID, &out)
        try writeField(",\"u\":", .lastID, &out)
        if header.has(.previousID) { try writeField(",\"pu\":", .previousID, &out) }
        try writeSides(",\"b\":[", "],\"a\":[", &out)
    }

    private func writeTrade(_ out: inout [UInt8]) throws(WireError) {
        try writeField("{\"e\":\"trade\",\"s\":\"", .symbol, &out)
        try writeField("\",\"E\":", .eventTime, &out)
        try writeField(",\"T\":", .transactionTime, &out)
        try writeField(",\"t\":", .tradeID, &out)
        try writeField(",\"p\":\"", .price, &out)
        try writeField("\",\"q\":\"", .size, &out)
        if header.has(.tradeKind) {
            // Empty where the venue said `NA`: no market trade either.
            append("\",\"X\":\"", &out)
            try write(header.text(.tradeKind, row(0)), &out)
        }
        let maker = header.text(.isBuyerMaker, row(0))
        let isMaker = ByteText.equal(maker, "1")
        guard isMaker || ByteText.equal(maker, "0") else { throw .missingField }
        append(isMaker ? "\",\"m\":true}" : "\",\"m\":false}", &out)
    }

    private func writeSides(
        _ bids: StaticString, _ asks: StaticString, _ out: inout [UInt8]
    ) throws(WireError) {
        append(bids, &out)
        try writeSide("0", &out)
        append(asks, &out)
        try writeSide("1", &out)
        append("]}", &out)
    }

    private func writeSide(_ flag: StaticString, _ out: inout [UInt8]) throws(WireError) {
        var isFirst = true
        for index in group.ends.indices {
            let row = row(index)
            let side = header.text(.isAsk, row)
            guard ByteText.equal(side, "0") || ByteText.equal(side, "1") else { throw .badNumber }
            guard ByteText.equal(side, flag) else { continue }
            append(isFirst ? "[\"" : ",[\"", &out)
            isFirst = false
            try write(header.text(.price, row), &out)
            append("\",\"", &out)
            try write(header.text(.size, row), &out)
            append("\"]", &out)
        }
    }

    /// The newest `u` of all rows.
    private func newestID() throws(WireError) -> Int64 {
        var newest: Int64 = -1
        for index in group.ends.indices {
            guard let id = NumberText.integer(header.text(.lastID, row(index))) else {
                throw .badNumber
            }
            newest = max(newest, id)
        }
        return newest
    }

    private func writeField(
        _ before: StaticString, _ column: BinanceCSVColumn, _ out: inout [UInt8]
    ) throws(WireError) {
        append(before, &out)
        let text = header.text(column, row(0))
        guard !text.isEmpty else { throw .missingField }
        try write(text, &out)
    }

    private func write(_ text: Bytes, _ out: inout [UInt8]) throws(WireError) {
        guard text.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5c }) else {
            throw .unexpectedByte
        }
        out.append(contentsOf: text)
    }

    private func append(_ word: StaticString, _ out: inout [UInt8]) {
        out.append(contentsOf: ByteText.bytes(word))
    }
}
