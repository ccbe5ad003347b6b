/// Events as JSON lines for people and scripts (`replay-tool cat`). Prices and sizes are exact.
public enum EventText {
    /// Appends the event at `index` of `block`; `engine` knows the definitions in force.
    public static func append(
        _ block: borrowing EventBlock, at index: Int, _ engine: borrowing Engine,
        to bytes: inout [UInt8]
    ) throws(CodecError) {
        let event = try block.event(at: index)
        bytes.append(0x7b)
        JSONText.key("seq", isFirst: true, to: &bytes)
        DecimalText.append(event.sequence, to: &bytes)
        JSONText.key("time", to: &bytes)
        DecimalText.append(event.time, to: &bytes)
        JSONText.key("received", to: &bytes)
        DecimalText.append(event.receivedAt, to: &bytes)
        JSONText.key("kind", to: &bytes)
        JSONText.string(name(event.body), to: &bytes)
        append(event, engine, to: &bytes)
        bytes.append(0x7d)
    }

    private static func name(_ body: EventBody) -> StaticString {
        switch body {
        case .sessionStart: "sessionStart"
        case .configuration: "configuration"
        case .instrumentDefinition: "instrumentDefinition"
        case .venueStatus: "venueStatus"
        case .bookSnapshot: "bookSnapshot"
        case .bookDelta: "bookDelta"
        case .trade: "trade"
        case .liquidation: "liquidation"
        case .funding: "funding"
        case .openInterest: "openInterest"
        case .markPrice: "markPrice"
        case .predictionTick: "predictionTick"
        case .onChainEvent: "onChainEvent"
        case .clockTick: "clockTick"
        case .clockStep: "clockStep"
        case .clockGap: "clockGap"
        case .rejectedMessage: "rejectedMessage"
        case .lateEvent: "lateEvent"
        }
    }

    private static func append(
        _ event: Event, _ engine: borrowing Engine, to bytes: inout [UInt8]
    ) {
        switch event.body {
        case .sessionStart(let value): text("source", value.source.word, to: &bytes)
        case .configuration(let value): append(value, to: &bytes)
        case .instrumentDefinition(let value): append(value, to: &bytes)
        case .venueStatus(let value): append(value, engine, to: &bytes)
        case .bookSnapshot(let value), .bookDelta(let value):
            append(value, event, engine, to: &bytes)
        case .trade(let value): append(value, engine, to: &bytes)
        case .liquidation(let value):
            instrument(value.instrument, engine, to: &bytes)
            text("side", value.positionSide == .long ? "long" : "short", to: &bytes)
            decimals([("price", value.price), ("size", value.size)], to: &bytes)
            stamp("server_ts", value.sourceTime, to: &bytes)
        case .funding(let value):
            instrument(value.instrument, engine, to: &bytes)
            decimals([("rate", value.rate)], to: &bytes)
            stamp("next_ts", value.nextTime, to: &bytes)
            stamp("server_ts", value.sourceTime, to: &bytes)
        case .openInterest(let value):
            instrument(value.instrument, engine, to: &bytes)
            decimals([("size", value.size)], to: &bytes)
            stamp("server_ts", value.sourceTime, to: &bytes)
        case .markPrice(let value):
            instrument(value.instrument, engine, to: &bytes)
            decimals([("mark", value.mark), ("index", value.index)], to: &bytes)
            stamp("server_ts", value.sourceTime, to: &bytes)
        case .predictionTick(let value):
            instrument(value.instrument, engine, to: &bytes)
            decimals(
                [
                    ("bid", value.bid), ("ask", value.ask), ("last", value.last),
                    ("size", value.size),
                ], to: &bytes)
            stamp("server_ts", value.sourceTime, to: &bytes)
        case .onChainEvent(let value):
            bytesField("type", value.type, to: &bytes)
            bytesField("account", value.account, to: &bytes)
            stamp("server_ts", value.sourceTime, to: &bytes)
        case .clockTick: break
        case .clockStep(let value): number("step", value.step, to: &bytes)
        case .clockGap(let value):
            number("from", value.from, to: &bytes)
            number("to", value.to, to: &bytes)
        case .rejectedMessage(let value):
            text("venue", value.venue.id, to: &bytes)
            number("reason", Int64(value.reason.rawValue), to: &bytes)
            JSONText.key("prefix", to: &bytes)
            JSONText.rawBytes(value.prefix, to: &bytes)
        case .lateEvent(let value): stamp("server_ts", value.sourceTime, to: &bytes)
        }
    }
}

