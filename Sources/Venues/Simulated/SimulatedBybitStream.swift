import Engine

/// A depth of Bybit's books and how often it is sent.
enum SimulatedBybitDepth: Int, CaseIterable, Sendable {
    case one = 1
    case fifty = 50
    case twoHundred = 200
    case thousand = 1_000

    var flushNanos: Int64 {
        switch self {
        case .one: 10_000_000
        case .fifty: 20_000_000
        case .twoHundred: 100_000_000
        case .thousand: 200_000_000
        }
    }
}

/// One subscribed book of one depth: what the client was told last.
struct SimulatedBybitStream: Sendable {
    /// The index of the book.
    let index: Int
    let depth: SimulatedBybitDepth
    /// `u` of the last message.
    private(set) var u: Int64
    private var bids: [PriceLevel] = []
    private var asks: [PriceLevel] = []
    private var sentAt: Int64 = 0

    /// An unchanged best level is sent again after this.
    private static var repeatNanos: Int64 { 3_000_000_000 }
    /// Of so many levels that fall out of the depth, one is not deleted explicitly.
    private static var silentOneIn: Int64 { 8 }

    init(index: Int, depth: SimulatedBybitDepth, u: Int64) {
        self.index = index
        self.depth = depth
        self.u = u
    }

    /// The best levels as they are now.
    mutating func snapshot(_ wire: SimulatedBybitWire) -> [UInt8] {
        look(wire)
        return write(wire, "snapshot", bids, asks)
    }

    /// The same, after the venue's service began anew.
    mutating func restart(_ wire: SimulatedBybitWire) -> [UInt8] {
        u = 1
        return snapshot(wire)
    }

    /// What changed since the last message, or nil when there is nothing to say.
    mutating func flush(_ wire: SimulatedBybitWire, _ random: inout SimulatedRandom) -> [UInt8]? {
        let (oldBids, oldAsks) = (bids, asks)
        look(wire)
        if depth == .one {
            let isSame = oldBids == bids && oldAsks == asks
            if isSame, wire.sentAt - sentAt < Self.repeatNanos { return nil }
            if !isSame { u += 1 }
            return write(wire, "snapshot", bids, asks)
        }
        let bidChanges = Self.changes(from: oldBids, to: bids, wire.book.bids, &random)
        let askChanges = Self.changes(from: oldAsks, to: asks, wire.book.asks, &random)
        if oldBids == bids, oldAsks == asks { return nil }
        u += 1
        return write(wire, "delta", bidChanges, askChanges)
    }

    private mutating func look(_ wire: SimulatedBybitWire) {
        bids = wire.book.bids.levels(limit: depth.rawValue)
        asks = wire.book.asks.levels(limit: depth.rawValue)
    }

    private mutating func write(
        _ wire: SimulatedBybitWire, _ type: StaticString, _ bids: [PriceLevel],
        _ asks: [PriceLevel]
    ) -> [UInt8] {
        sentAt = wire.sentAt
        return wire.book(type, depth: depth, bids: bids, asks: asks, u: u)
    }

    /// Levels that differ, from the touch away; both lists are sorted so. What is gone has size 0,
    /// except now and then a level that the book still has, but better ones pushed out.
    private static func changes(
        from old: [PriceLevel], to new: [PriceLevel], _ side: SimulatedBookSide,
        _ random: inout SimulatedRandom
    ) -> [PriceLevel] {
        var changes: [PriceLevel] = []
        var (before, after) = (0, 0)
        while before < old.count || after < new.count {
            let oldKey = before < old.count ? side.price(old[before].price) : .min
            let newKey = after < new.count ? side.price(new[after].price) : .min
            if oldKey == newKey {
                if old[before].size != new[after].size { changes.append(new[after]) }
                before += 1
                after += 1
            } else if newKey > oldKey {
                changes.append(new[after])
                after += 1
            } else {
                let isSilent = side.holds(oldKey) && random.chance(1, in: silentOneIn)
                if !isSilent { changes.append(PriceLevel(price: old[before].price, size: 0)) }
                before += 1
            }
        }
        return changes
    }
}

extension SimulatedBookSide {
    /// Whether there is a level at a key.
    fileprivate func holds(_ key: Int64) -> Bool {
        let index = firstIndex(notBelow: key)
        return index < count && keys[index] == key
    }
}
