import Engine
import Testing

@testable import Venues

/// USD-M futures have two routes (`binance-usdm.md` 1): a stream of the other one is acknowledged
/// and stays silent.
@Suite struct BinanceRouteTests {
    private func streams(_ name: String) throws -> [String] {
        let service = try #require(VenueService.all.first { $0.name == name })
        let adapter = try #require(
            VenueRegistry.adapter(
                service.endpoint, connection: 0, name: [], instruments: InstrumentTable()))
        let messages = adapter.subscriptions(symbols: [Array("BTCUSDT".utf8)])
        #expect(messages.count == 1)
        let text = String(decoding: messages[0], as: UTF8.self)
        let list = try #require(text.split(separator: "[").last?.split(separator: "]").first)
        return list.split(separator: ",").map { $0.filter { $0 != "\"" } }
    }

    @Test func `the route of books is asked for books and trades only`() throws {
        let wanted = ["btcusdt@depth@100ms", "btcusdt@bookTicker", "btcusdt@trade"]
        #expect(try streams("binance-usdm") == wanted)
        #expect(try streams("binance") == wanted)
    }

    @Test func `marks, funding and liquidations are asked for on a route of their own`() throws {
        #expect(
            try streams("binance-usdm-market") == [
                "btcusdt@markPrice@1s", "btcusdt@forceOrder",
            ])
        let urls = VenueService.all.filter { $0.endpoint.venue == .binanceUSDM }.map(\.socketURL)
        #expect(
            urls == [
                "wss://fstream.binance.com/public/stream",
                "wss://fstream.binance.com/market/stream",
            ])
        for service in VenueService.all where service.endpoint.venue == .binanceUSDM {
            let endpoint = Array(service.socketURL.utf8).withUnsafeBufferPointer {
                VenueEndpoint(url: $0)
            }
            #expect(endpoint == service.endpoint)
        }
    }

    @Test func `both routes speak of one instrument`() throws {
        let instruments = InstrumentTable()
        let depth = """
            {"stream":"btcusdt@trade","data":{"e":"trade","E":1767571200000,"T":1767571200000,\
            "s":"BTCUSDT","t":5,"p":"94250.10","q":"0.5","X":"MARKET","m":true}}
            """
        let mark = """
            {"stream":"btcusdt@markPrice@1s","data":{"e":"markPriceUpdate","E":1767571200000,\
            "s":"BTCUSDT","p":"94251.00","P":"94250.00","i":"94252.00","r":"0.0001",\
            "T":1767585600000}}
            """
        var ids: Set<UInt16> = []
        for (name, text) in [("binance-usdm", depth), ("binance-usdm-market", mark)] {
            let service = try #require(VenueService.all.first { $0.name == name })
            let adapter = try #require(
                VenueRegistry.adapter(
                    service.endpoint, connection: name.hasSuffix("market") ? 1 : 0, name: [],
                    instruments: instruments))
            var block = EventBlock()
            let outcome = Array(text.utf8).withUnsafeBufferPointer {
                adapter.receive(
                    $0, origin: .socket, receivedAt: 1_767_571_200_000_000_000, into: &block)
            }
            #expect(outcome == .used)
            for index in 0..<block.count {
                switch try block.event(at: index).body {
                case .instrumentDefinition(let definition): ids.insert(definition.instrument)
                case .markPrice(let mark): ids.insert(mark.instrument)
                default: break
                }
            }
        }
        #expect(ids.count == 1)
    }
}
