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

    func ask(_ command: AdapterCommand) {
        if commands.count < AdapterContext.commandsMax { commands.append(command) }
    }

    func drainCommands(_ take: (AdapterCommand) -> Void) {
        for command in commands { take(command) }
        commands.removeAll(keepingCapacity: true)
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

    /// Keeps the first bytes of a message that could not be used.
    func reject(
        _ error: WireError, _ message: Bytes, _ receivedAt: Int64, _ block: inout EventBlock
    ) -> Outcome {
        let prefix = Array(message.prefix(Limits.rejectedBytesMax))
        block.append(
            .rejectedMessage(
                RejectedMessage(
                    venue: venue, connection: connection, reason: error.reason, prefix: prefix)),
            receivedAt: receivedAt)
        return .rejected(error.reason)
    }

    /// The state of a book after an error in its sequence.
    static func invalidity(_ error: WireError) -> BookValidity {
        error == .outOfRange || error == .tooLarge ? .invalid(.overflow) : .invalid(.parse)
    }
}
