extension Engine {
    /// The digest of the state; `writer` is scratch memory.
    func digest(using writer: inout ByteWriter) -> Digest {
        writer.clear()
        encodeSmallState(to: &writer)
        var result = Mixing.bytes(writer.bytes)
        var high: UInt64 = 0
        var low: UInt64 = 0
        for slot in 0..<books.count {
            high &+= books[slot].book.bids.hashHigh &+ books[slot].book.asks.hashHigh
            low &+= books[slot].book.bids.hashLow &+ books[slot].book.asks.hashLow
        }
        Mixing.step(high, &result.high, &result.low)
        Mixing.step(low, &result.high, &result.low)
        return result
    }

    /// Writes all state but the levels in canonical form: sorted by key, every field fixed.
    func encodeSmallState(to writer: inout ByteWriter) {
        configuration.encode(to: &writer)
        writer.put(source.rawValue)
        writer.put(time)
        writer.put(UInt16(connections.count))
        for connection in connections { encode(connection, to: &writer) }
        writer.put(UInt16(instruments.count))
        for instrument in instruments {
            instrument.definition.encode(to: &writer)
            writer.put(instrument.lastTradeID)
            writer.put(instrument.trades)
            writer.put(instrument.duplicateTrades)
        }
        writer.put(UInt16(books.count))
        for slot in bookOrder { books[slot].encode(to: &writer) }
        writer.put(UInt16(tables.count))
        for table in tables {
            writer.put(text: table.name)
            table.rollup.encode(to: &writer)
        }
    }

    private func encode(_ connection: Connection?, to writer: inout ByteWriter) {
        writer.put(connection != nil)
        guard let connection else { return }
        writer.put(connection.venue.rawValue)
        writer.put(connection.state.rawValue)
        writer.put(text: connection.name)
    }

    /// Reads what `encodeSmallState` wrote into an engine that has seen no event.
    mutating func decodeSmallState(_ reader: inout ByteReader) throws(CodecError) {
        configure(try EngineConfiguration(from: &reader))
        guard let source = SessionSource(rawValue: try reader.byte()) else {
            throw .invalid(.state)
        }
        self.source = source
        time = try reader.integer(Int64.self)
        guard Timestamp.range.contains(time) else { throw .invalid(.order) }
        try decodeConnections(&reader)
        try decodeInstruments(&reader)
        let count = Int(try reader.integer(UInt16.self))
        guard count <= Limits.booksMax else { throw .tooLarge(.count) }
        for _ in 0..<count {
            let slot = bookSlot(BookKey(rawValue: try reader.integer(UInt32.self)))
            guard slot >= 0, slot == books.count - 1 else { throw .invalid(.book) }
            try books[slot].decode(&reader, now: time)
        }
        guard Int(try reader.integer(UInt16.self)) == tables.count else { throw .invalid(.count) }
        for index in tables.indices {
            guard try reader.text(limit: Limits.textBytesMax * 4) == tables[index].name else {
                throw .invalid(.text)
            }
            tables[index].rollup = try RollupState(from: &reader, now: time)
        }
    }

    private mutating func decodeConnections(_ reader: inout ByteReader) throws(CodecError) {
        let count = Int(try reader.integer(UInt16.self))
        guard count <= Limits.connectionsMax else { throw .tooLarge(.count) }
        for _ in 0..<count {
            guard try reader.flag() else {
                connections.append(nil)
                continue
            }
            guard let venue = Venue(rawValue: try reader.byte()) else { throw .invalid(.venue) }
            guard let state = ConnectionState(rawValue: try reader.byte()) else {
                throw .invalid(.state)
            }
            let name = try reader.text(limit: Limits.textBytesMax)
            connections.append(Connection(venue: venue, name: name, state: state))
        }
    }

