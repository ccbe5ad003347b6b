import Engine

/// Capture JSONL: `header`, `connect`, `send`, `http` and `recv` records, one a line.
///
/// 1. The venue of a connection is that of its `connect` address, of a request that of its URL;
///    else the recorder's name in the header.
/// 2. A REST answer may stand under another `conn` than the socket (`CaptureSession`).
final class JSONLinesReader: CaptureLines {
    /// What a line is.
    private enum Kind { case header, connect, send, http, recv, unknown }

    private let session: CaptureSession
    private(set) var skippedLines = 0
    private(set) var touch: TouchObservation?
    private var endpoint: VenueEndpoint?
    /// Connections that this recording opened or spoke of.
    private var opened: [CaptureConnection] = []
    private var last: CaptureConnection?
    /// Lines without a known connection.
    private var lost = LostLines()
    private var lastTime: Int64 = 0
    // The record that was pushed last.
    private var kind = Kind.unknown
    private var failure: WireError?
    private var data: [UInt8] = []
    private var url: [UInt8] = []
    private var name: [UInt8] = []
    /// Whether `name` stands in this very line.
    private var hasName = false

    init(session: CaptureSession) { self.session = session }

    func finish() -> CaptureRecord? { nil }

    func push(_ line: Bytes) -> CaptureRecord? {
        guard !line.isEmpty else { return nil }
        kind = .unknown
        failure = nil
        hasName = false
        data.removeAll(keepingCapacity: true)
        url.removeAll(keepingCapacity: true)
        do throws(WireError) {
            let time = try read(line)
            let isMessage = kind == .recv || kind == .http
            if isMessage { lastTime = time }
            return CaptureRecord(receivedAt: time, isMessage: isMessage)
        } catch {
            failure = error
            data.removeAll(keepingCapacity: true)
            data.append(contentsOf: line.prefix(Limits.rejectedBytesMax))
            return CaptureRecord(receivedAt: lastTime, isMessage: lastTime > 0)
        }
    }

    private func read(_ line: Bytes) throws(WireError) -> Int64 {
        var scanner = JSONScanner(line)
        let values = JSONFields(line)
        var time: Int64 = 0
        var hasData = false
        var cursor = try scanner.object()
        while let key = try scanner.nextKey(&cursor) {
            if ByteText.equal(key, "data") {
                try scanner.unescapedString(into: &data, limit: WireLimits.messageBytesMax)
                hasData = true
            } else if ByteText.equal(key, "url") || ByteText.equal(key, "addr") {
                try scanner.unescapedString(into: &url, limit: WireLimits.messageBytesMax)
            } else {
                let span = try scanner.skipValue()
                if ByteText.equal(key, "t") { kind = JSONLinesReader.kind(values.word(span)) }
                if ByteText.equal(key, "ts") { time = try ReceiveTime.nanos(values.raw(span)) }
                if ByteText.equal(key, "conn") { setName(values.word(span)) }
                if ByteText.equal(key, "exchange"), kind == .header {
                    endpoint = VenueEndpoint(name: values.word(span))
                }
            }
        }
        try scanner.finish()
        if kind == .recv || kind == .http {
            guard time > 0, hasData else { throw .missingField }
        }
        if kind == .unknown { throw .unknownMessage }
        return time
    }

    private func setName(_ text: Bytes) {
        name.removeAll(keepingCapacity: true)
        name.append(contentsOf: text.prefix(Limits.textBytesMax))
        hasName = true
    }

    private static func kind(_ word: Bytes) -> Kind {
        if ByteText.equal(word, "recv") { return .recv }
        if ByteText.equal(word, "http") { return .http }
        if ByteText.equal(word, "connect") { return .connect }
        if ByteText.equal(word, "send") { return .send }
        return ByteText.equal(word, "header") ? .header : .unknown
    }

    func apply(_ record: CaptureRecord, into block: inout EventBlock) -> Outcome {
        touch = nil
        if let failure {
            return data.withUnsafeBufferPointer { lose(failure, $0, record.receivedAt, &block) }
        }
        switch kind {
        case .header, .send, .unknown: return .unused(.recorderLine)
        case .connect:
            name.withUnsafeBufferPointer { name in
                url.withUnsafeBufferPointer { url in
                    guard let endpoint = VenueEndpoint(url: url) ?? endpoint else { return }
                    noteOpened(session.connection(endpoint, name), url)
                }
            }
            return .unused(.recorderLine)
        case .recv: return applySocket(record.receivedAt, &block)
        case .http: return applyREST(record.receivedAt, &block)
        }
    }

    /// A line was unreadable: the connection that it names lost a message, and every connection
    /// of the recording where its name was not read or is none of theirs. One that the recording
    /// speaks of later may have lost it too, where it is continued from another recording.
    private func lose(
        _ failure: WireError, _ line: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        let named = hasName ? opened.first { $0.name == name } : nil
        if let named { return named.lose(nil, failure, line, receivedAt, &block) }
        _ = lost.keep(failure, line)
        for connection in opened {
            _ = connection.lose(nil, failure, line, receivedAt, &block)
        }
        return .rejected(failure.reason)
    }

    private func noteOpened(_ connection: CaptureConnection?, _ address: Bytes) {
        guard let connection else { return }
        connection.noteOpened(address)
        noteUsed(connection)
    }

    private func noteUsed(_ connection: CaptureConnection) {
        if opened.contains(where: { $0 === connection }) { return }
        // A new one has lost nothing; it has the evidence where no other one has.
        if connection.isUp || !opened.contains(where: \.isUp) { connection.noteLost(lost) }
        opened.append(connection)
    }

    private func applySocket(_ receivedAt: Int64, _ block: inout EventBlock) -> Outcome {
        if last == nil || last?.name != name {
            // A connect record made the connection under its own address; without one, the header
            // names the venue.
            last = name.withUnsafeBufferPointer { name in
                opened.first { ByteText.equal(name, $0.name) }
                    ?? endpoint.flatMap { session.connection($0, name) }
            }
            if let last { noteUsed(last) }
        }
        guard let last else { return .unused(.noAdapter) }
        let outcome = data.withUnsafeBufferPointer {
            last.receive($0, .socket, receivedAt, &block)
        }
        touch = last.adapter.touch
        return outcome
    }

    private func applyREST(_ receivedAt: Int64, _ block: inout EventBlock) -> Outcome {
        name.withUnsafeBufferPointer { name in
            url.withUnsafeBufferPointer { url in
                data.withUnsafeBufferPointer { data in
                    guard let endpoint = VenueEndpoint(url: url) ?? endpoint else {
                        return .unused(.noAdapter)
                    }
                    return applyREST(endpoint, name, url, data, receivedAt, &block)
                }
            }
        }
    }

    private func applyREST(
        _ endpoint: VenueEndpoint, _ name: Bytes, _ url: Bytes, _ data: Bytes,
        _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        var failure: WireError?
        if VenueRegistry.isInstrumentList(url, endpoint.venue) {
            do throws(WireError) {
                try VenueRegistry.readInstrumentList(
                    data, endpoint.venue, into: session.instruments)
                return .unused(.instrumentList)
            } catch {
                failure = error
            }
        }
        let symbol = QueryText.value("symbol", in: url)
        guard let connection = session.connection(rest: endpoint, name, symbol: symbol) else {
            return .unused(.noAdapter)
        }
        if !lost.isEmpty { noteUsed(connection) }
        if let failure { return connection.reject(failure, data, receivedAt, &block) }
        return connection.receive(data, .rest(url), receivedAt, &block)
    }
}