extension EventText {
    private static func append(_ value: EngineConfiguration, to bytes: inout [UInt8]) {
        number("engine_version", Int64(value.engineVersion), to: &bytes)
        number("tick_hz", Int64(value.tickHz), to: &bytes)
        JSONText.key("windows_bps", to: &bytes)
        bytes.append(0x5b)
        for (index, window) in value.windowsBps.enumerated() {
            if index > 0 { bytes.append(0x2c) }
            DecimalText.append(Int64(window), to: &bytes)
        }
        bytes.append(0x5d)
        JSONText.key("groups", to: &bytes)
        bytes.append(0x5b)
        for (index, group) in value.groups.enumerated() {
            if index > 0 { bytes.append(0x2c) }
            bytes.append(0x7b)
            JSONText.key("name", isFirst: true, to: &bytes)
            JSONText.string(group.name, to: &bytes)
            JSONText.key("members", to: &bytes)
            bytes.append(0x5b)
            for (position, member) in group.members.enumerated() {
                if position > 0 { bytes.append(0x2c) }
                var name: [UInt8] = []
                Text.append(member.venue.id, to: &name)
                name.append(0x3a)
                JSONText.string(name + member.venueSymbol, to: &bytes)
            }
            Text.append("]}", to: &bytes)
        }
        bytes.append(0x5d)
    }

    private static func append(_ value: InstrumentDefinition, to bytes: inout [UInt8]) {
        number("index", Int64(value.instrument), to: &bytes)
        text("venue", value.venue.id, to: &bytes)
        bytesField("symbol", value.venueSymbol, to: &bytes)
        bytesField("instrument", value.canonicalID, to: &bytes)
        number("price_exponent", Int64(value.priceExponent), to: &bytes)
        number("size_exponent", Int64(value.sizeExponent), to: &bytes)
        decimals(
            [
                ("tick_size", value.tickSize), ("lot_size", value.lotSize),
                ("minimum_notional", value.minimumNotional),
                ("contract_multiplier", value.contractMultiplier),
            ], to: &bytes)
        JSONText.key("inverse", to: &bytes)
        JSONText.bool(value.isInverse, to: &bytes)
    }

    private static func append(
        _ value: VenueStatus, _ engine: borrowing Engine, to bytes: inout [UInt8]
    ) {
        switch value.subject {
        case .connection(let id, let venue, let name, let state):
            text("venue", venue.id, to: &bytes)
            number("connection_id", Int64(id), to: &bytes)
            bytesField("connection", name, to: &bytes)
            let word: StaticString =
                state == .up ? "up" : state == .down ? "down" : "connecting"
            text("state", word, to: &bytes)
        case .book(let key, let validity):
            instrument(key.instrument, engine, to: &bytes)
            bytesField("connection", engine.connectionName(key.connection), to: &bytes)
            JSONText.key("state", to: &bytes)
            bytes.append(0x22)
            validity.append(to: &bytes)
            bytes.append(0x22)
        }
    }

