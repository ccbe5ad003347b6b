extension Engine {
    /// Slot of the book `key`, if there is one: its instrument knows its few books.
    @inline(__always) func slot(of key: BookKey) -> Int? {
        let instrument = Int(key.instrument)
        guard instrument < instruments.count else { return nil }
        for slot in instruments[instrument].books where books[slot].key == key { return slot }
        return nil
    }

    /// Slot of the book `key`, made when it is new; −1 when its instrument is not defined.
    @inline(__always) mutating func bookSlot(_ key: BookKey) -> Int {
        slot(of: key) ?? addBook(key)
    }

    @inline(never) private mutating func addBook(_ key: BookKey) -> Int {
        let instrument = Int(key.instrument)
        guard instrument < instruments.count, books.count < Limits.booksMax else { return -1 }
        let slot = books.add(BookState(key: key, definition: instruments[instrument].definition))
        var position = 0
        let others = instruments[instrument].books
        while position < others.count, books[others[position]].key.connection < key.connection {
            position += 1
        }
        instruments[instrument].books.insert(slot, at: position)
        var place = 0
        while place < bookOrder.count, books[bookOrder[place]].key.rawValue < key.rawValue {
            place += 1
        }
        bookOrder.insert(slot, at: place)
        return slot
    }

    /// Takes a configuration over. It stands at the head of a log, before any definition.
    mutating func configure(_ new: EngineConfiguration) {
        configuration = new
        orderWindows()
        tables.removeAll()
        for group in new.groups { tables.append(ConsolidatedTable(group: group)) }
        for index in instruments.indices { place(instruments[index].definition) }
    }

    /// Notes the windows from the narrowest to the widest.
    mutating func orderWindows() {
        windowOrder = Array(configuration.windowsBps.indices)
        let windows = configuration.windowsBps
        // Insertion sort: at most sixteen, and stable.
        for index in windowOrder.indices {
            var position = index
            while position > 0,
                windows[windowOrder[position - 1]] > windows[windowOrder[position]]
            {
                windowOrder.swapAt(position - 1, position)
                position -= 1
            }
        }
    }

    /// Adds or refines an instrument; false when the event breaks the rules.
    mutating func define(
        _ definition: InstrumentDefinition, into outputs: inout OutputBuffer
    ) -> Bool {
        let index = Int(definition.instrument)
        guard index <= instruments.count, index < Limits.instrumentsMax else { return false }
        if index == instruments.count {
            instruments.append(InstrumentState(definition: definition))
            place(definition)
            return true
        }
        return refine(definition, into: &outputs)
    }

    private mutating func refine(
        _ definition: InstrumentDefinition, into outputs: inout OutputBuffer
    ) -> Bool {
        let index = Int(definition.instrument)
        let old = instruments[index].definition
        guard definition.venue == old.venue, definition.venueSymbol == old.venueSymbol,
            definition.base == old.base, definition.quote == old.quote,
            definition.suffix == old.suffix, definition.isInverse == old.isInverse,
            definition.kind == old.kind,
            definition.contractMultiplier == old.contractMultiplier,
            definition.priceExponent >= old.priceExponent,
            definition.sizeExponent >= old.sizeExponent
        else { return false }
        let priceFactor = PowersOfTen.int64(Int(definition.priceExponent - old.priceExponent))
        let sizeFactor = PowersOfTen.int64(Int(definition.sizeExponent - old.sizeExponent))
        instruments[index].definition = definition
        if priceFactor == 1 && sizeFactor == 1 { return true }
        for slot in instruments[index].books {
            let change = books[slot].rescale(
                to: definition, priceFactor: priceFactor, sizeFactor: sizeFactor)
            if change == .resyncNeeded { requestResync(books[slot].key, into: &outputs) }
        }
        return true
    }

    /// Puts an instrument into the tables that it belongs to.
    private mutating func place(_ definition: InstrumentDefinition) {
        for index in tables.indices where tables[index].isMixed {
            tables[index].take(definition, rank: 0)
        }
        guard let home = ConsolidatedTable.home(of: definition) else { return }
        if let index = tables.firstIndex(where: { $0.name == home.name }) {
            if !tables[index].isMixed { tables[index].take(definition, rank: home.rank) }
            return
        }
        var table = ConsolidatedTable(name: home.name)
        table.take(definition, rank: home.rank)
        tables.append(table)
    }

    /// Takes a change of state over; false when it names something unknown.
    mutating func apply(_ status: VenueStatus) -> Bool {
        switch status.subject {
        case .connection(let id, let venue, let name, let state):
            guard Int(id) < Limits.connectionsMax else { return false }
            while connections.count <= Int(id) { connections.append(nil) }
            connections[Int(id)] = Connection(venue: venue, name: name, state: state)
            if state == .down {
                for slot in 0..<books.count where books[slot].key.connection == id {
                    books[slot].empty()
                }
            }
            return true
        case .book(let key, let validity):
            let slot = bookSlot(key)
            guard slot >= 0 else { return false }
            books[slot].apply(status: validity)
            return true
        }
    }
}
