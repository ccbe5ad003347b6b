import Engine

/// Per-level CSVs of Binance streams: difference depth, trades, snapshots, or all of them merged.
///
/// 1. The first line names the columns. Lines that begin with `#` are a report; where a file has
///    no symbol column, the report's `# DEPTH_SNAPSHOT SPOT BTCUSDT 14-04-2025` names it.
/// 2. A message is made of consecutive rows with equal receive time, stream, symbol and ids.
/// 3. Sizes such as `9781.0` are read as they stand.
final class BinanceCSVReader: CaptureLines {
    private let session: CaptureSession
    private(set) var skippedLines = 0
    private(set) var touch: TouchObservation?
    private var header: BinanceCSVHeader?
    private var group = RowGroup()
    private var reportMarket: [UInt8] = []
    private var reportSymbol: [UInt8] = []
    private var message: [UInt8] = []
    private var lastTime: Int64 = 0

    init(session: CaptureSession) { self.session = session }

    func push(_ line: Bytes) -> CaptureRecord? {
        if line.isEmpty || line[0] == 0x23 {
            skippedLines += 1
            readReport(line)
            return nil
        }
        guard let header else {
            header = BinanceCSVHeader(line)
            return nil
        }
        if group.isHolding { group.begin() }
        if group.isEmpty || continues(line, header) {
            group.append(line)
            return nil
        }
        group.hold(line)
        return record
    }

    func finish() -> CaptureRecord? {
        if group.isHolding { group.begin() }
        return group.isEmpty ? nil : record
    }

    private func continues(_ line: Bytes, _ header: BinanceCSVHeader) -> Bool {
        group.bytes.withUnsafeBufferPointer { bytes in
            let first = group.row(0, in: bytes)
            guard CSVRow.columns(in: line) == header.count, let kind = header.kind(first),
                header.kind(line) == kind, kind != .trade
            else { return false }
            return header.agree(first, line, kind.key)
        }
    }

    private var record: CaptureRecord? {
        let time = group.bytes.withUnsafeBufferPointer { bytes in
            try? header?.receivedAt(group.row(0, in: bytes))
        }
        if let time { lastTime = time }
        return CaptureRecord(receivedAt: lastTime, isMessage: lastTime > 0)
    }

    /// Takes market and symbol from a line of the report.
    private func readReport(_ line: Bytes) {
        let words = line.split(separator: 0x20).filter { !$0.elementsEqual([0x23]) }
        guard words.count == 4, words[3].count == 10 else { return }
        let first = words[0].drop { $0 == 0x23 }
        guard first.elementsEqual(ByteText.bytes("DEPTH_SNAPSHOT")) else { return }
        reportMarket = Array(words[1])
        reportSymbol = Array(words[2])
    }

    func apply(_ record: CaptureRecord, into block: inout EventBlock) -> Outcome {
        touch = nil
        defer { if !group.isHolding { group.begin() } }
        guard let header else { return .rejected(.malformed) }
        return group.bytes.withUnsafeBufferPointer { bytes in
            reportMarket.withUnsafeBufferPointer { market in
                let rows = BinanceCSVMessage(header: header, group: group, rows: bytes)
                let venue = header.venue(group.row(0, in: bytes), market: market)
                guard
                    let connection = session.connection(VenueEndpoint(venue), ByteText.bytes(""))
                else { return .unused(.noAdapter) }
                return apply(rows, connection, record.receivedAt, &block)
            }
        }
    }

    private func apply(
        _ rows: BinanceCSVMessage, _ connection: CaptureConnection, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) -> Outcome {
        let first = rows.group.row(0, in: rows.rows)
        let own = rows.header.text(.symbol, first)
        return reportSymbol.withUnsafeBufferPointer { report in
            let symbol = own.isEmpty ? report : own
            let kind = rows.header.kind(first)
            do throws(WireError) {
                guard let kind, CSVRow.columns(in: first) == rows.header.count else {
                    throw .unknownMessage
                }
                guard !group.isOverfull else { throw .tooLarge }
                _ = try rows.header.receivedAt(first)
                message.removeAll(keepingCapacity: true)
                try rows.write(kind, to: &message)
                return send(kind, symbol, connection, receivedAt, &block)
            } catch {
                let isTrade = kind == .trade
                return connection.lose(
                    isTrade ? nil : symbol, error, rows.rows, receivedAt, &block)
            }
        }
    }

    private func send(
        _ kind: BinanceCSVKind, _ symbol: Bytes, _ connection: CaptureConnection,
        _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        let query = ByteText.array("?symbol=") + symbol
        return query.withUnsafeBufferPointer { query in
            message.withUnsafeBufferPointer { message in
                let isREST = kind == .snapshot || kind == .finalBook
                return connection.receive(
                    message, isREST ? .rest(query) : .socket, receivedAt, &block)
            }
        }
    }
}
