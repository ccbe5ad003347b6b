import Engine
import Testing

@testable import Venues

@Suite("Kraken v1: messages that are arrays")
struct KrakenArrayTests {
    private let scene = KrakenScene(live: 10, isArrays: true)

    private func feed(_ payload: String, _ channel: String = "book-10") -> Outcome {
        scene.bench.feed("[320,\(payload),\"\(channel)\",\"XBT/USD\"]")
    }

    @Test("asks and bids in two objects are one change, with the checksum of both")
    func twoObjects() {
        #expect(scene.update([("100.1", "7.0")], [("100.2", "8.0")]) == .used)
        #expect(scene.bench.words == ["delta -1--1"])
        #expect(scene.lastBook?.bids.count == 1 && scene.lastBook?.asks.count == 1)
        #expect(scene.flags == [.checksumPassed])
    }

    @Test("the mark of a republished level says nothing new, and the newest time is the message's")
    func republished() {
        let text =
            "{\"a\":[[\"100.2\",\"0.00000000\",\"1617666539.868687\"],"
            + "[\"100.4\",\"1.48600534\",\"1617648977.752138\",\"r\"]]}"
        #expect(feed(text) == .used)
        #expect(scene.bench.words == ["define 2,8", "delta -1--1"])
        #expect(
            scene.lastBook?.asks == [
                PriceLevel(price: 10_020, size: 0), PriceLevel(price: 10_040, size: 148_600_534),
            ])
        #expect(scene.lastBook?.sourceTime == 1_617_666_539_868_687_000)
    }

    @Test("a second subscription of another depth tells the same book, and the first one goes on")
    func otherDepth() {
        #expect(feed("{\"b\":[[\"1.0\",\"1\",\"1.0\"]]}", "book-25") == .unused(.partialDepth))
        #expect(scene.acknowledge("unsubscribe", depth: 25) == .unused(.subscriptionAnswer))
        #expect(scene.bench.words.isEmpty)
        #expect(scene.update([("100.1", "7.0")], []) == .used)
        #expect(scene.flags == [.checksumPassed])
    }

    @Test("a wrong checksum is answered in the protocol of the connection")
    func resubscription() {
        #expect(scene.send("update", [("100.1", "7.5")], []) == .used)
        #expect(scene.flags == [.checksumFailed])
        guard case .resubscribe(let symbol, let messages)? = scene.bench.commands.first else {
            return #expect(Bool(false))
        }
        #expect(symbol == Array("XBT/USD".utf8))
        #expect(
            messages.map { String(decoding: $0, as: UTF8.self) } == [
                "{\"event\":\"unsubscribe\",\"pair\":[\"XBT/USD\"],\"subscription\":"
                    + "{\"name\":\"book\",\"depth\":10}}",
                "{\"event\":\"subscribe\",\"pair\":[\"XBT/USD\"],\"subscription\":"
                    + "{\"name\":\"book\",\"depth\":10}}",
            ])
    }

    @Test(
        "a book message of another shape makes its book invalid",
        arguments: [
            "{}", "{\"as\":[],\"a\":[]}", "{\"as\":[]}", "{\"a\":{}}", "{\"a\":[[\"1\",\"1\"]]}",
            "{\"a\":[[\"1\",\"1\",2]]}", "{\"a\":[[\"1\",\"x\",\"2.0\"]]}",
            "{\"a\":[[\"1\",\"1\",\"time\"]]}", "{\"a\":[],\"c\":\"4294967296\"}",
            "{\"a\":[],\"c\":\"-1\"}", "{\"a\":[],\"c\":\"x\"}", "{\"a\":[]},{\"a\":[]}",
            "{\"a\":[[\"-1\",\"1\",\"2.0\"]]}", "{\"a\":[],\"a\":[]}", "[]", "1",
        ])
    func malformed(payload: String) {
        guard case .rejected(let reason) = feed(payload) else {
            return #expect(Bool(false), "\(payload)")
        }
        let validity = reason == .outOfRange ? "invalid(overflow)" : "invalid(parse)"
        #expect(scene.bench.words == ["rejected \(reason)", validity])
        #expect(scene.bench.commands.count == 1)
    }

    @Test(
        "an array of another shape is unexplained, and no book that it may mean is right any more",
        arguments: [
            "[]", "[320]", "[[],\"ownTrades\",{\"sequence\":1}]",
            "[320,{},\"magic\",\"XBT/USD\"]", "[320,{},{},\"trade\",\"XBT/USD\"]",
            "[320,{\"a\":[]},{\"b\":[]},{},\"book-10\",\"XBT/USD\"]",
            "[320,{\"a\":[]},\"book-10\",5]",
            "[320,{\"a\":[]},\"book-10\",\"XBT/USD\"",
        ])
    func unexplained(text: String) {
        guard case .rejected = scene.bench.feed(text) else { return #expect(Bool(false)) }
        // Of another channel than that of books, a book cannot be wrong.
        let isOther = text.contains("\"trade\"") || text.contains("magic")
        #expect(scene.bench.words.contains("invalid(parse)") == !isOther, "\(text)")
    }

    @Test("trades have no number: each is recorded, the taker's side is s or b")
    func trades() {
        let text =
            "[321,[[\"58721.20000\",\"0.02798644\",\"1617666461.465618\",\"s\",\"m\",\"\"],"
            + "[\"58721.30000\",\"0.00000050\",\"1617666461.470964\",\"b\",\"l\",\"\"]],"
            + "\"trade\",\"XBT/USD\"]"
        for _ in 0..<2 { #expect(scene.bench.feed(text) == .used) }
        #expect(scene.bench.words == ["trade -1 sell", "trade -1 buy"])
        guard case .trade(let trade)? = scene.bench.events.last else { return #expect(Bool(false)) }
        #expect(trade.price == 5_872_130 && trade.size == 50)
        #expect(trade.sourceTime == 1_617_666_461_470_964_000)
    }

    @Test("an unreadable trade rejects its message and leaves the books alone")
    func unreadableTrade() {
        for row in [
            "[\"1\",\"1\",\"1.0\",\"x\",\"m\",\"\"]", "[\"1\",\"0\",\"1.0\",\"s\",\"m\",\"\"]",
            "[\"-1\",\"1\",\"1.0\",\"s\",\"m\",\"\"]", "[\"1\",\"1\"]", "[\"1\",\"1\",1,\"s\"]",
        ] {
            let good = "[\"1\",\"1\",\"1.0\",\"s\",\"m\",\"\"]"
            guard case .rejected(let reason) = feed("[\(good),\(row)]", "trade") else {
                return #expect(Bool(false), "\(row)")
            }
            #expect(scene.bench.words == ["rejected \(reason)"], "\(row)")
        }
        #expect(scene.update([("100.1", "7.0")], []) == .used)
    }

    @Test("spread and ticker state best bid and ask")
    func touches() throws {
        #expect(
            feed("[\"43770.2\",\"43770.3\",\"1633053779.916349\",\"0.009\",\"0.31\"]", "spread")
                == .unused(.bestBidAsk))
        let spread = try #require(scene.bench.adapter.touch)
        #expect(spread.bid == Decimal(mantissa: 437_702, exponent: 1))
        #expect(spread.askSize == Decimal(mantissa: 31, exponent: 2))
        #expect(spread.updateID == -1)
        let ticker =
            "{\"a\":[\"0.000023630\",7289,\"7289.86759215\"],\"b\":[\"0.000023610\",1173,"
            + "\"1173.00000000\"],\"c\":[\"0.000023620\",\"25.10303887\"]}"
        #expect(feed(ticker, "ticker") == .unused(.bestBidAsk))
        let touch = try #require(scene.bench.adapter.touch)
        #expect(touch.ask == Decimal(mantissa: 2_363, exponent: 8))
        #expect(touch.bidSize == Decimal(mantissa: 1_173, exponent: 0))
        #expect(feed("[\"1633053779\"]", "ohlc-5") == .unused(.candle))
        #expect(scene.bench.adapter.touch == nil)
    }

    @Test("events are told apart")
    func events() {
        func feed(_ fields: String) -> Outcome { scene.bench.feed("{\"event\":\(fields)}") }
        #expect(feed("\"heartbeat\"") == .unused(.heartbeat))
        #expect(feed("\"pong\",\"reqid\":42") == .unused(.heartbeat))
        #expect(
            feed("\"systemStatus\",\"connectionID\":13935949241502919679,\"status\":\"online\"")
                == .unused(.notRecorded))
        #expect(feed("\"error\",\"errorMessage\":\"Exceeded msg rate\"") == .unused(.errorAnswer))
        #expect(
            feed("\"subscriptionStatus\",\"status\":\"error\",\"pair\":\"A/B\"")
                == .unused(.errorAnswer))
        #expect(
            feed("\"subscriptionStatus\",\"status\":\"subscribed\",\"channelName\":\"trade\"")
                == .unused(.subscriptionAnswer))
        #expect(feed("\"news\"") == .rejected(.unknownMessage))
        #expect(scene.bench.words == ["rejected unknownMessage"])
    }
}
