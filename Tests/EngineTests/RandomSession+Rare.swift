import TestSupport

@testable import Engine

// Everything but book messages: who is connected, what is defined, and the rare kinds.

extension RandomSession {
    /// Two groups beside the default tables: one with a member that is never defined.
    static var grouped: EngineConfiguration {
        var configuration = EngineConfiguration()
        func member(_ venue: Venue, _ symbol: String) -> GroupMember {
            GroupMember(venue: venue, venueSymbol: Array(symbol.utf8))
        }
        configuration.groups = [
            RoutingGroup(
                name: Array("BTC-ALL".utf8),
                members: [
                    member(.binanceUSDM, "BTCUSDT"), member(.kraken, "BTC/USD"),
                    member(.binance, "BTCUSDT"), member(.okx, "BTC-USDT"),
                ]),
            RoutingGroup(
                name: Array("BTC-USD-PERP".utf8),
                members: [member(.binanceUSDM, "BTCUSDT"), member(.binanceCoinM, "BTCUSD_PERP")]),
        ]
        return configuration
    }

    /// The markets of a log's head: spot through one and two connections, linear and inverse.
    static var opening: [Market] {
        var linear = definition(3, .binanceUSDM, "BTCUSDT", "USDT", price: 1, size: 3)
        linear.kind = .perpetual
        linear.suffix = Array("-PERP".utf8)
        linear.contractMultiplier = Decimal(mantissa: 1, exponent: 2)
        var inverse = definition(4, .binanceCoinM, "BTCUSD_PERP", "USD", price: 1, size: 0)
        inverse.kind = .perpetual
        inverse.isInverse = true
        inverse.suffix = Array("-PERP@BTC".utf8)
        inverse.contractMultiplier = Decimal(mantissa: 100, exponent: 0)
        return [
            Market(
                definition: definition(0, .binance, "BTCUSDT", "USDT", price: 2, size: 5),
                connections: [5, 0]),
            Market(
                definition: definition(1, .coinbase, "BTC-USD", "USD", price: 2, size: 8),
                connections: [1]),
            Market(
                definition: definition(2, .kraken, "BTC/USD", "USD", price: 1, size: 8),
                connections: [2]),
            Market(definition: linear, connections: [3]),
            Market(definition: inverse, connections: [7]),
        ]
    }

    static func definition(
        _ index: Int, _ venue: Venue, _ symbol: String, _ quote: String, price: UInt8, size: UInt8
    ) -> InstrumentDefinition {
        InstrumentDefinition(
            instrument: UInt16(index), venue: venue, venueSymbol: Array(symbol.utf8),
            base: Array("BTC".utf8), quote: Array(quote.utf8), priceExponent: price,
            sizeExponent: size)
    }

    func status(_ connection: UInt16, _ venue: Venue, _ state: ConnectionState) -> EventBody {
        .venueStatus(VenueStatus(.connection(connection, venue, name: [0x63], state)))
    }

    mutating func define(_ market: Market, _ block: inout EventBlock, _ received: Int64) {
        markets.append(market)
        block.append(.instrumentDefinition(market.definition), receivedAt: received)
    }

    /// Cents as a price mantissa, with digits of its own where the instrument has more.
    mutating func price(_ cents: Int64, _ index: Int) -> Int64 {
        let exponent = Int(markets[index].definition.priceExponent)
        if exponent < 2 { return max(1, cents / PowersOfTen.int64(2 - exponent)) }
        let scale = PowersOfTen.int64(exponent - 2)
        return max(1, cents) * scale + Int64(below(Int(min(scale, 1_000))))
    }

    /// A size mantissa of about as many units at every exponent.
    mutating func size(_ amount: Int, _ index: Int) -> Int64 {
        let exponent = Int(markets[index].definition.sizeExponent)
        if exponent <= 5 { return Int64(amount) }
        return Int64(amount) * PowersOfTen.int64(min(exponent - 5, 10)) + Int64(below(10))
    }

    /// A connection or a book changes its state.
    mutating func appendState(of key: BookKey, _ block: inout EventBlock, _ received: Int64) {
        let venue = markets[Int(key.instrument)].definition.venue
        switch below(5) {
        case 0:
            let states: [ConnectionState] = [.down, .connecting, .up]
            for state in states.prefix(below(4)) {
                block.append(status(key.connection, venue, state), receivedAt: received)
            }
        case 1: block.append(.venueStatus(VenueStatus(.book(key, .empty))), receivedAt: received)
        case 2: block.append(.venueStatus(VenueStatus(.book(key, .syncing))), receivedAt: received)
        case 3: block.append(.venueStatus(VenueStatus(.book(key, .live))), receivedAt: received)
        default:
            let reason = InvalidReason.allCases[below(InvalidReason.allCases.count)]
            block.append(
                .venueStatus(VenueStatus(.book(key, .invalid(reason)))), receivedAt: received)
        }
    }

