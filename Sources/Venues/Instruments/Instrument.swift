import Engine

/// Which of two streams with the same trades is recorded: the one that came first.
enum TradeKind: UInt8 {
    case none
    case single
    case aggregate
}

/// What is known of one symbol of one venue.
struct Instrument {
    let venue: Venue
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
    var largest = PriceLevel(price: 0, size: 0)

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
}

extension SymbolName {
    /// Whether a definition can hold this name and `symbol`: the fold refuses one that cannot be
    /// decoded, and then every event of the instrument.
    func check(_ symbol: Bytes) throws(WireError) {
        for part in [base, quote, suffix] {
            guard part.count <= Limits.assetBytesMax else { throw .tooLarge }
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
