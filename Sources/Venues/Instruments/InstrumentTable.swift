public import Engine

/// Instruments and connections of one run, numbered in order of appearance and shared by all its
/// adapters (`semantics.md` 3 and 4).
///
/// 1. With the venue's instrument list, exponents are max(2, decimals of tick and step).
/// 2. Without it, they are the finest digits of the first message, at least 2, where zeros at the
///    end do not count.
/// 3. Finer digits later give a further definition, before the event that needs it. Exponents
///    never get coarser.
/// 5. Up to eight digits are always taken. Nine to twelve are taken only where a thousand times the
///    largest price and size of the last snapshot still fit, and more never: one absurd level must
///    not leave an instrument without whole digits. A message that needs them is `outOfRange`.
/// 4. Only instruments that get an event are defined; a list alone defines nothing.
public final class InstrumentTable {
    /// One entry a symbol that was seen or listed; the index is the *slot*.
    private(set) var instruments: [Instrument] = []
    private var index = SymbolIndex()
    private var definedCount = 0
    private var connectionCount = 0

    /// Symbols that are kept, listed ones included.
    private static var slotsMax: Int { 65_536 }

    /// An empty table.
    public init() {}

    /// Count of instruments that were defined by an event.
    public var count: Int { definedCount }

    /// The next connection id; nil when the engine's limit is reached.
    public func nextConnection() -> UInt16? {
        guard connectionCount < Limits.connectionsMax else { return nil }
        defer { connectionCount += 1 }
        return UInt16(connectionCount)
    }

    /// The id of the venue's symbol in events, if it was defined.
    public func instrument(_ venue: Venue, symbol: UnsafeBufferPointer<UInt8>) -> UInt16? {
        guard let slot = index.find(venue, symbol, in: instruments) else { return nil }
        return id(slot)
    }

    func find(_ venue: Venue, _ symbol: Bytes) -> Int? {
        index.find(venue, symbol, in: instruments)
    }

    /// The slot of a symbol, made when it is new and its name can be explained.
    func slot(_ venue: Venue, _ symbol: Bytes) throws(WireError) -> Int {
        if let slot = index.find(venue, symbol, in: instruments) { return slot }
        guard !symbol.isEmpty, symbol.count <= WireLimits.idBytesMax,
            let name = SymbolNames.name(symbol, at: venue)
        else { throw .unknownSymbol }
        try name.check(symbol)
        return try insert(Instrument(venue: venue, symbol: Array(symbol), name: name))
    }

    private func insert(_ instrument: Instrument) throws(WireError) -> Int {
        guard instruments.count < InstrumentTable.slotsMax else { throw .tooLarge }
        instruments.append(instrument)
        index.insertLast(of: instruments)
        return instruments.count - 1
    }

    @inline(__always) func scale(_ slot: Int) -> LevelScale { instruments[slot].scale }

    @inline(__always) func id(_ slot: Int) -> UInt16? {
        let id = instruments[slot].id
        return id < 0 ? nil : UInt16(id)
    }

    /// `scale`, refined to these digits where rule 5 allows it.
    func refined(
        _ slot: Int, _ scale: LevelScale, price: Int, size: Int
    ) throws(WireError) -> LevelScale {
        let finer = scale.refined(price: price, size: size)
        let largest = instruments[slot].largest
        guard
            InstrumentTable.hasRoom(largest.price, scale.priceExponent, finer.priceExponent),
            InstrumentTable.hasRoom(largest.size, scale.sizeExponent, finer.sizeExponent)
        else { throw .outOfRange }
        return finer
    }

    private static func hasRoom(_ wholeUnits: Int64, _ known: Int, _ wanted: Int) -> Bool {
        if wanted <= 8 || wanted == known { return true }
        guard wanted <= LevelScale.exponentMax else { return false }
        return wholeUnits < PowersOfTen.int64(18 - 3 - wanted)
    }

    /// Notes the largest price and size of a snapshot, for rule 5.
    func noteLargest(_ slot: Int, _ scale: LevelScale, _ bids: LevelBuffer, _ asks: LevelBuffer) {
        var price: Int64 = 0
        var size: Int64 = 0
        for levels in [bids.levels, asks.levels] {
            for level in levels {
                price = max(price, level.price)
                size = max(size, level.size)
            }
        }
        instruments[slot].largest = PriceLevel(
            price: price / PowersOfTen.int64(scale.priceExponent),
            size: size / PowersOfTen.int64(scale.sizeExponent))
    }

    func tradeKind(_ slot: Int) -> TradeKind { instruments[slot].tradeKind }

    func setTradeKind(_ slot: Int, _ kind: TradeKind) { instruments[slot].tradeKind = kind }

    /// Takes over what the venue's list says. Of an instrument that is defined already, only
    /// names and exponents that events rely on stay as they are.
    func list(_ venue: Venue, _ symbol: Bytes, _ listing: Listing) throws(WireError) {
        let digits = (
            price: Int(listing.tickSize.trimmed.exponent),
            size: Int(listing.lotSize.trimmed.exponent)
        )
        guard max(digits.price, digits.size) <= LevelScale.exponentMax else { throw .outOfRange }
        try listing.name.check(symbol)
        let slot: Int
        if let known = index.find(venue, symbol, in: instruments) {
            slot = known
        } else {
            slot = try insert(
                Instrument(venue: venue, symbol: Array(symbol), name: listing.name))
        }
        guard instruments[slot].id < 0 else { return }
        instruments[slot].name = listing.name
        instruments[slot].isListed = true
        instruments[slot].tickSize = listing.tickSize
        instruments[slot].lotSize = listing.lotSize
        instruments[slot].minimumNotional = listing.minimumNotional
        instruments[slot].scale = LevelScale.coarsest.refined(
            price: digits.price, size: digits.size)
    }

    /// Defines the instrument at `scale` where that was not done yet, or where `scale` is finer
    /// than the last definition, and gives its id.
    func define(
        _ slot: Int, _ scale: LevelScale, _ receivedAt: Int64, _ block: inout EventBlock
    ) throws(WireError) -> UInt16 {
        let known = instruments[slot].scale
        if let id = id(slot), known == scale { return id }
        let wanted = known.refined(price: scale.priceExponent, size: scale.sizeExponent)
        if instruments[slot].id < 0 {
            guard definedCount < Limits.instrumentsMax else { throw .tooLarge }
            instruments[slot].id = definedCount
            definedCount += 1
        } else if wanted == known {
            return UInt16(instruments[slot].id)
        }
        instruments[slot].scale = wanted
        block.append(.instrumentDefinition(instruments[slot].definition), receivedAt: receivedAt)
        return UInt16(instruments[slot].id)
    }

    /// Whether an event has defined the instrument, so that a status may name it: a status alone
    /// defines nothing.
    func isDefined(_ slot: Int) -> Bool { instruments[slot].id >= 0 }
}
