/// A snapshot or a delta with its levels.
public struct BookEvent: Equatable, Sendable {
    /// The book.
    public var key: BookKey
    /// Snapshot, checksum and cut flags.
    public var flags: EventFlags
    /// The venue's time, ns; `Timestamp.none` where there is none.
    public var sourceTime: Int64
    /// The venue's first sequence; −1 where there is none.
    public var firstVenueSequence: Int64
    /// The venue's last sequence; −1 where there is none.
    public var lastVenueSequence: Int64
    /// Bid levels in the order of the message.
    public var bids: [PriceLevel]
    /// Ask levels in the order of the message.
    public var asks: [PriceLevel]
}

/// A trade.
public struct Trade: Equatable, Sendable {
    /// The instrument and the connection that reported it.
    public var key: BookKey
    /// Who crossed the spread.
    public var takerSide: TakerSide
    /// The venue's time, ns; `Timestamp.none` where there is none.
    public var sourceTime: Int64
    /// The venue's id of the trade; −1 where there is none.
    public var tradeID: Int64
    /// Price mantissa.
    public var price: Int64
    /// Size mantissa.
    public var size: Int64
}

/// The fields of one event, by kind.
public enum EventBody: Equatable, Sendable {
    /// See `SessionStart`.
    case sessionStart(SessionStart)
    /// See `EngineConfiguration`.
    case configuration(EngineConfiguration)
    /// See `InstrumentDefinition`.
    case instrumentDefinition(InstrumentDefinition)
    /// See `VenueStatus`.
    case venueStatus(VenueStatus)
    /// A book is replaced.
    case bookSnapshot(BookEvent)
    /// Levels are set or removed.
    case bookDelta(BookEvent)
    /// See `Trade`.
    case trade(Trade)
    /// See `Liquidation`.
    case liquidation(Liquidation)
    /// See `Funding`.
    case funding(Funding)
    /// See `OpenInterest`.
    case openInterest(OpenInterest)
    /// See `MarkPrice`.
    case markPrice(MarkPrice)
    /// See `PredictionTick`.
    case predictionTick(PredictionTick)
    /// See `OnChainEvent`.
    case onChainEvent(OnChainEvent)
    /// The clock reached the event's time.
    case clockTick
    /// See `ClockStep`.
    case clockStep(ClockStep)
    /// See `ClockGap`.
    case clockGap(ClockGap)
    /// See `RejectedMessage`.
    case rejectedMessage(RejectedMessage)
    /// See `LateEvent`.
    case lateEvent(LateEvent)
}

/// One fact, as a value: the readable form of a row of an `EventBlock`.
public struct Event: Equatable, Sendable {
    /// Dense number from the sequencer, from 1.
    public var sequence: UInt64
    /// Time of the event, ns.
    public var time: Int64
    /// When its message was received, ns; at most `time`.
    public var receivedAt: Int64
    /// The fields of its kind.
    public var body: EventBody
}

extension EventBlock {
    /// Appends an event of a rare kind; its time is set by `stamp(from:lastTime:)`.
    public mutating func append(_ body: EventBody, receivedAt: Int64) {
        let start = bodies.bytes.count
        let kind = encode(body)
        var header = EventHeader(kind: kind, receivedAt: receivedAt)
        header.bodyStart = UInt32(start)
        header.bodyCount = UInt32(bodies.bytes.count - start)
        headers.append(header)
    }

    /// Encodes the fields of a rare kind into `bodies`.
    private mutating func encode(_ body: EventBody) -> EventKind {
        switch body {
        case .sessionStart(let value): value.encode(to: &bodies); return .sessionStart
        case .configuration(let value): value.encode(to: &bodies); return .configuration
        case .instrumentDefinition(let value):
            value.encode(to: &bodies)
            return .instrumentDefinition
        case .venueStatus(let value): value.encode(to: &bodies); return .venueStatus
        case .liquidation(let value): value.encode(to: &bodies); return .liquidation
        case .funding(let value): value.encode(to: &bodies); return .funding
        case .openInterest(let value): value.encode(to: &bodies); return .openInterest
        case .markPrice(let value): value.encode(to: &bodies); return .markPrice
        case .predictionTick(let value): value.encode(to: &bodies); return .predictionTick
        case .onChainEvent(let value): value.encode(to: &bodies); return .onChainEvent
        case .clockTick: return .clockTick
        case .clockStep(let value): value.encode(to: &bodies); return .clockStep
        case .clockGap(let value): value.encode(to: &bodies); return .clockGap
        case .rejectedMessage(let value): value.encode(to: &bodies); return .rejectedMessage
        case .lateEvent(let value): value.encode(to: &bodies); return .lateEvent
        case .bookSnapshot, .bookDelta, .trade:
            preconditionFailure("book events and trades have their own append")
        }
    }

