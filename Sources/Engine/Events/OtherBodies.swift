/// `onChainEvent`: an event on a chain, kept as the sender's bytes.
public struct OnChainEvent: Equatable, Sendable {
    /// What happened, in the sender's words.
    public var type: [UInt8]
    /// The account it concerns.
    public var account: [UInt8]
    /// Key of idempotence: transaction signature and event index.
    public var key: [UInt8]
    /// The sender's data.
    public var data: [UInt8]
    /// The chain's time, ns; `Timestamp.none` where there is none.
    public var sourceTime: Int64

    /// An event on a chain.
    public init(
        type: [UInt8], account: [UInt8], key: [UInt8], data: [UInt8], sourceTime: Int64
    ) {
        self.type = type
        self.account = account
        self.key = key
        self.data = data
        self.sourceTime = sourceTime
    }

    func encode(to writer: inout ByteWriter) {
        writer.put(text: type)
        writer.put(text: account)
        writer.put(text: key)
        writer.put(text: data)
        writer.put(sourceTime)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        type = try reader.text(limit: Limits.textBytesMax)
        account = try reader.text(limit: Limits.textBytesMax)
        key = try reader.text(limit: Limits.textBytesMax)
        data = try reader.text(limit: Int(UInt16.max))
        sourceTime = try reader.integer(Int64.self)
    }
}

/// `clockStep`: the wall clock was stepped against the monotonic clock.
public struct ClockStep: Equatable, Sendable {
    /// New wall time less expected wall time, ns.
    public var step: Int64

    /// A step of `step` ns.
    public init(step: Int64) { self.step = step }

    func encode(to writer: inout ByteWriter) { writer.put(step) }

    init(from reader: inout ByteReader) throws(CodecError) {
        step = try reader.integer(Int64.self)
    }
}

/// `clockGap`: no tick was due to be made for longer than the limit.
public struct ClockGap: Equatable, Sendable {
    /// Time of the event before the stall, ns.
    public var from: Int64
    /// Time of the one tick that follows, ns.
    public var to: Int64

    /// A stall between two times.
    public init(from: Int64, to: Int64) {
        self.from = from
        self.to = to
    }

    func encode(to writer: inout ByteWriter) {
        writer.put(from)
        writer.put(to)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        from = try reader.integer(Int64.self)
        to = try reader.integer(Int64.self)
    }
}

/// Why a message was rejected.
public enum RejectReason: UInt8, Sendable {
    /// Not well-formed JSON or CSV.
    case malformed = 1
    /// A field that the message needs is missing or has another type.
    case missingField = 2
    /// A number that breaks the rules of `reliability.md` section 3.
    case badNumber = 3
    /// A kind of message that the adapter does not know.
    case unknownMessage = 4
    /// A symbol that the adapter does not know.
    case unknownSymbol = 5
    /// A limit (message bytes, levels, depth of nesting) was exceeded.
    case tooLarge = 6
    /// Price or size outside its range.
    case outOfRange = 7
}

/// `rejectedMessage`: a message that could not be used, with its first 1 KiB.
public struct RejectedMessage: Equatable, Sendable {
    /// The venue it came from.
    public var venue: Venue
    /// The connection it came on.
    public var connection: UInt16
    /// Why.
    public var reason: RejectReason
    /// The message's first 1,024 bytes.
    public var prefix: [UInt8]

    /// A rejected message.
    public init(venue: Venue, connection: UInt16, reason: RejectReason, prefix: [UInt8]) {
        self.venue = venue
        self.connection = connection
        self.reason = reason
        self.prefix = prefix
    }

    func encode(to writer: inout ByteWriter) {
        writer.put(venue.rawValue)
        writer.put(connection)
        writer.put(reason.rawValue)
        writer.put(text: prefix)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        guard let venue = Venue(rawValue: try reader.byte()) else { throw .invalid(.venue) }
        connection = try reader.integer(UInt16.self)
        guard let reason = RejectReason(rawValue: try reader.byte()) else {
            throw .invalid(.state)
        }
        self.venue = venue
        self.reason = reason
        prefix = try reader.text(limit: Limits.rejectedBytesMax)
    }
}

/// `lateEvent`: a delivery that came too late to be folded.
public struct LateEvent: Equatable, Sendable {
    /// The sender's time, ns.
    public var sourceTime: Int64
    /// The delivery's bytes.
    public var data: [UInt8]

    /// A late delivery.
    public init(sourceTime: Int64, data: [UInt8]) {
        self.sourceTime = sourceTime
        self.data = data
    }

    func encode(to writer: inout ByteWriter) {
        writer.put(sourceTime)
        writer.put(text: data)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        sourceTime = try reader.integer(Int64.self)
        data = try reader.text(limit: Int(UInt16.max))
    }
}