    /// A definition is refined, once in a while beyond what its levels can bear; or the market
    /// grows by an instrument; or a session begins again with another configuration.
    mutating func appendDefinition(
        _ block: inout EventBlock, _ received: Int64, _ index: Int
    ) {
        switch below(12) {
        case 0 where markets.count < 9:
            let more = markets.count
            let venues: [Venue] = [.okx, .bybit, .krakenFutures, .binanceUS]
            let added = Self.definition(
                more, venues[more - 5], "BTC-USDT", more % 2 == 0 ? "USDC" : "EUR",
                price: 2, size: 6)
            define(Market(definition: added, connections: [UInt16(more + 20)]), &block, received)
        case 1:
            configuration.windowsBps.append(configuration.windowsBps.removeFirst())
            configuration.defaultFee = Int64(below(200_000)) - 50_000
            block.append(.sessionStart(SessionStart(source: .simulated)), receivedAt: received)
            block.append(.configuration(configuration), receivedAt: received)
        default:
            let isExtreme = once(in: 10)
            var definition = markets[index].definition
            let price = Int(definition.priceExponent) + below(2)
            let size = Int(definition.sizeExponent) + below(2) + (isExtreme ? 9 : 0)
            definition.priceExponent = UInt8(min(price, 6))
            definition.sizeExponent = UInt8(min(size, 18))
            definition.tickSize = Decimal(mantissa: 1, exponent: definition.priceExponent)
            markets[index].definition = definition
            block.append(.instrumentDefinition(definition), receivedAt: received)
        }
    }

    /// An event that the fold must refuse.
    mutating func appendMistake(_ block: inout EventBlock, _ received: Int64) {
        let stranger = BookKey(instrument: 999, connection: 0)
        switch below(5) {
        case 0:
            var coarser = markets[0].definition
            coarser.sizeExponent -= 1
            block.append(.instrumentDefinition(coarser), receivedAt: received)
        case 1:
            var renamed = markets[1].definition
            renamed.venueSymbol.append(0x58)
            block.append(.instrumentDefinition(renamed), receivedAt: received)
        case 2:
            block.append(
                .venueStatus(VenueStatus(.book(stranger, .live))), receivedAt: received)
        case 3: block.append(status(UInt16.max, .binance, .up), receivedAt: received)
        default:
            block.appendTrade(
                key: stranger, takerSide: .buy, receivedAt: received,
                sourceTime: Timestamp.none, tradeID: 1, price: 1, size: 1)
        }
    }

    /// A kind that the fold keeps in the log alone.
    mutating func appendRare(_ block: inout EventBlock, _ received: Int64, _ index: Int) {
        let instrument = UInt16(index)
        let number = Decimal(
            mantissa: Int64(below(1_000_000)) - 500_000, exponent: UInt8(below(9)))
        let amount = Decimal(mantissa: Int64(below(1_000_000)), exponent: 3)
        let source = once(in: 4) ? Timestamp.none : received - Int64(below(1_000_000))
        let text = (0..<below(40)).map { UInt8(truncatingIfNeeded: $0 * index + 32) }
        let bodies: [EventBody] = [
            .liquidation(
                Liquidation(
                    instrument: instrument, positionSide: once(in: 2) ? .long : .short,
                    price: amount, size: amount, sourceTime: source)),
            .funding(
                Funding(
                    instrument: instrument, rate: number, nextTime: Timestamp.none,
                    sourceTime: source)),
            .openInterest(
                OpenInterest(instrument: instrument, size: amount, sourceTime: source)),
            .markPrice(
                MarkPrice(
                    instrument: instrument, mark: amount, index: .zero, sourceTime: source)),
            .predictionTick(
                PredictionTick(
                    instrument: instrument, bid: amount, ask: .zero, last: amount, size: amount,
                    sourceTime: source)),
            .onChainEvent(
                OnChainEvent(
                    type: text, account: text, key: [], data: text + text, sourceTime: source)),
            .clockStep(ClockStep(step: number.mantissa * 1_000_000)),
            .clockGap(ClockGap(from: received - 20_000_000_000, to: received)),
            .rejectedMessage(
                RejectedMessage(
                    venue: .okx, connection: instrument, reason: .badNumber, prefix: text)),
            .lateEvent(LateEvent(sourceTime: source, data: text)),
        ]
        block.append(bodies[below(bodies.count)], receivedAt: received)
    }
}
