import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

@Suite("Bybit: connections")
struct BybitConnectionTests {
    private func requests(_ market: VenueMarket, _ symbols: [String]) -> [String] {
        AdapterBench(.bybit, market: market).adapter
            .subscriptions(symbols: symbols.map { Array($0.utf8) })
            .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("everything that is recorded is asked for, ten topics a request")
    func subscriptions() {
        #expect(
            requests(.spot, ["BTCUSDT"]) == [
                "{\"op\":\"subscribe\",\"args\":[\"orderbook.1000.BTCUSDT\","
                    + "\"publicTrade.BTCUSDT\"]}"
            ])
        #expect(
            requests(.linear, ["BTCUSDT"]) == [
                "{\"op\":\"subscribe\",\"args\":[\"orderbook.1000.BTCUSDT\","
                    + "\"publicTrade.BTCUSDT\",\"tickers.BTCUSDT\",\"allLiquidation.BTCUSDT\"]}"
            ])
        #expect(
            requests(.option, ["BTC-6JAN23-17500-C", "BTC-6JAN23-17500-P"]) == [
                "{\"op\":\"subscribe\",\"args\":[\"orderbook.100.BTC-6JAN23-17500-C\","
                    + "\"publicTrade.BTC\",\"orderbook.100.BTC-6JAN23-17500-P\"]}"
            ])
        let many = requests(.inverse, (0..<13).map { "A\($0)USD" })
        #expect(many.map { $0.split(separator: ",").count - 1 } == [10, 10, 10, 10, 10, 2])
        #expect(requests(.spot, []) == [])
        #expect(BybitAdapter.ping == Array("{\"op\":\"ping\"}".utf8))
        #expect(BybitAdapter.pingEveryNanos == 20_000_000_000)
    }

    @Test(
        "answers to subscriptions and pings are told apart",
        arguments: [
            ("{\"success\":true,\"ret_msg\":\"subscribe\",\"op\":\"subscribe\"}", "done"),
            ("{\"success\":true,\"ret_msg\":\"\",\"req_id\":\"\",\"op\":\"unsubscribe\"}", "done"),
            (
                "{\"success\":false,\"ret_msg\":\"error:handler not found,topic:x\",\"op\":"
                    + "\"subscribe\"}", "refused"
            ),
            ("{\"op\":\"ping\",\"success\":true,\"ret_msg\":\"pong\"}", "pong"),
            ("{\"args\":[\"1672916271846\"],\"op\":\"pong\"}", "pong"),
            (
                "{\"success\":true,\"data\":{\"failTopics\":[],\"successTopics\":[\"x\"]},"
                    + "\"type\":\"COMMAND_RESP\"}", "done"
            ),
            (
                "{\"success\":true,\"data\":{\"failTopics\":[ \"x\"],\"successTopics\":[]},"
                    + "\"type\":\"COMMAND_RESP\"}", "refused"
            ),
            ("{\"success\":true,\"data\":{\"failTopics\":[ ]}}", "done"),
        ])
    func control(text: String, kind: String) {
        let outcomes: [String: Outcome] = [
            "done": .unused(.subscriptionAnswer), "refused": .unused(.errorAnswer),
            "pong": .unused(.heartbeat),
        ]
        #expect(AdapterBench(.bybit).feed(text) == outcomes[kind])
    }

    @Test("known topics that are not recorded are unused, unknown ones rejected")
    func topics() {
        func outcome(_ topic: String) -> Outcome {
            AdapterBench(.bybit).feed("{\"topic\":\"\(topic)\",\"type\":\"snapshot\",\"data\":{}}")
        }
        #expect(outcome("kline.1.BTCUSDT") == .unused(.candle))
        #expect(outcome("kline_lt.1.EOS3LUSDT") == .unused(.candle))
        #expect(outcome("tickers_lt.EOS3LUSDT") == .unused(.statistics))
        for topic in [
            "orderbook.full.MNTUSDT", "orderbook.rpi.BTCUSDT", "lt.EOS3LUSDT", "insurance.USDT",
            "priceLimit.BTCUSDT", "adlAlert.USDT", "adlAlert",
        ] {
            #expect(outcome(topic) == .unused(.notRecorded), "\(topic)")
        }
        for topic in ["orderbook.50", "orderbook.", "trade.linear.BTCUSDT", "x", "tickers."] {
            #expect(outcome(topic) == .rejected(.unknownMessage), "\(topic)")
        }
    }

    @Test("answers to requests define instruments, and others are not recorded")
    func requests() {
        let bench = AdapterBench(.bybit)
        let list =
            "{\"result\":{\"category\":\"linear\",\"list\":[{\"symbol\":\"BTCUSDT\","
            + "\"contractType\":\"LinearPerpetual\",\"baseCoin\":\"BTC\",\"quoteCoin\":\"USDT\","
            + "\"priceFilter\":{\"tickSize\":\"0.10\"},\"lotSizeFilter\":{\"qtyStep\":\"0.001\"}}]}}"
        let url = "/v5/market/instruments-info?category=linear"
        #expect(bench.feed(list, rest: url) == .unused(.instrumentList))
        #expect(bench.feed(BybitMessage.book("snapshot", 1)) == .used)
        #expect(bench.words == ["define 2,3", "snapshot 1"])
        #expect(bench.feed("{\"result\":{}}", rest: url) == .rejected(.unknownMessage))
        #expect(bench.feed("{}", rest: "/v5/market/orderbook") == .unused(.notRecorded))
        #expect(bench.feed("{", rest: "/v5/market/orderbook") == .rejected(.malformed))
        #expect(bench.words == ["rejected malformed"], "a request is no part of a sequence")
    }

    @Test("one symbol of two markets is two instruments with a book each")
    func markets() throws {
        func line(_ record: String, _ data: String? = nil) -> String {
            let text = data.map {
                ",\"data\":\"" + $0.replacing("\"", with: "\\\"") + "\""
            }
            return "{\(record),\"ts\":1700000000.5\(text ?? "")}\n"
        }
        let book = BybitMessage.book("snapshot", 1)
        let run = CaptureRun()
        // The same name in two recordings, and one that never says its market.
        for market in ["spot", "linear"] {
            let url = "wss://stream.bybit.com/v5/public/\(market)"
            let connect = line("\"t\":\"connect\",\"conn\":\"A\",\"addr\":\"\(url)\"")
            try run.read(bytes: Array((connect + line("\"t\":\"recv\",\"conn\":\"A\"", book)).utf8))
        }
        let header = line("\"t\":\"header\",\"exchange\":\"BYBIT\"")
        try run.read(bytes: Array((header + line("\"t\":\"recv\",\"conn\":\"B\"", book)).utf8))
        // Continues the spot connection: a name without an address is one that is known.
        let next = BybitMessage.book("delta", 2)
        try run.read(bytes: Array((header + line("\"t\":\"recv\",\"conn\":\"A\"", next)).utf8))
        let names = run.definitions.sorted { $0.key < $1.key }.map { _, definition in
            String(
                decoding: definition.base + [0x2d] + definition.quote + definition.suffix,
                as: UTF8.self)
        }
        #expect(names == ["BTC-USDT", "BTC-USDT-PERP"])
        let books = run.books.sorted { $0.key < $1.key }.map {
            (BookKey(rawValue: $0.key), $0.value.messagesApplied)
        }
        #expect(books.map(\.0.instrument) == [0, 1, 1])
        #expect(books.map(\.0.connection) == [0, 1, 2])
        #expect(books.map(\.1) == [1, 0, 0])
    }

    @Test("level rows of spot and of derivatives are books of two instruments")
    func levelRows() throws {
        var text = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n"
        for exchange in ["bybit", "bybit-spot"] {
            text += "\(exchange),BTCUSDT,1723161255000000,1723161255000000,true,bid,99,1\n"
        }
        let run = CaptureRun()
        try run.read(bytes: Array(text.utf8))
        #expect(run.rejected.isEmpty)
        #expect(run.definitions.values.map(\.kind.rawValue).sorted() == [1, 2])
        #expect(run.books.count == 2)
    }
}
