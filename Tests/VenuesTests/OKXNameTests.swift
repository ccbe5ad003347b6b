import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

@Suite("OKX: instruments and subscriptions")
struct OKXNameTests {
    private func name(_ symbol: String) -> SymbolName? {
        Array(symbol.utf8).withUnsafeBufferPointer { SymbolNames.name($0, at: .okx) }
    }

    private func text(_ name: SymbolName?) -> String? {
        guard let name else { return nil }
        return String(decoding: name.base + [0x2d] + name.quote + name.suffix, as: UTF8.self)
    }

    @Test(
        "canonical names of symbols",
        arguments: [
            ("BTC-USDT", "BTC-USDT", .spot, false, 1),
            ("BTC-USDT-SWAP", "BTC-USDT-PERP", .perpetual, false, 1),
            ("SOL-USDC-SWAP", "SOL-USDC-PERP", .perpetual, false, 1),
            ("BTC-USD-SWAP", "BTC-USD-PERP@BTC", .perpetual, true, 100),
            ("UNI-USD-SWAP", "UNI-USD-PERP@UNI", .perpetual, true, 10),
            ("BTC-USDT-261225", "BTC-USDT-20261225", .datedFuture, false, 1),
            ("BTC-USD-220527", "BTC-USD-20220527@BTC", .datedFuture, true, 100),
            ("BTC-USD-220325-40000-C", "BTC-USD-20220325-40000-C@BTC", .option, false, 1),
            ("ETH-USD-220325-8800-P", "ETH-USD-20220325-8800-P@ETH", .option, false, 1),
            ("DOGE-USD-261225-0.25-P", "DOGE-USD-20261225-0.25-P@DOGE", .option, false, 1),
        ] as [(String, String, InstrumentKind, Bool, Int64)])
    func names(
        symbol: String, canonical: String, kind: InstrumentKind, isInverse: Bool,
        multiplier: Int64
    ) {
        let name = name(symbol)
        #expect(text(name) == canonical)
        #expect(name?.kind == kind && name?.isInverse == isInverse)
        #expect(name?.contractMultiplier == Decimal(mantissa: multiplier, exponent: 0))
    }

