import Engine
import Testing

@testable import Venues

/// Names that are too long for a definition: the fold would refuse it and all events after it.
@Suite struct LongNameTests {
    private let long = String(repeating: "A", count: 60)

    @Test func `a symbol whose asset has no place in a definition is rejected`() {
        let bench = AdapterBench()
        #expect(bench.delta(1, 2, symbol: long + "USDT") == .rejected(.tooLarge))
        #expect(bench.words == ["rejected tooLarge"])
        #expect(bench.delta(1, 2, symbol: "A\u{7f}USDT") == .rejected(.unknownSymbol))
        let fitting = String(repeating: "A", count: 48) + "USDT"
        #expect(bench.delta(1, 2, symbol: fitting) == .unused(.waitingForSnapshot))
    }

    @Test func `an asset of a list that has no place in a definition gives way to the letters`() {
        let bench = AdapterBench()
        let list =
            #"{"symbols":[{"symbol":"BTCUSDT","baseAsset":""# + long + #"","quoteAsset":"USDT","#
            + #""filters":[{"filterType":"PRICE_FILTER","tickSize":"0.001"},"#
            + #"{"filterType":"LOT_SIZE","stepSize":"0.001"}]}]}"#
        #expect(
            bench.feed(list, rest: "/api/v3/exchangeInfo") == .unused(.instrumentList))
        _ = bench.snapshot(1)
        guard case .instrumentDefinition(let definition)? = bench.events.first else {
            Issue.record("no definition: \(bench.words)")
            return
        }
        #expect(String(decoding: definition.canonicalID, as: UTF8.self) == "BTC-USDT")
    }
}
