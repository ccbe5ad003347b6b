import Engine

/// Which of two streams with the same trades is recorded: the one that came first.
enum TradeKind: UInt8 {
    case none
    case single
    case aggregate
}

/// Which market of a venue a symbol belongs to, where the same symbol stands in several of them
/// (Bybit: the market is in the address, not in the message).
public enum VenueMarket: UInt8, Sendable {
    /// The venue's symbols are unique.
    case only
    case spot
    case linear
    case inverse
    case option

    /// The market that an instrument of a log belongs to.
    init(of definition: InstrumentDefinition) {
        guard definition.venue == .bybit else {
            self = .only
            return
        }
        switch definition.kind {
        case .spot: self = .spot
        case .option: self = .option
        default: self = definition.isInverse ? .inverse : .linear
        }
    }
}

/// What is known of one symbol of one venue.
///
/// Fields are plain values that are read and written at once: nothing here is held while something
/// else runs, so no access to them needs to be watched.
final class Instrument {
    let venue: Venue
    let market: VenueMarket
    let symbol: [UInt8]
    var name: SymbolName
    /// Index in events once it was defined there, else −1.
    var id = -1
    var scale = LevelScale.coarsest
    /// Whether the venue's instrument list named it.
    var isListed = false
    var tickSize = Decimal.zero
    var lotSize = Decimal.zero
    var minimumNotional = Decimal.zero
    var tradeKind = TradeKind.none
    /// Whole units of the largest price and size of the last snapshot.
    private var largest = PriceLevel(price: 0, size: 0)

    init(venue: Venue, market: VenueMarket, symbol: [UInt8], name: SymbolName) {
        self.venue = venue
        self.market = market
        self.symbol = symbol
        self.name = name
    }

    /// The instrument that a log has defined.
    convenience init(resuming definition: InstrumentDefinition) {
        self.init(
            venue: definition.venue, market: VenueMarket(of: definition),
            symbol: definition.venueSymbol,
            name: SymbolName(
                base: definition.base, quote: definition.quote, suffix: definition.suffix,
                kind: definition.kind, isInverse: definition.isInverse,
                contractMultiplier: definition.contractMultiplier))
        id = Int(definition.instrument)
        scale = LevelScale(price: definition.priceExponent, size: definition.sizeExponent)
        isListed = definition.tickSize.mantissa > 0
        tickSize = definition.tickSize
        lotSize = definition.lotSize
        minimumNotional = definition.minimumNotional
    }

    /// The index in events, where an event has defined the instrument.
    @inline(__always) var definedID: UInt16? { id < 0 ? nil : UInt16(truncatingIfNeeded: id) }

    /// Whether an event has defined the instrument, so that a status may name it: a status alone
    /// defines nothing.
    var isDefined: Bool { id >= 0 }

    /// The definition event for the state of now.
    var definition: InstrumentDefinition {
        var definition = InstrumentDefinition(
            instrument: UInt16(truncatingIfNeeded: id), venue: venue, venueSymbol: symbol,
            base: name.base, quote: name.quote, priceExponent: UInt8(scale.priceExponent),
            sizeExponent: UInt8(scale.sizeExponent))
        definition.kind = name.kind
        definition.isInverse = name.isInverse
        definition.tickSize = tickSize
        definition.lotSize = lotSize
        definition.minimumNotional = minimumNotional
        definition.contractMultiplier = name.contractMultiplier
        definition.suffix = name.suffix
        return definition
    }

    /// `scale`, refined to these digits where rule 4 of `InstrumentTable` allows it.
    func refined(
        _ scale: LevelScale, price: Int, size: Int
    ) throws(WireError) -> LevelScale {
        let finer = scale.refined(price: price, size: size)
        guard
            Instrument.hasRoom(largest.price, scale.priceExponent, finer.priceExponent),
            Instrument.hasRoom(largest.size, scale.sizeExponent, finer.sizeExponent)
        else { throw .outOfRange }
        return finer
    }

    private static func hasRoom(_ wholeUnits: Int64, _ known: Int, _ wanted: Int) -> Bool {
        if wanted <= 8 || wanted == known { return true }
        guard wanted <= LevelScale.exponentMax else { return false }
        return wholeUnits < PowersOfTen.int64(18 - 3 - wanted)
    }

    /// Notes the largest price and size of a snapshot, for rule 4.
    func noteLargest(_ scale: LevelScale, _ bids: LevelBuffer, _ asks: LevelBuffer) {
        var price: Int64 = 0
        var size: Int64 = 0
        for levels in [bids.levels, asks.levels] {
            for level in levels {
                price = max(price, level.price)
                size = max(size, level.size)
            }
        }
        largest = PriceLevel(
            price: price / PowersOfTen.int64(scale.priceExponent),
            size: size / PowersOfTen.int64(scale.sizeExponent))
    }

    /// Takes over what the venue's list says, as long as no event relies on it.
    func list(_ listing: Listing, _ scale: LevelScale) {
        guard !isDefined else { return }
        name = listing.name
        isListed = true
        tickSize = listing.tickSize
        lotSize = listing.lotSize
        minimumNotional = listing.minimumNotional
        self.scale = scale
    }
}

extension SymbolName {
    /// Whether a definition can hold this name and `symbol`: the fold refuses one that cannot be
    /// decoded, and then every event of the instrument.
    func check(_ symbol: Bytes) throws(WireError) {
        for part in [base, quote, suffix] {
            guard part.count <= Limits.assetBytesMax else { throw .undefinable }
            guard part.allSatisfy(SymbolName.isPlain) else { throw .unknownSymbol }
        }
        guard symbol.allSatisfy(SymbolName.isPlain) else { throw .unknownSymbol }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x22 && byte != 0x5c && byte != 0x7f
    }
}

/// What the venue's instrument list says of one symbol.
struct Listing {
    var name: SymbolName
    var tickSize = Decimal.zero
    var lotSize = Decimal.zero
    var minimumNotional = Decimal.zero
}
