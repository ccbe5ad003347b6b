/// The bare sweep over two books, without naive baseline, checks and JSON of `Engine.execute`.
public struct SweepProbe: ~Copyable {
    /// What one sweep took, comparable with the C program's checksum.
    public struct Answer: Sendable {
        /// Levels that were touched.
        public var levels = 0
        /// `3·quantity + quantity of the first venue + notional >> 20`.
        public var checksum: UInt64 = 0

        /// Nothing taken.
        public init() {}
    }

    private var engine = Engine()
    private let venues: [SweepVenue]

    /// Ladders with these asks (price, size), prices with 2 digits, sizes with 8.
    public init(asks: [[(price: Int64, size: Int64)]], fees: [Int64]) {
        var block = EventBlock()
        block.firstSequence = 1
        var venues: [SweepVenue] = []
        for index in asks.indices {
            block.append(
                .instrumentDefinition(
                    InstrumentDefinition(
                        instrument: UInt16(index), venue: index == 0 ? .binance : .coinbase,
                        venueSymbol: [0x41], base: [0x41], quote: [0x55, 0x53, 0x44],
                        priceExponent: 2, sizeExponent: 8)), receivedAt: 1)
            let levels = asks[index].map { PriceLevel(price: $0.price, size: $0.size) }
            levels.withUnsafeBufferPointer { levels in
                block.appendBook(
                    .bookSnapshot,
                    BookEventFields(
                        key: BookKey(instrument: UInt16(index), connection: 0), receivedAt: 1),
                    bids: UnsafeBufferPointer(start: nil, count: 0), asks: levels)
            }
            venues.append(
                SweepVenue(
                    member: index, slot: index,
                    feeMultiplier: Fee.multiplier(fee: fees[index], isBuy: true), priceScale: 1,
                    notionalScale: 1, quantityScale: 1))
        }
        self.venues = venues
        var outputs = OutputBuffer(wantsFrames: false)
        _ = block.stamp(from: 0, lastTime: 0)
        engine.apply(block, into: &outputs)
    }

    /// Sweeps `times` times for `dollars`, each time from the start as an order does.
    public func run(dollars: Int64, times: Int) -> Answer {
        var answer = Answer()
        let notional = Int128(dollars) * 100 * 100_000_000
        for _ in 0..<times {
            var sweep = Sweep(isBuy: true, venues: venues)
            guard let result = try? sweep.run(notional, engine.books) else { return answer }
            var quantity: UInt64 = 0
            var first: UInt64 = 0
            for fill in result.fills {
                quantity &+= UInt64(bitPattern: fill.size)
                if fill.member == 0 { first &+= UInt64(bitPattern: fill.size) }
            }
            answer.levels = result.fills.count
            answer.checksum =
                quantity &* 3 &+ first &+ UInt64(truncatingIfNeeded: result.filled >> 20)
        }
        return answer
    }
}
