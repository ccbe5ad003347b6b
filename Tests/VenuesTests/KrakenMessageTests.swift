import Engine
import Testing

@testable import Venues

@Suite("Kraken v2: what else its messages say")
struct KrakenMessageTests {
    private let scene = KrakenScene(live: 10)
    private var bench: AdapterBench { scene.bench }

    private func trades(
        _ type: String, _ ids: [Int], side: String = "buy", price: String = "105944.20"
    ) -> String {
        let rows = ids.map {
            "{\"symbol\":\"BTC/USD\",\"side\":\"\(side)\",\"price\":\(price),\"qty\":0.00027625,"
                + "\"ord_type\":\"limit\",\"trade_id\":\($0),"
                + "\"timestamp\":\"2023-10-06T17:35:55.440295Z\"}"
        }
        return "{\"channel\":\"trade\",\"type\":\"\(type)\",\"data\":["
            + rows.joined(separator: ",") + "]}"
    }

    @Test("the side of a trade is the taker's")
    func takerSide() {
        #expect(bench.feed(trades("update", [5], side: "sell")) == .used)
        #expect(bench.words == ["define 2,8", "trade 5 sell"])
        guard case .trade(let trade)? = bench.events.last else { return #expect(Bool(false)) }
        #expect(trade.price == 10_594_420 && trade.size == 27_625)
        #expect(trade.sourceTime == 1_696_613_755_440_295_000)
        #expect(bench.feed(trades("update", [5], side: "sell")) == .unused(.duplicate))
        #expect(bench.feed(trades("update", [4, 6])) == .used)
        #expect(bench.words == ["trade 6 buy"])
    }

    @Test("trades of the snapshot fill the hole of a reconnect, in the order of their numbers")
    func tradeSnapshot() {
        #expect(bench.feed(trades("snapshot", [3, 2, 1])) == .unused(.latestTradeRepeated))
        #expect(bench.feed(trades("update", [4])) == .used)
        bench.connection(.down)
        #expect(bench.feed(trades("snapshot", [7, 6, 5, 4])) == .used)
        #expect(bench.words == ["trade 5 buy", "trade 6 buy", "trade 7 buy"])
        #expect(bench.feed(trades("snapshot", [7])) == .unused(.latestTradeRepeated))
    }

    @Test(
        "a trade that cannot be read rejects its message whole and leaves the books alone",
        arguments: [
            "\"side\":\"buy\"|\"side\":\"long\"", "\"trade_id\":1|\"trade_id\":-1",
            "\"trade_id\":1|\"trade_id\":\"x\"", "\"qty\":0.00027625|\"qty\":0",
            "\"qty\":0.00027625|\"qty\":0.0000000000001", "\"price\":105944.20|\"price\":-5",
            "\"price\":105944.20|\"other\":5", "55.440295Z|55.440295", "BTC/USD|BTCUSD",
        ])
    func unreadableTrade(change: String) {
        let parts = change.split(separator: "|").map(String.init)
        let text = trades("update", [2, 1])
        let cut = text.count - text.count / 2
        let damaged = text.prefix(cut) + text.dropFirst(cut).replacing(parts[0], with: parts[1])
        #expect(damaged != text)
        guard case .rejected(let reason) = bench.feed(String(damaged)) else {
            return #expect(Bool(false), "\(change)")
        }
        #expect(bench.words == ["rejected \(reason)"])
        #expect(scene.update([("100.1", "3.0")], []) == .used)
    }

    @Test("a ticker states best bid and ask; one of an idle pair states nothing")
    func ticker() throws {
        let head = "{\"channel\":\"ticker\",\"type\":\"update\",\"data\":[{\"symbol\":\"BTC/USD\","
        let text =
            head + "\"bid\":105944.20,\"bid_qty\":2.5,\"ask\":105944.30,\"ask_qty\":3.2,"
            + "\"last\":105899.40}]}"
        #expect(bench.feed(text) == .unused(.bestBidAsk))
        let touch = try #require(bench.adapter.touch)
        #expect(touch.bid == Decimal(mantissa: 1_059_442, exponent: 1))
        #expect(touch.askSize == Decimal(mantissa: 32, exponent: 1))
        let idle = head + "\"bid\":0,\"bid_qty\":0,\"ask\":0,\"ask_qty\":0}]}"
        #expect(bench.feed(idle) == .unused(.statistics))
        #expect(bench.adapter.touch == nil)
    }

    @Test("the list of pairs gives names and steps, and defines nothing by itself")
    func pairs() {
        let bench = AdapterBench(.kraken)
        let list =
            "{\"channel\":\"instrument\",\"type\":\"snapshot\",\"data\":{\"assets\":[{\"id\":"
            + "\"BTC\"}],\"pairs\":[{\"symbol\":\"BTC/USD\",\"base\":\"BTC\",\"quote\":\"USD\","
            + "\"qty_precision\":8,\"qty_increment\":0.00000001,\"price_precision\":1,"
            + "\"cost_min\":0.5,\"price_increment\":0.1},{\"symbol\":5},{\"symbol\":\"A/B\"}]}}"
        #expect(bench.feed(list) == .unused(.instrumentList))
        #expect(bench.words.isEmpty)
        #expect(bench.feed(trades("update", [1])) == .used)
        guard case .instrumentDefinition(let value)? = bench.events.first else {
            return #expect(Bool(false))
        }
        #expect(value.canonicalID == Array("BTC-USD".utf8))
        #expect(value.priceExponent == 2 && value.sizeExponent == 8)
        #expect(value.tickSize == Decimal(mantissa: 1, exponent: 1))
        #expect(value.lotSize == Decimal(mantissa: 1, exponent: 8))
        #expect(value.minimumNotional == Decimal(mantissa: 5, exponent: 1))
        #expect(bench.feed("{\"channel\":\"instrument\",\"data\":[]}") == .rejected(.missingField))
    }

    @Test("the list of the REST interface speaks of the symbols of v1, however many they are")
    func restPairs() {
        let bench = AdapterBench(.kraken)
        func pair(_ name: String, _ wsname: String) -> String {
            "\"\(name)\":{\"altname\":\"\(name)\",\"wsname\":\"\(wsname)\",\"base\":\"XXBT\","
                + "\"quote\":\"ZUSD\",\"pair_decimals\":1,\"lot_decimals\":8,\"costmin\":\"0.5\"}"
        }
        let others = (0..<200).map { pair("A\($0)USD", "A\($0)/USD") }
        let all = ([pair("XXBTZUSD", "XBT/USD")] + others).joined(separator: ",")
        let url = "https://api.kraken.com/0/public/AssetPairs"
        #expect(
            bench.feed("{\"error\":[],\"result\":{\(all)}}", rest: url) == .unused(.instrumentList))
        let trade = "[321,[[\"1\",\"1\",\"1617666461.4\",\"s\",\"m\",\"\"]],\"trade\",\"XBT/USD\"]"
        #expect(bench.feed(trade) == .used)
        guard case .instrumentDefinition(let value)? = bench.events.first else {
            return #expect(Bool(false))
        }
        #expect(value.canonicalID == Array("BTC-USD".utf8))
        #expect(value.tickSize == Decimal(mantissa: 1, exponent: 1))
        #expect(value.lotSize == Decimal(mantissa: 1, exponent: 8))
        for odd in ["{}", "{\"result\":{}}", "{\"result\":{\"a\":1}}", "[]", "{\"result\":"] {
            guard case .rejected = bench.feed(odd, rest: url) else {
                return #expect(Bool(false), "\(odd)")
            }
        }
    }

