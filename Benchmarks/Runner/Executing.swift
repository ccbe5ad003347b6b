internal import CBenchSupport
internal import Engine

extension Sweeping {
    /// The product's way: routed and naive sweep, comparison and JSON.
    static func execute(dollars: Int64, runs: Int) throws {
        var engine = Engine()
        var outputs = OutputBuffer(wantsFrames: false)
        var block = EventBlock()
        block.firstSequence = 1
        let venues: [Venue] = [.binance, .coinbase]
        for index in 0..<2 {
            block.append(
                .instrumentDefinition(
                    InstrumentDefinition(
                        instrument: UInt16(index), venue: venues[index],
                        venueSymbol: Array("BTC".utf8), base: Array("BTC".utf8),
                        quote: Array("USD".utf8), priceExponent: 2, sizeExponent: 8)),
                receivedAt: 1_000_000_000)
            block.append(
                .venueStatus(
                    VenueStatus(
                        .connection(UInt16(index), venues[index], name: [0x61], .up))),
                receivedAt: 1_000_000_000)
            let levels = asks[index].map { PriceLevel(price: $0.price, size: $0.size) }
            let bid = [PriceLevel(price: 9_000_000, size: 100_000_000)]
            bid.withUnsafeBufferPointer { bid in
                levels.withUnsafeBufferPointer { levels in
                    block.appendBook(
                        .bookSnapshot,
                        BookEventFields(
                            key: BookKey(instrument: UInt16(index), connection: UInt16(index)),
                            receivedAt: 1_000_000_000), bids: bid, asks: levels)
                }
            }
        }
        _ = block.stamp(from: 0, lastTime: 0)
        engine.apply(block, into: &outputs)
        var order = Order(
            symbol: Array("BTC-USD".utf8), isBuy: true,
            notional: Decimal(mantissa: dollars, exponent: 0))
        order.fees = [
            VenueFee(venue: .binance, fee: 10_000), VenueFee(venue: .coinbase, fee: 25_000),
        ]
        var json: [UInt8] = []
        var seconds: [Double] = []
        let count = 500
        for _ in 0..<runs {
            let start = bench_cpu_seconds()
            for _ in 0..<count {
                json.removeAll(keepingCapacity: true)
                try engine.execute(order, to: &json)
            }
            seconds.append(bench_cpu_seconds() - start)
        }
        say("execute.ns", median(seconds) / Double(count) * 1e9)
        say("execute.bytes", json.count)
        let before = bench_allocations()
        for _ in 0..<100 {
            json.removeAll(keepingCapacity: true)
            try engine.execute(order, to: &json)
        }
        say("execute.allocations", Double(bench_allocations() - before) / 100)
    }
}
