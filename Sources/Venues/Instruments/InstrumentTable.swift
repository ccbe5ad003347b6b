public import Engine

/// Instruments and connections of one run, numbered in order of appearance and shared by all its
/// adapters (`semantics.md` 3 and 4).
///
/// 1. With the venue's instrument list, exponents are max(2, decimals of tick and step).
/// 2. Without it, they are the finest digits of the first message, at least 2, where zeros at the
///    end do not count.
/// 3. Finer digits later give a further definition, before the event that needs it. Exponents
///    never get coarser.
/// 4. Up to eight digits are always taken. Nine to twelve are taken only where a thousand times the
///    largest price and size of the last snapshot still fit, and more never: one absurd level must
///    not leave an instrument without whole digits. A message that needs them is `outOfRange`.
/// 5. Only instruments that get an event are defined; a list alone defines nothing.
public final class InstrumentTable {
    private let index = SymbolIndex()
    private var definedCount = 0
    private var connectionCount = 0

    /// Symbols that are kept, listed ones included.
    private static var instrumentsMax: Int { 65_536 }

    /// An empty table.
    public init() {}

    /// The table of a log that goes on: instruments and connections keep their numbers.
    ///
    /// - Precondition: `definitions` are dense, as the fold holds them.
    public init(resuming definitions: [InstrumentDefinition], connections: Int) {
        for definition in definitions {
            precondition(Int(definition.instrument) == definedCount, "definitions are dense")
            index.insert(Instrument(resuming: definition))
            definedCount += 1
        }
        connectionCount = connections
    }

    /// Count of instruments that were defined by an event.
    public var count: Int { definedCount }

    /// The next connection id; nil when the engine's limit is reached.
    public func nextConnection() -> UInt16? {
        guard connectionCount < Limits.connectionsMax else { return nil }
        defer { connectionCount += 1 }
        return UInt16(connectionCount)
    }

    /// The id of the venue's symbol in events, if it was defined.
    public func instrument(
        _ venue: Venue, market: VenueMarket = .only, symbol: UnsafeBufferPointer<UInt8>
    ) -> UInt16? {
        find(venue, symbol, market: market)?.definedID
    }

    func find(_ venue: Venue, _ symbol: Bytes, market: VenueMarket = .only) -> Instrument? {
        index.position(venue, market, symbol).map { index.instruments[$0] }
    }

    /// The instrument of a symbol, made when it is new and its name can be explained.
    func known(
        _ venue: Venue, _ symbol: Bytes, market: VenueMarket = .only
    ) throws(WireError) -> Instrument {
        if let instrument = find(venue, symbol, market: market) { return instrument }
        guard !symbol.isEmpty, symbol.count <= WireLimits.idBytesMax,
            let name = SymbolNames.name(symbol, at: venue, market)
        else { throw .unknownSymbol }
        try name.check(symbol)
        return try insert(
            Instrument(venue: venue, market: market, symbol: Array(symbol), name: name))
    }

    private func insert(_ instrument: Instrument) throws(WireError) -> Instrument {
        guard index.instruments.count < InstrumentTable.instrumentsMax else { throw .undefinable }
        index.insert(instrument)
        return instrument
    }

    /// Takes over what the venue's list says. Of an instrument that is defined already, only
    /// names and exponents that events rely on stay as they are.
    func list(
        _ venue: Venue, _ symbol: Bytes, _ listing: Listing, market: VenueMarket = .only
    ) throws(WireError) {
        let digits = (
            price: Int(listing.tickSize.trimmed.exponent),
            size: Int(listing.lotSize.trimmed.exponent)
        )
        guard max(digits.price, digits.size) <= LevelScale.exponentMax else { throw .outOfRange }
        try listing.name.check(symbol)
        let scale = LevelScale.coarsest.refined(price: digits.price, size: digits.size)
        if let known = find(venue, symbol, market: market) { return known.list(listing, scale) }
        try insert(
            Instrument(venue: venue, market: market, symbol: Array(symbol), name: listing.name)
        ).list(listing, scale)
    }

    /// Defines the instrument at `scale` where that was not done yet, or where `scale` is finer
    /// than the last definition, and gives its id.
    @inline(__always)
    func define(
        _ instrument: Instrument, _ scale: LevelScale, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) -> UInt16 {
        if let id = instrument.definedID, instrument.scale == scale { return id }
        return try defineAnew(instrument, scale, receivedAt, &block)
    }

    @inline(never)
    private func defineAnew(
        _ instrument: Instrument, _ scale: LevelScale, _ receivedAt: Int64,
        _ block: inout EventBlock
    ) throws(WireError) -> UInt16 {
        let known = instrument.scale
        let wanted = known.refined(price: scale.priceExponent, size: scale.sizeExponent)
        if !instrument.isDefined {
            guard definedCount < Limits.instrumentsMax else { throw .undefinable }
            instrument.id = definedCount
            definedCount += 1
        } else if wanted == known {
            return UInt16(instrument.id)
        }
        instrument.scale = wanted
        block.append(.instrumentDefinition(instrument.definition), receivedAt: receivedAt)
        return UInt16(instrument.id)
    }
}