    private static func append(
        _ value: BookEvent, _ event: Event, _ engine: borrowing Engine, to bytes: inout [UInt8]
    ) {
        stamp("ts", event.receivedAt, to: &bytes)
        instrument(value.key.instrument, engine, to: &bytes)
        levels("bids", value.bids, value.key, engine, to: &bytes)
        levels("asks", value.asks, value.key, engine, to: &bytes)
        stamp("server_ts", value.sourceTime, to: &bytes)
        number("server_time", value.sourceTime, to: &bytes)
        bytesField("connection", engine.connectionName(value.key.connection), to: &bytes)
        number("first", value.firstVenueSequence, to: &bytes)
        number("last", value.lastVenueSequence, to: &bytes)
        number("flags", Int64(value.flags.rawValue), to: &bytes)
    }

    private static func append(
        _ value: Trade, _ engine: borrowing Engine, to bytes: inout [UInt8]
    ) {
        instrument(value.key.instrument, engine, to: &bytes)
        let word: StaticString =
            value.takerSide == .buy ? "buy" : value.takerSide == .sell ? "sell" : "unknown"
        text("side", word, to: &bytes)
        let (price, size) = exponents(value.key, engine)
        JSONText.key("price", to: &bytes)
        JSONText.small(value.price, decimals: price, to: &bytes)
        JSONText.key("size", to: &bytes)
        JSONText.small(value.size, decimals: size, to: &bytes)
        number("id", value.tradeID, to: &bytes)
        stamp("server_ts", value.sourceTime, to: &bytes)
    }

    private static func exponents(_ key: BookKey, _ engine: borrowing Engine) -> (Int, Int) {
        guard Int(key.instrument) < engine.instruments.count else { return (0, 0) }
        let definition = engine.instruments[Int(key.instrument)].definition
        return (Int(definition.priceExponent), Int(definition.sizeExponent))
    }

    private static func levels(
        _ name: StaticString, _ levels: [PriceLevel], _ key: BookKey, _ engine: borrowing Engine,
        to bytes: inout [UInt8]
    ) {
        let (price, size) = exponents(key, engine)
        JSONText.key(name, to: &bytes)
        bytes.append(0x5b)
        for (index, level) in levels.enumerated() {
            if index > 0 { bytes.append(0x2c) }
            bytes.append(0x5b)
            JSONText.small(level.price, decimals: price, to: &bytes)
            bytes.append(0x2c)
            JSONText.small(level.size, decimals: size, to: &bytes)
            bytes.append(0x5d)
        }
        bytes.append(0x5d)
    }

    private static func instrument(
        _ index: UInt16, _ engine: borrowing Engine, to bytes: inout [UInt8]
    ) {
        guard Int(index) < engine.instruments.count else { return }
        let definition = engine.instruments[Int(index)].definition
        text("venue", definition.venue.id, to: &bytes)
        bytesField("symbol", definition.venueSymbol, to: &bytes)
        bytesField("instrument", definition.canonicalID, to: &bytes)
    }

    private static func text(
        _ name: StaticString, _ value: StaticString, to bytes: inout [UInt8]
    ) {
        JSONText.key(name, to: &bytes)
        JSONText.string(value, to: &bytes)
    }

    private static func bytesField(
        _ name: StaticString, _ value: [UInt8], to bytes: inout [UInt8]
    ) {
        JSONText.key(name, to: &bytes)
        JSONText.string(value, to: &bytes)
    }

    private static func number(_ name: StaticString, _ value: Int64, to bytes: inout [UInt8]) {
        JSONText.key(name, to: &bytes)
        JSONText.number(value == Timestamp.none ? nil : value, decimals: 0, to: &bytes)
    }

    private static func stamp(_ name: StaticString, _ value: Int64, to bytes: inout [UInt8]) {
        JSONText.key(name, to: &bytes)
        StateEncoder.time(value, to: &bytes)
    }

    private static func decimals(
        _ fields: [(StaticString, Decimal)], to bytes: inout [UInt8]
    ) {
        for (name, value) in fields {
            JSONText.key(name, to: &bytes)
            DecimalText.append(value, to: &bytes)
        }
    }
}