    /// The event at `index` as a value. Throws where the bytes of a rare kind are not its fields.
    public func event(at index: Int) throws(CodecError) -> Event {
        let header = headers[index]
        guard let kind = EventKind(rawValue: header.kind) else { throw .invalid(.kind) }
        return Event(
            sequence: sequence(at: index), time: header.time, receivedAt: header.receivedAt,
            body: try body(of: header, kind: kind))
    }

    private func body(of header: EventHeader, kind: EventKind) throws(CodecError) -> EventBody {
        switch kind {
        case .bookSnapshot: return .bookSnapshot(bookEvent(header))
        case .bookDelta: return .bookDelta(bookEvent(header))
        case .trade:
            let level = levels[Int(header.levelStart)]
            return .trade(
                Trade(
                    key: BookKey(rawValue: books[Int(header.book)]),
                    takerSide: EventFlags(rawValue: header.flags).takerSide,
                    sourceTime: header.source, tradeID: header.first, price: level.price,
                    size: level.size))
        case .clockTick: return .clockTick
        default: return try decodeRare(header, kind: kind)
        }
    }

    private func bookEvent(_ header: EventHeader) -> BookEvent {
        let start = Int(header.levelStart)
        let middle = start + Int(header.bidCount)
        return BookEvent(
            key: BookKey(rawValue: books[Int(header.book)]),
            flags: EventFlags(rawValue: header.flags), sourceTime: header.source,
            firstVenueSequence: header.first, lastVenueSequence: header.last,
            bids: Array(levels[start..<middle]),
            asks: Array(levels[middle..<middle + Int(header.askCount)]))
    }

    private func decodeRare(
        _ header: EventHeader, kind: EventKind
    ) throws(CodecError) -> EventBody {
        let start = Int(header.bodyStart)
        let bytes = Array(bodies.bytes[start..<start + Int(header.bodyCount)])
        let result = bytes.withUnsafeBufferPointer { buffer -> Result<EventBody, CodecError> in
            do throws(CodecError) {
                var reader = ByteReader(buffer)
                let body = try EventBody(kind: kind, from: &reader)
                try reader.finish()
                return .success(body)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

extension EventBody {
    /// Reads the fields of a rare kind.
    init(kind: EventKind, from reader: inout ByteReader) throws(CodecError) {
        switch kind {
        case .sessionStart: self = .sessionStart(try SessionStart(from: &reader))
        case .configuration: self = .configuration(try EngineConfiguration(from: &reader))
        case .instrumentDefinition:
            self = .instrumentDefinition(try InstrumentDefinition(from: &reader))
        case .venueStatus: self = .venueStatus(try VenueStatus(from: &reader))
        case .liquidation: self = .liquidation(try Liquidation(from: &reader))
        case .funding: self = .funding(try Funding(from: &reader))
        case .openInterest: self = .openInterest(try OpenInterest(from: &reader))
        case .markPrice: self = .markPrice(try MarkPrice(from: &reader))
        case .predictionTick: self = .predictionTick(try PredictionTick(from: &reader))
        case .onChainEvent: self = .onChainEvent(try OnChainEvent(from: &reader))
        case .clockStep: self = .clockStep(try ClockStep(from: &reader))
        case .clockGap: self = .clockGap(try ClockGap(from: &reader))
        case .rejectedMessage: self = .rejectedMessage(try RejectedMessage(from: &reader))
        case .lateEvent: self = .lateEvent(try LateEvent(from: &reader))
        case .clockTick, .bookSnapshot, .bookDelta, .trade: throw .invalid(.kind)
        }
    }
}