    private mutating func decodeInstruments(_ reader: inout ByteReader) throws(CodecError) {
        let count = Int(try reader.integer(UInt16.self))
        guard count <= Limits.instrumentsMax else { throw .tooLarge(.count) }
        var outputs = OutputBuffer(wantsFrames: false)
        for index in 0..<count {
            let definition = try InstrumentDefinition(from: &reader)
            guard Int(definition.instrument) == index, define(definition, into: &outputs)
            else {
                throw .invalid(.order)
            }
            instruments[index].lastTradeID = try reader.integer(Int64.self)
            instruments[index].trades = try reader.integer(UInt64.self)
            instruments[index].duplicateTrades = try reader.integer(UInt64.self)
        }
    }
}

extension BookState {
    /// Writes all of a book but its levels.
    func encode(to writer: inout ByteWriter) {
        writer.put(key.rawValue)
        writer.put(validity.code)
        writer.put(isLoaded)
        writer.put(bidHorizon)
        writer.put(askHorizon)
        writer.put(lastReceived)
        writer.put(lastSource)
        writer.put(lastVenueSequence)
        writer.put(crossedSince)
        writer.put(crossedEvents)
        writer.put(counters.updates)
        writer.put(counters.levels)
        writer.put(counters.snapshots)
        writer.put(counters.gaps)
        writer.put(counters.checksumsPassed)
        writer.put(counters.checksumsFailed)
        writer.put(counters.ignored)
        writer.put(UInt8(samples.count))
        for sample in samples {
            writer.put(sample.time)
            writer.put(sample.isLive)
            writer.put(sample.midTwice)
            writer.put(sample.priceExponent)
            writer.put(sample.bidSize)
            writer.put(sample.askSize)
        }
    }

    /// Reads what `encode` wrote behind the key, in a state whose time is `now`.
    mutating func decode(_ reader: inout ByteReader, now: Int64) throws(CodecError) {
        guard let validity = BookValidity(code: try reader.byte()) else { throw .invalid(.state) }
        self.validity = validity
        isLoaded = try reader.flag()
        bidHorizon = try reader.integer(Int64.self)
        askHorizon = try reader.integer(Int64.self)
        lastReceived = try reader.integer(Int64.self)
        lastSource = try reader.integer(Int64.self)
        lastVenueSequence = try reader.integer(Int64.self)
        crossedSince = try reader.integer(Int64.self)
        crossedEvents = try reader.integer(UInt32.self)
        let prices = 0..<Int64(Decimal.mantissaLimit)
        guard prices.contains(bidHorizon), prices.contains(askHorizon),
            BookState.isPast(lastReceived, now), BookState.isPast(crossedSince, now)
        else { throw .invalid(.number) }
        counters.updates = try reader.integer(UInt64.self)
        counters.levels = try reader.integer(UInt64.self)
        counters.snapshots = try reader.integer(UInt64.self)
        counters.gaps = try reader.integer(UInt64.self)
        counters.checksumsPassed = try reader.integer(UInt64.self)
        counters.checksumsFailed = try reader.integer(UInt64.self)
        counters.ignored = try reader.integer(UInt64.self)
        let count = Int(try reader.byte())
        guard count <= TickSample.countMax else { throw .tooLarge(.count) }
        for _ in 0..<count {
            let sample = try TickSample(from: &reader)
            let earliest = samples.last?.time ?? 0
            guard sample.time >= earliest, sample.time <= now else { throw .invalid(.order) }
            samples.append(sample)
        }
    }

    /// Whether `time` is none or lies before `now`.
    private static func isPast(_ time: Int64, _ now: Int64) -> Bool {
        time == Timestamp.none || (time >= 0 && time <= now)
    }
}

extension TickSample {
    init(from reader: inout ByteReader) throws(CodecError) {
        time = try reader.integer(Int64.self)
        isLive = try reader.flag()
        midTwice = try reader.integer(Int64.self)
        priceExponent = try reader.byte()
        bidSize = try reader.integer(Int128.self)
        askSize = try reader.integer(Int128.self)
        guard priceExponent <= 18, midTwice >= 0, midTwice.magnitude < 2 * Decimal.mantissaLimit,
            TickSample.sizes.contains(bidSize), TickSample.sizes.contains(askSize)
        else { throw .invalid(.number) }
    }

    /// Sums of at most 1,000 sizes below 10^18.
    private static var sizes: Range<Int128> { 0..<(1 << 70) }
}