    @Test("channels that are not recorded, and control messages, are told apart")
    func control() {
        for (text, expected) in [
            ("{\"channel\":\"heartbeat\"}", Outcome.unused(.heartbeat)),
            ("{\"method\":\"pong\",\"req_id\":42}", .unused(.heartbeat)),
            ("{\"channel\":\"ohlc\",\"type\":\"update\",\"data\":[]}", .unused(.candle)),
            (
                "{\"channel\":\"status\",\"type\":\"update\",\"data\":[{\"connection_id\":"
                    + "13834774380200032777}]}", .unused(.notRecorded)
            ),
            ("{\"channel\":\"level3\",\"data\":[{}]}", .unused(.notRecorded)),
            (
                "{\"method\":\"subscribe\",\"success\":false,\"error\":\"Currency pair not "
                    + "supported A/B\",\"symbol\":\"A/B\"}", .unused(.errorAnswer)
            ),
            ("{\"error\":\"Exceeded msg rate\",\"success\":false}", .unused(.errorAnswer)),
            ("{\"method\":\"subscribe\",\"success\":false}", .unused(.errorAnswer)),
            (
                "{\"method\":\"subscribe\",\"result\":{\"channel\":\"trade\"},\"success\":true}",
                .unused(.subscriptionAnswer)
            ),
            ("{\"channel\":\"news\",\"data\":[]}", .rejected(.unknownMessage)),
            ("{\"method\":\"add_order\",\"success\":true}", .rejected(.unknownMessage)),
            ("{}", .rejected(.unknownMessage)),
        ] {
            #expect(bench.feed(text) == expected, "\(text)")
        }
    }

