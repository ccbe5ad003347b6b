import Engine

/// One connection of a recording and its adapter.
final class CaptureConnection {
    let endpoint: VenueEndpoint
    let name: [UInt8]
    let adapter: any VenueAdapter
    /// Addresses it was opened with, in small letters: they name streams.
    var addresses: [UInt8] = []
    private(set) var isUp = false
    /// A message came by the socket since it was opened.
    private var isTalking = false
    /// It was opened again after it had talked.
    private var isReopened = false
    /// Lines that it may have lost and that are not said yet.
    private var lost = LostLines()

    init(endpoint: VenueEndpoint, name: [UInt8], adapter: any VenueAdapter) {
        self.endpoint = endpoint
        self.name = name
        self.adapter = adapter
    }

    /// The recorder opened the connection, perhaps again; said to the adapter with the next
    /// message, because a connect record is none.
    func noteOpened(_ address: Bytes) {
        if isTalking { isReopened = true }
        isTalking = false
        addresses = address.map(ByteText.lower)
    }

    /// These lines may have been its messages; said to the adapter with its next one.
    func noteLost(_ lines: LostLines) {
        var all = lost
        all.add(lines)
        lost = all
    }

    /// Hands a message to the adapter, after the state of the connection where that changed.
    func receive(
        _ message: Bytes, _ origin: MessageOrigin, _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        open(receivedAt, &block)
        if case .socket = origin { isTalking = true }
        let outcome = adapter.receive(message, origin: origin, receivedAt: receivedAt, into: &block)
        // Nobody answers the wishes of a recording.
        adapter.drainCommands { _ in }
        return outcome
    }

    /// A message was lost. One without a time belongs to no block: it is said with the next.
    func lose(
        _ symbol: Bytes?, _ error: WireError, _ evidence: Bytes, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) -> Outcome {
        guard receivedAt > 0 else {
            var all = lost
            let outcome = all.keep(error, evidence)
            lost = all
            return outcome
        }
        open(receivedAt, &block)
        return adapter.lose(
            symbol: symbol, error, evidence: evidence, receivedAt: receivedAt, into: &block)
    }

    /// Keeps an answer that could not be read and that is no part of a book's sequence.
    func reject(
        _ error: WireError, _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        open(receivedAt, &block)
        return block.appendRejected(
            error, message, endpoint.venue, adapter.connection, receivedAt)
    }

    private func open(_ receivedAt: Int64, _ block: inout EventBlock) {
        if !isUp || isReopened { openAgain(receivedAt, &block) }
        if lost.isEmpty { return }
        let lines = lost
        lost = LostLines()
        lines.forEach { error, line in
            _ = adapter.lose(
                symbol: nil, error, evidence: line, receivedAt: receivedAt, into: &block)
        }
    }

    private func openAgain(_ receivedAt: Int64, _ block: inout EventBlock) {
        if isUp { adapter.connectionChanged(.down, receivedAt: receivedAt, into: &block) }
        adapter.connectionChanged(.up, receivedAt: receivedAt, into: &block)
        isUp = true
        isReopened = false
    }
}

/// What the recordings of one run share: the instrument table, and one adapter for each venue (and
/// market, where the address says it) and connection name, so that the parts of a recording
/// continue one book.
public final class CaptureSession {
    /// Instruments and connections of the run.
    public let instruments = InstrumentTable()
    private var connections: [CaptureConnection] = []
    private var recorded: [RecordedBooks] = []

    /// A session without connections.
    public init() {}

    /// The connection of this name, made when it is new; nil for a venue without adapter.
    func connection(_ endpoint: VenueEndpoint, _ name: Bytes) -> CaptureConnection? {
        let known = connections.first {
            endpoint.mayBelong(to: $0.endpoint) && ByteText.equal(name, $0.name)
        }
        if let known { return known }
        let endpoint = endpoint.settled
        guard name.count <= Limits.textBytesMax, let id = instruments.nextConnection(),
            let adapter = VenueRegistry.adapter(
                endpoint, connection: id, name: Array(name), instruments: instruments)
        else { return nil }
        let connection = CaptureConnection(
            endpoint: endpoint, name: Array(name), adapter: adapter)
        connections.append(connection)
        return connection
    }

    /// The socket that a REST answer belongs to: the one of the same name, else the one whose
    /// address or traffic names the symbol, else the only or first one of the venue, else a new
    /// one.
    func connection(
        rest endpoint: VenueEndpoint, _ name: Bytes, symbol: Bytes?
    ) -> CaptureConnection? {
        let candidates = connections.filter { endpoint.mayBelong(to: $0.endpoint) }
        if let same = candidates.first(where: { ByteText.equal(name, $0.name) }) { return same }
        if let symbol {
            let stream = symbol.map(ByteText.lower) + [0x40]
            let named = candidates.first { $0.addresses.contains(stream) }
            if let named { return named }
            if let seen = candidates.first(where: { $0.adapter.hasSeen(symbol: symbol) }) {
                return seen
            }
        }
        return candidates.first ?? connection(endpoint, name)
    }

    /// Books of a venue, and of one of its markets, that are given as levels, not as messages.
    func recordedBooks(_ endpoint: VenueEndpoint) -> RecordedBooks? {
        let endpoint = endpoint.settled
        let known = recorded.first {
            $0.venue == endpoint.venue && $0.market == endpoint.market
        }
        if let known { return known }
        guard let id = instruments.nextConnection() else { return nil }
        let books = RecordedBooks(endpoint, connection: id, instruments: instruments)
        recorded.append(books)
        return books
    }
}

extension [UInt8] {
    /// Whether `part` stands somewhere in the text.
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        guard !part.isEmpty, part.count <= count else { return false }
        return (0...(count - part.count)).contains { start in
            self[start..<start + part.count].elementsEqual(part)
        }
    }
}
