import Engine

/// Lines `<receive time> <message>` of one Binance instrument. The venue is told from the first
/// message that shows it; the connection has no name. A REST depth stands bare in line: it belongs
/// to the one symbol of the file.
final class ReceivedLinesReader: CaptureLines {
    private let session: CaptureSession
    let skippedLines = 0
    private(set) var touch: TouchObservation?
    private var connection: CaptureConnection?
    /// `?symbol=` and the one symbol of the file, once it is known.
    private var query: [UInt8] = []
    private var lastTime: Int64 = 0
    private var message: [UInt8] = []
    private var failure: WireError?
    /// Lines from before the venue was known.
    private var lost = LostLines()
    /// A snapshot that came before the symbol was known.
    private var early: (message: [UInt8], receivedAt: Int64)?

    init(session: CaptureSession) { self.session = session }

    func finish() -> CaptureRecord? { nil }

    func push(_ line: Bytes) -> CaptureRecord? {
        guard !line.isEmpty else { return nil }
        message.removeAll(keepingCapacity: true)
        failure = nil
        do throws(WireError) {
            guard let blank = ByteText.find(0x20, in: line) else { throw .missingField }
            let time = try ReceiveTime.nanos(ByteText.slice(line, 0, blank))
            message.append(contentsOf: ByteText.slice(line, blank + 1, line.count))
            lastTime = time
            return CaptureRecord(receivedAt: time, isMessage: true)
        } catch {
            failure = error
            message.removeAll(keepingCapacity: true)
            message.append(contentsOf: line.prefix(Limits.rejectedBytesMax))
            return CaptureRecord(receivedAt: lastTime, isMessage: lastTime > 0)
        }
    }

    func apply(_ record: CaptureRecord, into block: inout EventBlock) -> Outcome {
        touch = nil
        return message.withUnsafeBufferPointer { message in
            if let failure {
                return connection?.lose(nil, failure, message, record.receivedAt, &block)
                    ?? lost.keep(failure, message)
            }
            return apply(message, record.receivedAt, &block)
        }
    }

    private func apply(
        _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        if connection == nil || query.isEmpty {
            if let early = look(at: message, receivedAt, &block) { return early }
        }
        guard let connection else { return lost.keep(.unknownMessage, message) }
        let before = applyEarly(connection, &block)
        let outcome: Outcome
        if ReceivedLinesReader.isBareSnapshot(message) {
            outcome = query.withUnsafeBufferPointer {
                connection.receive(message, .rest($0), receivedAt, &block)
            }
        } else {
            outcome = connection.receive(message, .socket, receivedAt, &block)
        }
        touch = connection.adapter.touch
        // One record, two messages: a rejected one is not hidden behind the other.
        if case .rejected? = before { return before ?? outcome }
        return outcome
    }

    /// Applies the snapshot that waited for its symbol, in front of the message that has it.
    private func applyEarly(
        _ connection: CaptureConnection, _ block: inout EventBlock
    ) -> Outcome? {
        guard !query.isEmpty, let (snapshot, time) = early else { return nil }
        early = nil
        return snapshot.withUnsafeBufferPointer { snapshot in
            query.withUnsafeBufferPointer { query in
                connection.receive(snapshot, .rest(query), time, &block)
            }
        }
    }

    /// Learns venue and symbol; an outcome where the message cannot be used yet.
    private func look(
        at message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome? {
        let shape: BinanceShape
        do throws(WireError) {
            shape = try BinanceShape(message)
        } catch {
            return connection == nil ? lost.keep(error, message) : nil
        }
        if connection == nil, let venue = shape.venue {
            connection = session.connection(VenueEndpoint(venue), ByteText.bytes(""))
            connection?.noteLost(lost)
        }
        if shape.symbol.isEmpty {
            guard shape.isSnapshot, connection != nil else { return nil }
            early = (Array(message), receivedAt)
            return .unused(.waitingForSnapshot)
        }
        query = ByteText.array("?symbol=") + shape.symbol
        return nil
    }

    /// Whether the message is a REST depth as it came, not a message of a stream.
    private static func isBareSnapshot(_ message: Bytes) -> Bool {
        let word: StaticString = "{\"lastUpdateId\""
        let count = word.utf8CodeUnitCount
        return message.count > count && ByteText.equal(ByteText.slice(message, 0, count), word)
    }
}