    @Test(
        "symbols that no rule explains",
        arguments: [
            "", "BTC", "-USDT", "BTC-", "BTC-USDT-", "BTC-USDT-PERP", "BTC-USDT-26122",
            "BTC-USD-SWAP-1-C", "BTC-USD-261225-1", "BTC-USD-261225-1-X", "BTC-USD-261225--C",
            "BTC-USD-261225-x-C", "BTC-USD-261225-0-C", "BTC-USD-261225-1-C-",
            "BTC-ABOVE-DAILY-260224-1600-65000",
        ])
    func unnamed(symbol: String) { #expect(name(symbol) == nil) }

    private static let row =
        "{\"code\":\"0\",\"msg\":\"\",\"data\":[{\"baseCcy\":\"\","
        + "\"ctMult\":\"0.1\",\"ctType\":\"\",\"ctVal\":\"1\","
        + "\"ctValCcy\":\"BTC\",\"expTime\":\"1652515200000\",\"instFamily\":\"BTC-USD\","
        + "\"instId\":\"BTC-USD-220514-22000-C\",\"instType\":\"OPTION\",\"lotSz\":\"1\","
        + "\"optType\":\"C\",\"quoteCcy\":\"\",\"settleCcy\":\"BTC\",\"stk\":\"22000\","
        + "\"tickSz\":\"0.0005\",\"uly\":\"BTC-USD\"}]}"

    private func listed(_ symbol: String, _ bench: AdapterBench) -> Instrument? {
        Array(symbol.utf8).withUnsafeBufferPointer { bench.instruments.find(.okx, $0) }
    }

    @Test("the list names a contract, by REST and on the stream")
    func list() throws {
        let url = "https://www.okx.com/api/v5/public/instruments?instType=OPTION&uly=BTC-USD"
        let stream = OKXNameTests.row.replacing(
            "\"code\":\"0\",\"msg\":\"\"",
            with: "\"arg\":{\"channel\":\"instruments\",\"instType\":\"OPTION\"}")
        for (text, url) in [(OKXNameTests.row, url), (stream, nil)] {
            let bench = AdapterBench(.okx)
            #expect(bench.feed(text, rest: url) == .unused(.instrumentList))
            let found = try #require(listed("BTC-USD-220514-22000-C", bench))
            #expect(found.isListed)
            #expect(self.text(found.name) == "BTC-USD-20220514-22000-C@BTC")
            #expect(found.name.contractMultiplier == Decimal(mantissa: 1, exponent: 1))
            #expect(found.tickSize == Decimal(mantissa: 5, exponent: 4))
            #expect(found.lotSize == Decimal(mantissa: 1, exponent: 0))
            #expect(found.scale.priceExponent == 4)
        }
    }

    @Test(
        "an odd entry is left out and named by its letters",
        arguments: [
            ("\"ctVal\":\"1\"", "\"ctVal\":\"\""), ("\"ctVal\":\"1\"", "\"ctVal\":\"-1\""),
            ("\"ctValCcy\":\"BTC\"", "\"ctValCcy\":\"ETH\""), ("\"stk\":\"22000\"", "\"stk\":\"\""),
            ("\"optType\":\"C\"", "\"optType\":\"X\""), ("1652515200000", ""),
            ("\"OPTION\"", "\"EVENTS\""), ("\"0.0005\"", "\"-1\""),
            ("\"ctMult\":\"0.1\"", "\"ctMult\":\"999999999999999999\""),
        ])
    func oddEntry(good: String, bad: String) {
        let bench = AdapterBench(.okx)
        let text = OKXNameTests.row.replacing(good, with: bad)
            .replacing(
                "\"ctVal\":\"1\"",
                with: bad.contains("ctMult") ? "\"ctVal\":\"9\"" : "\"ctVal\":\"1\"")
        #expect(bench.feed(text, rest: "/api/v5/public/instruments") == .unused(.instrumentList))
        #expect(listed("BTC-USD-220514-22000-C", bench) == nil)
    }

    @Test("other answers by REST change no book")
    func answers() {
        let okx = OKXBench()
        okx.snapshot()
        let refusal = "{\"code\":\"51001\",\"msg\":\"Instrument ID does not exist\",\"data\":[]}"
        let url = "/api/v5/public/instruments?instType=SWAP"
        #expect(okx.bench.feed(refusal, rest: url) == .unused(.errorAnswer))
        let depth = "{\"code\":\"0\",\"msg\":\"\",\"data\":[]}"
        #expect(okx.bench.feed(depth, rest: "/api/v5/market/books") == .unused(.notRecorded))
        #expect(okx.bench.feed("{\"co", rest: url) == .rejected(.malformed))
        #expect(okx.bench.feed("{\"code\":\"0\"}", rest: url) == .rejected(.missingField))
        #expect(okx.bench.words.count == 1 && okx.bench.commands.isEmpty)
        #expect(okx.update(10, 11) == .used)
    }

    @Test("every contract of a recorded list has the name that its letters say")
    func recordedLists() throws {
        guard let folder = SharedData.folder else { return }
        let lines = try SharedFile.bytes(
            folder.appendingPathComponent("cryptofeed/okx_v5_20220513_11s.jsonl.zst")
        ).split(separator: 0x0a)
        let bench = AdapterBench(.okx)
        var counts: [InstrumentKind: Int] = [:]
        for line in lines {
            let record = try jsonObject(Array(line))
            guard record["t"] as? String == "http", let url = record["url"] as? String,
                let data = record["data"] as? String
            else { continue }
            #expect(bench.feed(data, rest: url) == .unused(.instrumentList))
            let rows = try #require(try jsonObject(Array(data.utf8))["data"] as? [[String: Any]])
            for row in rows {
                let symbol = try #require(row["instId"] as? String)
                let found = try #require(listed(symbol, bench), "\(symbol)")
                var letters = try #require(name(symbol), "\(symbol)")
                #expect(found.isListed)
                counts[found.name.kind, default: 0] += 1
                // Only of inverse contracts do the letters tell how large they are.
                if !found.name.isInverse {
                    letters.contractMultiplier = found.name.contractMultiplier
                }
                #expect(found.name == letters, "\(symbol)")
            }
        }
        #expect(counts == [.spot: 2_565, .perpetual: 830, .datedFuture: 520, .option: 3_480])
    }

    private func subscriptions(_ symbols: [String]) -> [String] {
        AdapterBench(.okx).adapter.subscriptions(symbols: symbols.map { Array($0.utf8) })
            .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("everything that is recorded of a symbol is subscribed, and of all of them once")
    func subscriptions() throws {
        func argument(_ channel: String, _ value: String, _ key: String = "instId") -> String {
            "{\"channel\":\"\(channel)\",\"\(key)\":\"\(value)\"}"
        }
        let spot = ["books", "trades", "tickers"].map { argument($0, "BTC-USDT") }
        #expect(
            subscriptions(["BTC-USDT"]) == [
                "{\"op\":\"subscribe\",\"args\":[\(spot.joined(separator: ","))]}"
            ])
        let swap = ["books", "trades", "tickers", "funding-rate", "open-interest", "mark-price"]
        let option = ["books", "trades", "tickers", "open-interest", "mark-price"]
        let all =
            swap.map { argument($0, "BTC-USDT-SWAP") } + swap.map { argument($0, "ETH-USDT-SWAP") }
            + option.map { argument($0, "BTC-USD-261225-92000-C") } + [
                argument("index-tickers", "BTC-USDT"), argument("index-tickers", "ETH-USDT"),
                argument("liquidation-orders", "SWAP", "instType"),
                argument("liquidation-orders", "OPTION", "instType"),
            ]
        #expect(
            subscriptions(["BTC-USDT-SWAP", "ETH-USDT-SWAP", "BTC-USD-261225-92000-C"]) == [
                "{\"op\":\"subscribe\",\"args\":[\(all.joined(separator: ","))]}"
            ])
        #expect(subscriptions([]).isEmpty)
    }

    @Test("many symbols are asked for in several messages, none beyond what the venue takes")
    func manySubscriptions() throws {
        let messages = subscriptions((1...800).map { "COIN\($0)-USDT" })
        #expect(messages.count > 1 && messages.allSatisfy { $0.utf8.count < 65_536 })
        let arguments = try messages.flatMap {
            try #require(try jsonObject(Array($0.utf8))["args"] as? [[String: String]])
        }
        #expect(arguments.count == 2_400 && Set(arguments).count == 2_400)
    }

    @Test("the keepalive is bare text")
    func keepalive() { #expect(OKXAdapter.keepalive == Array("ping".utf8)) }
}
