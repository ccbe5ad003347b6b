import Engine

/// L2 CSV in the form of Tardis: `exchange,symbol,timestamp,local_timestamp,is_snapshot,side,
/// price,amount`. Consecutive rows with equal first five columns are one message.
final class LevelCSVReader: CaptureLines {
    private let session: CaptureSession
    private(set) var skippedLines = 0
    let touch: TouchObservation? = nil
    private var group = RowGroup()
    /// Bytes of the first five columns of the group's rows.
    private var keyCount = 0
    private var hasHeader = false
    private var lastTime: Int64 = 0
    /// Books of the venues that this recording speaks of.
    private var used: [RecordedBooks] = []
    /// Rows whose book cannot be told.
    private var lost = LostLines()

    init(session: CaptureSession) { self.session = session }

    func push(_ line: Bytes) -> CaptureRecord? {
        if line.isEmpty || line[0] == 0x23 {
            skippedLines += 1
            return nil
        }
        if !hasHeader {
            hasHeader = true
            if ByteText.equal(line, CaptureFormat.levelHeader) { return nil }
        }
        if group.isHolding { begin() }
        let key = LevelCSVReader.key(line)
        let isSame = !group.isEmpty && key > 0 && key == keyCount && isPrefix(line, key)
        if group.isEmpty || isSame {
            group.append(line)
            keyCount = key
            return nil
        }
        group.hold(line)
        return record
    }

    func finish() -> CaptureRecord? {
        if group.isHolding { begin() }
        return group.isEmpty ? nil : record
    }

    private func begin() {
        group.begin()
        keyCount = group.bytes.withUnsafeBufferPointer { LevelCSVReader.key($0) }
    }

    private func isPrefix(_ line: Bytes, _ count: Int) -> Bool {
        group.bytes.withUnsafeBufferPointer {
            ByteText.equal(ByteText.slice($0, 0, count), ByteText.slice(line, 0, count))
        }
    }

    /// Bytes up to the fifth comma; 0 where the row has not eight columns.
    private static func key(_ row: Bytes) -> Int {
        guard CSVRow.columns(in: row) == 8 else { return 0 }
        var commas = 0
        var index = 0
        while commas < 5 {
            if row[index] == 0x2c { commas += 1 }
            index += 1
        }
        return index
    }

    private var record: CaptureRecord {
        let time = group.bytes.withUnsafeBufferPointer { bytes -> Int64? in
            CSVRow.column(3, in: group.row(0, in: bytes)).flatMap { try? ReceiveTime.nanos($0) }
        }
        if let time { lastTime = time }
        return CaptureRecord(receivedAt: time ?? lastTime, isMessage: time ?? lastTime > 0)
    }

    func apply(_ record: CaptureRecord, into block: inout EventBlock) -> Outcome {
        defer { if !group.isHolding { group.begin() } }
        return group.bytes.withUnsafeBufferPointer { bytes in
            apply(bytes, record.receivedAt, &block)
        }
    }

    private func apply(
        _ bytes: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        let first = group.row(0, in: bytes)
        guard let exchange = CSVRow.column(0, in: first), let symbol = CSVRow.column(1, in: first),
            let endpoint = VenueEndpoint(name: exchange),
            let books = session.recordedBooks(endpoint)
        else { return loseAll(.unknownMessage, bytes, receivedAt, &block) }
        // Rows without a time belong to no block: what they open and lose is said with the next.
        guard receivedAt > 0 else { return loseAll(.badTime, bytes, receivedAt, &block) }
        noteUsed(books, receivedAt, &block)
        do throws(WireError) {
            guard !group.isOverfull else { throw .tooLarge }
            guard keyCount > 0, let stamp = CSVRow.column(2, in: first),
                let local = CSVRow.column(3, in: first), let flag = CSVRow.column(4, in: first)
            else { throw .missingField }
            _ = try ReceiveTime.nanos(local)
            let isSnapshot = ByteText.equal(flag, "true")
            guard isSnapshot || ByteText.equal(flag, "false") else { throw .missingField }
            let sourceTime = stamp.isEmpty ? Timestamp.none : try ReceiveTime.nanos(stamp)
            return try books.receive(
                symbol, isSnapshot: isSnapshot, sourceTime: sourceTime, receivedAt: receivedAt,
                &block
            ) { (scale) throws(WireError) in try readLevels(bytes, books.context, scale) }
        } catch {
            if keyCount == 0 || !books.knows(symbol) {
                return loseAll(error, bytes, receivedAt, &block)
            }
            return books.lose(symbol, error, bytes, receivedAt, &block)
        }
    }

    /// Opens the books; those that the recording has not used before may have lost rows already.
    private func noteUsed(
        _ books: RecordedBooks, _ receivedAt: Int64, _ block: inout EventBlock
    ) {
        let mayHaveLost = books.isUp || used.isEmpty
        books.open(receivedAt, &block)
        if used.contains(where: { $0 === books }) { return }
        used.append(books)
        guard mayHaveLost else { return }
        lost.forEach { books.loseAll($0, $1, receivedAt, &block) }
    }

    /// Nobody can tell whose book the rows change: every book of the recording is invalid.
    private func loseAll(
        _ error: WireError, _ rows: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        for books in used { books.loseAll(error, rows, receivedAt, &block) }
        return lost.keep(error, rows)
    }

    private func readLevels(
        _ bytes: Bytes, _ context: AdapterContext, _ scale: LevelScale
    ) throws(WireError) {
        var index = 0
        while index < group.ends.count {
            let row = group.row(index, in: bytes)
            let rest = ByteText.slice(row, keyCount, row.count)
            guard let side = CSVRow.column(0, in: rest), let price = CSVRow.column(1, in: rest),
                let size = CSVRow.column(2, in: rest)
            else { throw .missingField }
            let isBid = ByteText.equal(side, "bid")
            guard isBid || ByteText.equal(side, "ask") else { throw .missingField }
            try (isBid ? context.bids : context.asks).append(
                price: try NumberText.scaled(price, scale.price),
                size: try NumberText.scaled(size, scale.size), scale)
            index += 1
        }
    }
}
