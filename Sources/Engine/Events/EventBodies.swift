// The fields of the event kinds that are rare: each is one struct, encoded field by field in the
// order of its declaration. The same bytes stand in the block, in the canonical event and in the
// state of the fold.

/// Where the messages of a session came from; shown as `source` in every answer
/// (`semantics.md` 32).
public enum SessionSource: UInt8, Sendable {
    /// Made by simulated venues.
    case simulated = 1
    /// Received from real venues.
    case live = 2
    /// Imported from a recording.
    case recording = 3
}

/// `sessionStart`: a recording begins.
public struct SessionStart: Equatable, Sendable {
    /// Where the messages come from.
    public var source: SessionSource

    /// A session of messages from `source`.
    public init(source: SessionSource) { self.source = source }

    func encode(to writer: inout ByteWriter) { writer.put(source.rawValue) }

    init(from reader: inout ByteReader) throws(CodecError) {
        guard let source = SessionSource(rawValue: try reader.byte()) else {
            throw .invalid(.state)
        }
        self.source = source
    }
}

/// What an instrument is.
public enum InstrumentKind: UInt8, Sendable {
    /// Currency against currency, delivered at once.
    case spot = 1
    /// A future without expiry.
    case perpetual = 2
    /// A future with expiry.
    case datedFuture = 3
    /// An option.
    case option = 4
    /// An outcome of a prediction market.
    case outcome = 5
}

/// `instrumentDefinition`: an instrument of a venue and the meaning of its numbers.
///
/// A later definition of the same index refines the exponents; they never get coarser.
public struct InstrumentDefinition: Equatable, Sendable {
    /// Dense index, from 0, by which book events name the instrument.
    public var instrument: UInt16
    /// The venue.
    public var venue: Venue
    /// What it is.
    public var kind: InstrumentKind
    /// Whether it is settled in the base coin, so that sizes are contracts of the quote currency.
    public var isInverse: Bool
    /// Digits after the point of price mantissas, 0…18.
    public var priceExponent: UInt8
    /// Digits after the point of size mantissas, 0…18.
    public var sizeExponent: UInt8
    /// Smallest price step; 0 when the venue's instrument list was not seen.
    public var tickSize: Decimal
    /// Smallest size step; 0 when unknown.
    public var lotSize: Decimal
    /// Smallest notional of an order; 0 when unknown or none.
    public var minimumNotional: Decimal
    /// Quote currency (inverse) or base units (linear) that one unit of size stands for.
    public var contractMultiplier: Decimal
    /// The venue's own symbol, at most 128 bytes.
    public var venueSymbol: [UInt8]
    /// Base asset.
    public var base: [UInt8]
    /// Quote asset, the real one.
    public var quote: [UInt8]
    /// What stands behind `BASE-QUOTE` in the canonical id: empty, `-PERP`, `-20261225`,
    /// `-PERP@BTC`.
    public var suffix: [UInt8]

    /// A spot instrument with these exponents; the other fields are set by the caller.
    public init(
        instrument: UInt16, venue: Venue, venueSymbol: [UInt8], base: [UInt8], quote: [UInt8],
        priceExponent: UInt8, sizeExponent: UInt8
    ) {
        self.instrument = instrument
        self.venue = venue
        self.venueSymbol = venueSymbol
        self.base = base
        self.quote = quote
        self.priceExponent = priceExponent
        self.sizeExponent = sizeExponent
        kind = .spot
        isInverse = false
        tickSize = .zero
        lotSize = .zero
        minimumNotional = .zero
        contractMultiplier = Decimal(mantissa: 1, exponent: 0)
        suffix = []
    }

    /// The canonical id: `BASE-QUOTE` and the suffix (`semantics.md` 2).
    public var canonicalID: [UInt8] { base + [0x2d] + quote + suffix }

    /// Digits after the point of the tick size, else of price mantissas.
    public var tickDecimals: Int {
        tickSize.mantissa > 0 ? Int(tickSize.trimmed.exponent) : Int(priceExponent)
    }

    func encode(to writer: inout ByteWriter) {
        writer.put(instrument)
        writer.put(venue.rawValue)
        writer.put(kind.rawValue)
        writer.put(isInverse)
        writer.put(priceExponent)
        writer.put(sizeExponent)
        writer.put(tickSize)
        writer.put(lotSize)
        writer.put(minimumNotional)
        writer.put(contractMultiplier)
        writer.put(text: venueSymbol)
        writer.put(text: base)
        writer.put(text: quote)
        writer.put(text: suffix)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        instrument = try reader.integer(UInt16.self)
        guard let venue = Venue(rawValue: try reader.byte()) else { throw .invalid(.venue) }
        guard let kind = InstrumentKind(rawValue: try reader.byte()) else { throw .invalid(.kind) }
        self.venue = venue
        self.kind = kind
        isInverse = try reader.flag()
        priceExponent = try reader.byte()
        sizeExponent = try reader.byte()
        guard priceExponent <= 18, sizeExponent <= 18 else { throw .invalid(.exponent) }
        tickSize = try reader.decimal()
        lotSize = try reader.decimal()
        minimumNotional = try reader.decimal()
        contractMultiplier = try reader.decimal()
        guard contractMultiplier.mantissa > 0 else { throw .invalid(.number) }
        venueSymbol = try reader.name(limit: Limits.textBytesMax)
        base = try reader.name(limit: Limits.assetBytesMax)
        quote = try reader.name(limit: Limits.assetBytesMax)
        suffix = try reader.text(limit: Limits.assetBytesMax)
        for byte in suffix where byte < 0x20 || byte == 0x22 || byte == 0x5c {
            throw .invalid(.text)
        }
    }
}

/// State of a connection (`semantics.md` 10).
public enum ConnectionState: UInt8, Sendable {
    /// Not connected.
    case down = 1
    /// Being opened.
    case connecting = 2
    /// Open.
    case up = 3
}

/// What a `venueStatus` event speaks of.
public enum StatusSubject: Equatable, Sendable {
    /// A connection of a venue, with its name, is in this state.
    case connection(UInt16, Venue, name: [UInt8], ConnectionState)
    /// A book is in this state by the adapter's rules.
    case book(BookKey, BookValidity)
}

/// `venueStatus`: a connection or a book changed its state.
public struct VenueStatus: Equatable, Sendable {
    /// What changed, and to what.
    public var subject: StatusSubject

    /// The change `subject`.
    public init(_ subject: StatusSubject) { self.subject = subject }

    func encode(to writer: inout ByteWriter) {
        switch subject {
        case .connection(let connection, let venue, let name, let state):
            writer.put(UInt8(0))
            writer.put(connection)
            writer.put(venue.rawValue)
            writer.put(state.rawValue)
            writer.put(text: name)
        case .book(let key, let validity):
            writer.put(UInt8(1))
            writer.put(key.rawValue)
            writer.put(validity.code)
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        switch try reader.byte() {
        case 0:
            let connection = try reader.integer(UInt16.self)
            guard let venue = Venue(rawValue: try reader.byte()) else { throw .invalid(.venue) }
            guard let state = ConnectionState(rawValue: try reader.byte()) else {
                throw .invalid(.state)
            }
            let name = try reader.text(limit: Limits.textBytesMax)
            subject = .connection(connection, venue, name: name, state)
        case 1:
            let key = BookKey(rawValue: try reader.integer(UInt32.self))
            guard let validity = BookValidity(code: try reader.byte()) else {
                throw .invalid(.state)
            }
            subject = .book(key, validity)
        default: throw .invalid(.kind)
        }
    }
}
