import Engine

/// What every adapter has: its place in events, its commands, and the buffers it reuses.
final class AdapterContext {
    let venue: Venue
    let connection: UInt16
    /// Name of the connection in a capture; may be empty.
    let name: [UInt8]
    let instruments: InstrumentTable
    let bids = LevelBuffer()
    let asks = LevelBuffer()
    var touch: TouchObservation?
    private var commands: [AdapterCommand] = []

    /// Commands that nobody drains (captures) are dropped beyond this count.
    private static var commandsMax: Int { 1_024 }

    init(venue: Venue, connection: UInt16, name: [UInt8], instruments: InstrumentTable) {
        self.venue = venue
        self.connection = connection
        self.name = name
        self.instruments = instruments
    }

    func key(_ instrument: UInt16) -> BookKey {
        BookKey(instrument: instrument, connection: connection)
    }

    /// Asks for `command`; asking twice to connect or subscribe anew says no more than once.
    func ask(_ command: AdapterCommand) {
        switch command {
        case .reconnect, .resubscribe: if commands.contains(command) { return }
        case .send, .get: break
        }
        if commands.count < AdapterContext.commandsMax { commands = commands + [command] }
    }

    func drainCommands(_ take: (AdapterCommand) -> Void) {
        let waiting = commands
        if waiting.isEmpty { return }
        commands = []
        for command in waiting { take(command) }
    }

    /// Appends the state of a book.
    func status(
        _ key: BookKey, _ validity: BookValidity, _ receivedAt: Int64, _ block: inout EventBlock
    ) {
        block.append(.venueStatus(VenueStatus(.book(key, validity))), receivedAt: receivedAt)
    }

    /// Appends the state of the connection.
    func status(_ state: ConnectionState, _ receivedAt: Int64, _ block: inout EventBlock) {
        block.append(
            .venueStatus(VenueStatus(.connection(connection, venue, name: name, state))),
            receivedAt: receivedAt)
    }

    /// Makes the levels in the buffers exact for `instrument`: `read` fills them again where they
    /// were read at another scale (or not yet: nil) or had finer digits. Gives the scale that
    /// holds them.
    func settle(
        _ instrument: Instrument, readAt: LevelScale?,
        _ read: (LevelScale) throws(WireError) -> Void
    ) throws(WireError) -> LevelScale {
        let known = instrument.scale
        if readAt != known { try readAgain(known, read) }
        guard bids.needsFiner || asks.needsFiner else { return known }
        let finer = try instrument.refined(
            known, price: max(bids.priceDigits, asks.priceDigits),
            size: max(bids.sizeDigits, asks.sizeDigits))
        try readAgain(finer, read)
        guard !bids.needsFiner, !asks.needsFiner else { throw .outOfRange }
        return finer
    }

    private func readAgain(
        _ scale: LevelScale, _ read: (LevelScale) throws(WireError) -> Void
    ) throws(WireError) {
        bids.clear()
        asks.clear()
        try read(scale)
    }

    /// Appends the levels in the buffers, after the definition that they need.
    func appendBook(
        _ kind: EventKind, _ instrument: Instrument, _ scale: LevelScale, _ place: BookPlace,
        _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) {
        let id = try instruments.define(instrument, scale, receivedAt, &block)
        if kind == .bookSnapshot { instrument.noteLargest(scale, bids, asks) }
        block.appendBook(
            kind,
            BookEventFields(
                key: key(id), flags: place.flags, receivedAt: receivedAt,
                sourceTime: place.time, firstVenueSequence: place.first,
                lastVenueSequence: place.last),
            bids: bids.levels, asks: asks.levels)
    }

    /// Keeps the first bytes of a message that could not be used.
    func reject(
        _ error: WireError, _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        block.appendRejected(error, message, venue, connection, receivedAt)
    }

    /// The state of a book after an error in its sequence.
    static func invalidity(_ error: WireError) -> BookValidity {
        switch error {
        case .outOfRange, .tooLarge, .undefinable: .invalid(.overflow)
        default: .invalid(.parse)
        }
    }
}

extension EventBlock {
    /// Keeps the first bytes of a message that could not be used.
    mutating func appendRejected(
        _ error: WireError, _ message: Bytes, _ venue: Venue, _ connection: UInt16,
        _ receivedAt: Int64
    ) -> Outcome {
        let prefix = Array(message.prefix(Limits.rejectedBytesMax))
        append(
            .rejectedMessage(
                RejectedMessage(
                    venue: venue, connection: connection, reason: error.reason, prefix: prefix)),
            receivedAt: receivedAt)
        return .rejected(error.reason)
    }
}