    @Test("everything that is recorded is subscribed, the book down to 1,000 levels")
    func subscriptions() {
        let messages = bench.adapter.subscriptions(
            symbols: ["BTC/USD", "ETH/USD"].map { Array($0.utf8) })
        let pairs = "\"symbol\":[\"BTC/USD\",\"ETH/USD\"]"
        let head = "{\"method\":\"subscribe\",\"params\":{\"channel\":"
        #expect(
            messages.map { String(decoding: $0, as: UTF8.self) } == [
                head + "\"instrument\",\"snapshot\":true}}",
                head + "\"book\",\(pairs),\"depth\":1000,\"snapshot\":true}}",
                head + "\"trade\",\(pairs),\"snapshot\":true}}",
            ])
    }

    @Test(
        "a book message with a wrong part makes its book invalid and is followed by nothing",
        arguments: [
            "\"qty\":5.0|\"qty\":-5.0", "\"qty\":5.0|\"qty\":\"x\"", "\"qty\":5.0|\"size\":5.0",
            "\"price\":100.1|\"price\":0", "\"price\":100.1|\"price\":1e-20",
            "\"bids\"|\"bidz\"", "\"asks\":[]|\"asks\":{}", "\"asks\":[]|\"asks\":[5]",
            "\"checksum\"|\"sum\"", "51.660084Z|51.660084", "\"update\"|\"change\"",
            "\"checksum\":|\"checksum\":9999999999", "\"bids\":|\"asks\":[],\"bids\":",
        ])
    func wrongPart(change: String) {
        let parts = change.split(separator: "|").map(String.init)
        let text = scene.text("update", [("100.1", "5.0")], [])
        let damaged = text.replacing(parts[0], with: parts[1])
        #expect(damaged != text)
        guard case .rejected(let reason) = bench.feed(damaged) else {
            return #expect(Bool(false), "\(change)")
        }
        let validity = reason == .outOfRange ? "invalid(overflow)" : "invalid(parse)"
        #expect(bench.words == ["rejected \(reason)", validity])
        #expect(bench.commands.count == 1)
        #expect(scene.update([("100.1", "3.0")], []) == .unused(.waitingForSnapshot))
        #expect(bench.events.isEmpty)
    }

    @Test("an unreadable message spoils the one book that it surely spoke of, else every book")
    func losses() {
        var other = KrakenVenueBook(depth: 10)
        other.set(bids: [("9.5", "1.0")], asks: [])
        let eth = scene.entry(other.bids, [], other.checksum, symbol: "ETH/USD")
        let snapshot = "{\"channel\":\"book\",\"type\":\"snapshot\",\"data\":[\(eth)]}"
        let one = scene.text("update", [("100.1", "-1")], [])
        let both = one.dropLast(2) + ",\(eth)]}"
        for (text, count) in [
            (one, 1), (String(one.dropLast()), 2), (String(both), 2),
            (one.replacing("BTC/USD", with: "BTC\\/USD"), 2),
            (one.replacing("\"channel\":\"book\",", with: ""), 1), ("{}", 2),
            (one.replacing("\"book\"", with: "\"news\""), 0),
        ] {
            scene.snapshot()
            bench.feed(snapshot)
            guard case .rejected = bench.feed(text) else { return #expect(Bool(false), "\(text)") }
            let invalid = bench.words.filter { $0.hasPrefix("invalid") }
            #expect(invalid.count == count, "\(text)")
            #expect(bench.commands.count == count)
        }
    }

    @Test("a message that was lost before it came here spoils its book, or every book")
    func lostBefore() {
        var block = EventBlock()
        let evidence = Array("x".utf8)
        let outcome = evidence.withUnsafeBufferPointer {
            bench.adapter.lose(
                symbol: nil, .truncated, evidence: $0, receivedAt: bench.now, into: &block)
        }
        #expect(outcome == .rejected(.malformed))
        #expect(block.count == 2)
        #expect(scene.update([], []) == .unused(.waitingForSnapshot))
        let known = Array("BTC/USD".utf8).withUnsafeBufferPointer {
            bench.adapter.hasSeen(symbol: $0)
        }
        #expect(known)
    }
}
