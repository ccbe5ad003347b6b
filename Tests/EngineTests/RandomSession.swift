import TestSupport

@testable import Engine

/// A seeded stream of events with several venues: books that move, gaps, trades, quiet spells,
/// lost connections, refined definitions, routing groups and every other kind of event. It knows
/// nothing of the fold, so it can be folded in different ways.
struct RandomSession {
    /// An instrument as the session left it, with the connections that it is seen through.
    struct Market {
        var definition: InstrumentDefinition
        var connections: [UInt16]
        var venueSequence: Int64 = 0
        var tradeID: Int64 = 100
    }

    var random: SeededRandom
    var time: Int64 = 1_767_571_200_000_000_000
    var sequence: UInt64 = 1
    /// Cents.
    var mid: Int64 = 9_300_000
    var markets: [Market] = []
    var configuration = RandomSession.grouped
    private var nextTick: Int64
    private let grid = TickGrid(hz: 2)

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        nextTick = grid.first(after: time)
    }

    /// A number from 0 up to below `limit`.
    mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

    /// Whether an event happens that does so once in `count` times.
    mutating func once(in count: Int) -> Bool { below(count) == 0 }

    /// The events at the head of a log: session, configuration, definitions, connections.
    mutating func head() -> EventBlock {
        var block = EventBlock()
        block.firstSequence = sequence
        block.append(.sessionStart(SessionStart(source: .recording)), receivedAt: time)
        block.append(.configuration(configuration), receivedAt: time)
        for market in Self.opening {
            for connection in market.connections {
                block.append(
                    status(connection, market.definition.venue, .up), receivedAt: time)
            }
            define(market, &block, time)
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
            let pause = once(in: 200) ? 4_000_000_000 : 40_000_000
            // Some messages come in behind one that was received later.
            let isLate = once(in: 10)
            let received = time + Int64(isLate ? -below(2_000_000) : below(pause))
            let start = block.count
            while nextTick <= received {
                block.appendClockTick(time: nextTick)
                nextTick = grid.first(after: nextTick)
            }
            appendMessage(&block, received)
            time = block.stamp(from: start, lastTime: time)
        }
        sequence += UInt64(block.count)
        return block
    }

    private mutating func appendMessage(_ block: inout EventBlock, _ received: Int64) {
        let index = below(markets.count)
        let connection = markets[index].connections[below(markets[index].connections.count)]
        let key = BookKey(instrument: UInt16(index), connection: connection)
        mid += Int64(below(41)) - 20
        switch below(60) {
        case 0: appendState(of: key, &block, received)
        case 1: appendRare(&block, received, index)
        case 2: appendDefinition(&block, received, index)
        case 3: appendMistake(&block, received)
        case 4, 5: appendTrade(&block, key, received)
        case 6...9: appendBook(.bookSnapshot, &block, key, received, levels: 120)
        default: appendBook(.bookDelta, &block, key, received, levels: below(12))
        }
    }

    private mutating func appendTrade(
        _ block: inout EventBlock, _ key: BookKey, _ received: Int64
    ) {
        let index = Int(key.instrument)
        // Ids repeat, go back and are missing now and then.
        markets[index].tradeID += Int64(below(3)) - (once(in: 20) ? 2 : 0)
        block.appendTrade(
            key: key, takerSide: [.buy, .sell, .unknown][below(3)], receivedAt: received,
            sourceTime: received / 1_000_000 * 1_000_000,
            tradeID: once(in: 10) ? -1 : markets[index].tradeID, price: price(mid, index),
            size: size(below(10_000) + 1, index))
    }

    private mutating func appendBook(
        _ kind: EventKind, _ block: inout EventBlock, _ key: BookKey, _ received: Int64,
        levels: Int
    ) {
        let index = Int(key.instrument)
        var bids: [PriceLevel] = []
        var asks: [PriceLevel] = []
        for _ in 0..<levels {
            bids.append(level(kind, side: -1, index))
            asks.append(level(kind, side: 1, index))
        }
        // A size that no book takes.
        if once(in: 300) {
            bids.append(PriceLevel(price: 1, size: Int64(Decimal.mantissaLimit) - 1))
        }
        markets[index].venueSequence += 1 + Int64(below(5))
        if once(in: 60) { markets[index].venueSequence -= Int64(below(6)) }
        let number = markets[index].venueSequence
        let hasNumber = index != 1
        let fields = BookEventFields(
            key: key, flags: flags(kind, index), receivedAt: received,
            sourceTime: index == 2 && once(in: 3)
                ? Timestamp.none : (received - 7_123_456) / 1_000 * 1_000,
            firstVenueSequence: hasNumber ? number - 1 : -1,
            lastVenueSequence: hasNumber ? number : -1)
        bids.withUnsafeBufferPointer { bids in
            asks.withUnsafeBufferPointer { asks in
                block.appendBook(kind, fields, bids: bids, asks: asks)
            }
        }
    }

    private mutating func flags(_ kind: EventKind, _ index: Int) -> EventFlags {
        var flags: EventFlags = []
        if kind == .bookSnapshot, index == 0 { flags = [.needsBridge, .bidsCut, .asksCut] }
        if kind == .bookSnapshot, once(in: 4) { flags.insert(once(in: 2) ? .bidsCut : .asksCut) }
        if index == 2 { flags.insert(once(in: 150) ? .checksumFailed : .checksumPassed) }
        return flags
    }

    private mutating func level(_ kind: EventKind, side: Int64, _ index: Int) -> PriceLevel {
        let distance = Int64(below(once(in: 20) ? 3_000_000 : 9_000)) + 1
        // Now and then a price on the wrong side, so that books cross.
        let sign = once(in: 400) ? -side : side
        let isRemoval = kind == .bookDelta && once(in: 3)
        return PriceLevel(
            price: price(mid + sign * distance, index),
            size: isRemoval ? 0 : size(below(5_000_000) + 1, index))
    }
}
