import TestSupport

@testable import Engine

/// A seeded stream of events with several venues: books that move, gaps, trades, quiet spells,
/// refined definitions. It knows nothing of the fold, so it can be folded in different ways.
struct RandomSession {
    var random: SeededRandom
    var time: Int64 = 1_767_571_200_000_000_000
    var sequence: UInt64 = 1
    private var mid: Int64 = 9_300_000
    private var nextTick: Int64
    private let grid = TickGrid(hz: 2)
    private var venueSequence: [Int64] = [0, 0, 0]
    private var tradeID: Int64 = 100

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        nextTick = grid.first(after: time)
    }

    /// The events at the head of a log: session, configuration, definitions, connections.
    mutating func head(configuration: EngineConfiguration = EngineConfiguration()) -> EventBlock {
        var block = EventBlock()
        block.firstSequence = sequence
        block.append(.sessionStart(SessionStart(source: .recording)), receivedAt: time)
        block.append(.configuration(configuration), receivedAt: time)
        let venues: [(Venue, String, String)] = [
            (.binance, "BTCUSDT", "USDT"), (.coinbase, "BTC-USD", "USD"),
            (.kraken, "BTC/USD", "USD"),
        ]
        for (index, (venue, symbol, quote)) in venues.enumerated() {
            block.append(
                .venueStatus(
                    VenueStatus(.connection(UInt16(index), venue, name: [0x63], .up))),
                receivedAt: time)
            block.append(
                .instrumentDefinition(
                    InstrumentDefinition(
                        instrument: UInt16(index), venue: venue, venueSymbol: Array(symbol.utf8),
                        base: Array("BTC".utf8), quote: Array(quote.utf8),
                        priceExponent: index == 2 ? 1 : 2, sizeExponent: index == 0 ? 5 : 8)),
                receivedAt: time)
        }
        time = block.stamp(from: 0, lastTime: time)
        sequence += UInt64(block.count)
        return block
    }

    /// The next `count` messages with the ticks that fall due before them.
    mutating func next(_ count: Int) -> EventBlock {
        var block = EventBlock()
        block.firstSequence = sequence
        for _ in 0..<count {
            let pause = random.next() % 200 == 0 ? Int64(4_000_000_000) : 40_000_000
            let received = time + Int64(random.next() % UInt64(pause))
            while nextTick <= received {
                block.appendClockTick(time: nextTick)
                nextTick = grid.first(after: nextTick)
            }
            let start = block.count
            appendMessage(&block, received)
            _ = block.stamp(from: start, lastTime: time)
            time = max(time, received)
        }
        _ = block.stamp(from: 0, lastTime: block.headers.first?.time ?? time)
        time = max(time, block.headers.last?.time ?? time)
        sequence += UInt64(block.count)
        return block
    }

    private mutating func appendMessage(_ block: inout EventBlock, _ received: Int64) {
        let venue = Int(random.next() % 3)
        let key = BookKey(instrument: UInt16(venue), connection: UInt16(venue))
        mid += Int64(random.next() % 41) - 20
        switch random.next() % 40 {
        case 0:
            block.append(
                .venueStatus(VenueStatus(.book(key, .invalid(.gap)))), receivedAt: received)
        case 1, 2: appendBook(.bookSnapshot, &block, key, venue, received, levels: 120)
        case 3:
            tradeID += Int64(random.next() % 2)
            block.appendTrade(
                key: key, takerSide: .buy, receivedAt: received,
                sourceTime: received / 1_000_000 * 1_000_000, tradeID: tradeID,
                price: scaled(mid, venue), size: Int64(random.next() % 10_000) + 1)
        default:
            appendBook(.bookDelta, &block, key, venue, received, levels: Int(random.next() % 12))
        }
    }

    private mutating func appendBook(
        _ kind: EventKind, _ block: inout EventBlock, _ key: BookKey, _ venue: Int,
        _ received: Int64, levels: Int
    ) {
        var bids: [PriceLevel] = []
        var asks: [PriceLevel] = []
        for _ in 0..<levels {
            bids.append(level(kind, side: -1, venue))
            asks.append(level(kind, side: 1, venue))
        }
        venueSequence[venue] += 1 + Int64(random.next() % 5)
        var flags: EventFlags = []
        if kind == .bookSnapshot, venue == 0 { flags = [.needsBridge, .bidsCut, .asksCut] }
        let fields = BookEventFields(
            key: key, flags: flags, receivedAt: received,
            sourceTime: venue == 2 && random.next() % 3 == 0
                ? Timestamp.none : (received - 7_123_456) / 1_000 * 1_000,
            firstVenueSequence: venue == 1 ? -1 : venueSequence[venue] - 1,
            lastVenueSequence: venue == 1 ? -1 : venueSequence[venue])
        bids.withUnsafeBufferPointer { bids in
            asks.withUnsafeBufferPointer { asks in
                block.appendBook(kind, fields, bids: bids, asks: asks)
            }
        }
    }

    private mutating func level(_ kind: EventKind, side: Int64, _ venue: Int) -> PriceLevel {
        let isFar = random.next() % 20 == 0
        let distance = Int64(random.next() % (isFar ? 3_000_000 : 9_000)) + 1
        // Now and then a price on the wrong side, so that books cross.
        let sign = random.next() % 400 == 0 ? -side : side
        let isRemoval = kind == .bookDelta && random.next() % 3 == 0
        return PriceLevel(
            price: scaled(mid + sign * distance, venue),
            size: isRemoval ? 0 : Int64(random.next() % 5_000_000) + 1)
    }

    private func scaled(_ price: Int64, _ venue: Int) -> Int64 {
        max(1, venue == 2 ? price / 10 : price)
    }
}
