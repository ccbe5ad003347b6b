import Testing

@testable import Engine

/// 65,536 levels a side: enough for every real book, and a bound on memory.
@Suite struct LevelCapTests {
    private let key = BookKey(instrument: 0, connection: 0)

    /// A live book with as many bids as there may be, at 100,000, 100,001, …
    private func fullEngine() -> Engine {
        var engine = Engine()
        var block = EventBlock()
        block.firstSequence = 1
        block.append(.configuration(EngineConfiguration()), receivedAt: 1_000)
        let definition = InstrumentDefinition(
            instrument: 0, venue: .coinbase, venueSymbol: Array("BTC-USD".utf8),
            base: Array("BTC".utf8), quote: Array("USD".utf8), priceExponent: 2, sizeExponent: 2)
        block.append(.instrumentDefinition(definition), receivedAt: 1_000)
        let bids = (0..<Limits.levelsPerSideMax).map {
            PriceLevel(price: 100_000 + Int64($0), size: 5)
        }
        append(.bookSnapshot, bids, to: &block)
        apply(block, to: &engine)
        return engine
    }

    private func append(_ kind: EventKind, _ bids: [PriceLevel], to block: inout EventBlock) {
        let fields = BookEventFields(key: key, receivedAt: 1_000)
        bids.withUnsafeBufferPointer { bids in
            let none = UnsafeBufferPointer<PriceLevel>(start: nil, count: 0)
            block.appendBook(kind, fields, bids: bids, asks: none)
        }
    }

    private func apply(_ block: consuming EventBlock, to engine: inout Engine) {
        var block = block
        _ = block.stamp(from: 0, lastTime: engine.time)
        var outputs = OutputBuffer(wantsFrames: false)
        engine.apply(block, into: &outputs)
    }

    private func validity(after levels: [PriceLevel]) -> BookValidity? {
        var engine = fullEngine()
        var block = EventBlock()
        block.firstSequence = engine.sequence + 1
        append(.bookDelta, levels, to: &block)
        apply(block, to: &engine)
        return engine.bookSummary(key)?.validity
    }

    @Test func `a full side takes a level for one that goes, in either order`() {
        let goes = PriceLevel(price: 100_000, size: 0)
        let comes = PriceLevel(price: 99_999, size: 1)
        #expect(validity(after: [goes, comes]) == .live)
        #expect(validity(after: [comes, goes]) == .live)
    }

    @Test func `of a price that stands twice the last counts`() {
        let goes = PriceLevel(price: 100_000, size: 0)
        let comes = PriceLevel(price: 99_999, size: 1)
        let comesAgain = PriceLevel(price: 99_999, size: 2)
        #expect(validity(after: [comes, goes, comesAgain]) == .live)
        let vanishes = PriceLevel(price: 99_999, size: 0)
        #expect(validity(after: [comes, vanishes]) == .live)
        #expect(
            validity(after: [goes, comes, PriceLevel(price: 100_000, size: 3)])
                == .invalid(.overflow))
    }

    @Test func `one level more than there may be makes the book invalid`() {
        #expect(validity(after: [PriceLevel(price: 99_999, size: 1)]) == .invalid(.overflow))
        #expect(validity(after: [PriceLevel(price: 100_001, size: 9)]) == .live)
        #expect(validity(after: [PriceLevel(price: 99_999, size: 0)]) == .live)
    }
}
