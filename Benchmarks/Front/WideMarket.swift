internal import Engine

/// One symbol on every venue that there is, with one change a tick. Its name is the longest that
/// there may be, its spreads are wide and its stamps are of 1970: a frame of 1.5 KB, larger than a
/// real market's.
struct WideMarket: ~Copyable {
    /// The symbol; the client of the benchmark asks for it.
    static let symbol = "\(base)-USD"
    private static let base = "BTC" + String(repeating: "X", count: 45)

    private var engine = Engine()
    private var outputs = OutputBuffer(wantsFrames: true)
    private var block = EventBlock()
    private var time: Int64 = 1_767_571_200_000_000_000
    private let step: Int64
    private var count: Int64 = 0

    init(hz: UInt32) {
        step = 1_000_000_000 / Int64(hz)
        block.firstSequence = 1
        var configuration = EngineConfiguration()
        configuration.tickHz = hz
        configuration.windowsBps = [50]
        block.append(.sessionStart(SessionStart(source: .simulated)), receivedAt: time)
        block.append(.configuration(configuration), receivedAt: time)
        for (index, venue) in Venue.allCases.enumerated() {
            block.append(
                .instrumentDefinition(
                    InstrumentDefinition(
                        instrument: UInt16(index), venue: venue, venueSymbol: Array("BTCUSD".utf8),
                        base: Array(Self.base.utf8), quote: Array("USD".utf8),
                        priceExponent: 2, sizeExponent: 8)), receivedAt: time)
            block.append(
                .venueStatus(
                    VenueStatus(.connection(UInt16(index), venue, name: Array("w".utf8), .up))),
                receivedAt: time)
            append(.bookSnapshot, index)
        }
        apply()
        outputs.clear()
    }

    /// Lets the clock tick and shows what that led to.
    mutating func tick(_ show: (borrowing OutputBuffer, borrowing Engine) -> Void) {
        time += step
        count += 1
        for index in Venue.allCases.indices { append(.bookDelta, index) }
        block.appendClockTick(time: time)
        apply()
        show(outputs, engine)
        outputs.clear()
    }

    private mutating func append(_ kind: EventKind, _ venue: Int) {
        let size = 100_000_000 + (count * 7_919 + Int64(venue) * 104_729) % 900_000_000
        let near = 9_425_000 + Int64(venue) * 10
        let bids = [
            PriceLevel(price: near, size: size), PriceLevel(price: near - 700, size: size / 3),
        ]
        let asks = [
            PriceLevel(price: near + 30_000, size: size / 2),
            PriceLevel(price: near + 30_600, size: size / 5),
        ]
        let fields = BookEventFields(
            key: BookKey(instrument: UInt16(venue), connection: UInt16(venue)), receivedAt: time,
            sourceTime: 1)
        bids.withUnsafeBufferPointer { bids in
            asks.withUnsafeBufferPointer { block.appendBook(kind, fields, bids: bids, asks: $0) }
        }
    }

    private mutating func apply() {
        _ = block.stamp(from: 0, lastTime: engine.time)
        engine.apply(block, into: &outputs)
        block.clear()
        block.firstSequence = engine.sequence + 1
    }
}
