/// One book as the outside names it, with its counts.
public struct BookSummary: Sendable {
    /// Which book.
    public var key: BookKey
    /// The venue.
    public var venue: Venue
    /// The venue's own symbol.
    public var venueSymbol: [UInt8]
    /// The canonical id of its instrument.
    public var instrument: [UInt8]
    /// Name of its connection; empty where it has none.
    public var connection: [UInt8]
    /// Its state.
    public var validity: BookValidity
    /// Whether nothing was applied to it for longer than the limit, by the time of the last event.
    public var isStale: Bool
    /// Its counts since the log began.
    public var counters: BookCounters
    /// Digits after the point of price mantissas.
    public var priceExponent: UInt8
    /// Digits after the point of size mantissas.
    public var sizeExponent: UInt8
}

extension Engine {
    /// Name of a connection; empty when it is unknown.
    func connectionName(_ id: UInt16) -> [UInt8] {
        guard Int(id) < connections.count, let connection = connections[Int(id)] else { return [] }
        return connection.name
    }

    /// All books by ascending key.
    public var bookSummaries: [BookSummary] {
        var result: [BookSummary] = []
        for slot in bookOrder { result.append(summary(of: slot)) }
        return result
    }

    /// The book `key`, if there is one.
    public func bookSummary(_ key: BookKey) -> BookSummary? {
        slot(of: key).map { summary(of: $0) }
    }

    private func summary(of slot: Int) -> BookSummary {
        let key = books[slot].key
        let definition = instruments[Int(key.instrument)].definition
        return BookSummary(
            key: key, venue: definition.venue, venueSymbol: definition.venueSymbol,
            instrument: definition.canonicalID, connection: connectionName(key.connection),
            validity: books[slot].validity,
            isStale: books[slot].isStale(now: time, staleAfter: configuration.staleAfterNanos),
            counters: books[slot].counters,
            priceExponent: definition.priceExponent, sizeExponent: definition.sizeExponent)
    }

    /// Appends the best `count` levels of one side of the book `key` to `levels`.
    public func bestLevels(
        of key: BookKey, _ side: Side, count: Int, to levels: inout [PriceLevel]
    ) {
        guard let slot = slot(of: key), count > 0 else { return }
        var left = count
        func take(_ level: KeptLevel) -> Bool {
            levels.append(PriceLevel(price: level.price, size: level.size))
            left -= 1
            return left > 0
        }
        if side == .bid {
            books[slot].book.bids.visit(take)
        } else {
            books[slot].book.asks.visit(take)
        }
    }

    /// Applied deltas of the book `key`; 0 when there is no such book.
    public func updates(of key: BookKey) -> UInt64 {
        guard let slot = slot(of: key) else { return 0 }
        return books[slot].counters.updates
    }

    /// The instrument definitions in force, by index.
    public var definitions: [InstrumentDefinition] { instruments.map { $0.definition } }

    /// Connection ids, venues and names that are known, by ascending id.
    public var knownConnections: [(id: UInt16, venue: Venue, name: [UInt8])] {
        var result: [(id: UInt16, venue: Venue, name: [UInt8])] = []
        for (index, connection) in connections.enumerated() {
            guard let connection else { continue }
            result.append((UInt16(index), connection.venue, connection.name))
        }
        return result
    }
}

extension Engine {
    /// Connections that are not down, by ascending id.
    public var openConnections: [(id: UInt16, venue: Venue, name: [UInt8])] {
        knownConnections.filter { connections[Int($0.id)]?.state != .down }
    }

    /// State of the book `key`; nil when there is no such book.
    public func validity(of key: BookKey) -> BookValidity? {
        slot(of: key).map { books[$0].validity }
    }

    /// The venue's last sequence that the book `key` has; −1 when there is none.
    public func lastVenueSequence(of key: BookKey) -> Int64 {
        guard let slot = slot(of: key) else { return -1 }
        return books[slot].lastVenueSequence
    }
}

extension Engine {
    /// The books that stand for the venues of a consolidated instrument now, in table order.
    public func memberBooks(of symbol: [UInt8]) -> [BookKey] {
        guard let index = tables.firstIndex(where: { $0.name == symbol }) else { return [] }
        var keys: [BookKey] = []
        for member in tables[index].members {
            let slot = primaryBook(of: member.instrument)
            if slot >= 0 { keys.append(books[slot].key) }
        }
        return keys
    }
}
