/// A venue's place in a consolidated instrument.
struct TableMember {
    var venue: Venue
    /// The venue symbol that an explicit group names; empty in a default table.
    var venueSymbol: [UInt8]
    /// Index of the instrument; −1 while it is not defined.
    var instrument: Int
    /// Rank of the instrument's quote, 0 best.
    var rank: Int
}

/// A consolidated instrument: at most one instrument a venue (`docs/METRICS.md` 2.5).
struct ConsolidatedTable {
    let name: [UInt8]
    /// Made by an explicit group.
    let isMixed: Bool
    var members: [TableMember]
    var rollup = RollupState()

    /// The quotes that stand for US dollars, best first.
    private static func rank(of quote: [UInt8]) -> Int? {
        if Text.equal(quote, "USD") { return 0 }
        if Text.equal(quote, "USDT") { return 1 }
        return Text.equal(quote, "USDC") ? 2 : nil
    }

    /// The default table that `definition` belongs to: name and rank, or nil.
    static func home(of definition: InstrumentDefinition) -> (name: [UInt8], rank: Int)? {
        guard definition.kind != .option, definition.kind != .outcome,
            let rank = rank(of: definition.quote)
        else { return nil }
        var name = definition.base
        Text.append("-USD", to: &name)
        return (name + definition.suffix, rank)
    }

    init(group: RoutingGroup) {
        name = group.name
        isMixed = true
        members = group.members.map {
            TableMember(venue: $0.venue, venueSymbol: $0.venueSymbol, instrument: -1, rank: 0)
        }
    }

    init(name: [UInt8]) {
        self.name = name
        isMixed = false
        members = []
    }

    /// Whether some member is defined, or the table was made by hand.
    var isShown: Bool { isMixed || !members.isEmpty }

    /// Takes `definition` in where it belongs here.
    mutating func take(_ definition: InstrumentDefinition, rank: Int) {
        let index = Int(definition.instrument)
        if isMixed {
            for position in members.indices
            where members[position].venue == definition.venue
                && members[position].venueSymbol == definition.venueSymbol
                && !definition.isInverse
            {
                members[position].instrument = index
            }
            return
        }
        let member = TableMember(
            venue: definition.venue, venueSymbol: [], instrument: index, rank: rank)
        var position = 0
        while position < members.count, members[position].venue.rawValue < member.venue.rawValue {
            position += 1
        }
        if position < members.count, members[position].venue == member.venue {
            if rank < members[position].rank { members[position] = member }
        } else {
            members.insert(member, at: position)
        }
    }
}
