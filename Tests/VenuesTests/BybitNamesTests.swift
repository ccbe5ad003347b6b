import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

@Suite("Bybit: markets and names")
struct BybitNamesTests {
    private func id(_ name: SymbolName?) -> String {
        guard let name else { return "none" }
        return String(decoding: name.base + [0x2d] + name.quote + name.suffix, as: UTF8.self)
    }

    private func name(_ symbol: String, _ market: VenueMarket) -> SymbolName? {
        Array(symbol.utf8).withUnsafeBufferPointer { BybitNames.name($0, market) }
    }

    @Test(
        "a symbol is named by its letters and its market",
        arguments: [
            ("BTCUSDT", .spot, "BTC-USDT"), ("BTCUSDT", .linear, "BTC-USDT-PERP"),
            ("BTCUSDT", .only, "BTC-USDT-PERP"), ("ETHBTC", .spot, "ETH-BTC"),
            ("BTCRLUSD", .spot, "BTC-RLUSD"), ("BTCUSD", .spot, "BTC-USD"),
            ("USDT", .spot, "none"), ("FOO", .spot, "none"), ("", .spot, "none"),
            ("BTCPERP", .linear, "BTC-USDC-PERP"), ("PERPUSDT", .linear, "PERP-USDT-PERP"),
            ("1000PEPEUSDT", .linear, "1000PEPE-USDT-PERP"), ("PERP", .linear, "none"),
            ("BTCUSD", .inverse, "BTC-USD-PERP@BTC"), ("ETHUSD", .linear, "ETH-USD-PERP@ETH"),
            ("BTCUSDZ25", .inverse, "BTC-USD-20251226@BTC"),
            ("BTCUSDU23", .inverse, "BTC-USD-20230929@BTC"),
            ("BTCUSDH24", .inverse, "BTC-USD-20240329@BTC"),
            ("ETHUSDM22", .inverse, "ETH-USD-20220624@ETH"),
            ("BTCUSDX25", .inverse, "none"), ("BTCUSDZ2", .inverse, "none"),
            ("USDZ25", .inverse, "none"), ("Z25", .inverse, "none"),
            ("BTC-26DEC25", .linear, "BTC-USDC-20251226"),
            ("BTCUSDT-26DEC25", .linear, "BTC-USDT-20251226"),
            ("ETH-6JAN23", .linear, "ETH-USDC-20230106"), ("-26DEC25", .linear, "none"),
            ("BTC-32DEC25", .linear, "none"), ("BTC-26XYZ25", .linear, "none"),
            ("BTC-DEC25", .linear, "none"), ("BTC-26DECXX", .linear, "none"),
            ("BTC-6JAN23-17500-C", .option, "BTC-USDC-20230106-17500-C"),
            ("BTC-26DEC25-90000-P-USDT", .option, "BTC-USDT-20251226-90000-P"),
            ("BTC-26DEC25-90000-X", .option, "none"), ("BTC-26DEC25", .option, "none"),
            ("BTC-26DEC25-90000-P-EUR", .option, "none"), ("BTC-26DEC25--P", .option, "none"),
        ] as [(String, VenueMarket, String)])
    func letters(symbol: String, market: VenueMarket, expected: String) {
        #expect(id(name(symbol, market)) == expected)
    }

    @Test("inverse contracts are settled in their base; a contract is one US dollar")
    func inverse() {
        #expect(name("BTCUSD", .inverse)?.isInverse == true)
        #expect(name("BTCUSD", .inverse)?.kind == .perpetual)
        #expect(name("BTCUSDZ25", .inverse)?.kind == .datedFuture)
        #expect(
            name("BTCUSD", .inverse)?.contractMultiplier == Decimal(mantissa: 1, exponent: 0))
        #expect(name("BTC-6JAN23-17500-C", .option)?.kind == .option)
        #expect(name("BTCUSD", .spot)?.isInverse == false)
    }

    @Test("the market is in the path of a stream and in the query of a request")
    func endpoints() {
        func market(_ url: String) -> VenueMarket? {
            Array(url.utf8).withUnsafeBufferPointer { url in
                VenueEndpoint(url: url).flatMap { $0.venue == .bybit ? $0.market : nil }
            }
        }
        #expect(market("wss://stream.bybit.com/v5/public/spot") == .spot)
        #expect(market("wss://stream-testnet.bybit.com/v5/public/linear?x=1") == .linear)
        #expect(market("wss://stream.bybit.tr/v5/public/inverse/") == .inverse)
        #expect(market("wss://stream.manepa.jp/v5/public/option") == .option)
        #expect(market("wss://stream.bybit.com/v5/public/spread") == .only)
        #expect(market("wss://stream.bybit.com/realtime") == .only)
        #expect(market("https://api.bytick.com/v5/market/time") == .only)
        #expect(
            market("https://api.bybit.com/v5/market/instruments-info?&category=spot&limit=1")
                == .spot)
        #expect(AdapterBench(.bybit).adapter is BybitAdapter)
    }

    @Test("every instrument of a recorded list has the name that its letters say")
    func recordedList() throws {
        guard let folder = SharedData.folder else { return }
        let file = "cryptofeed/bybit_v5_linear_20260809_BTC_SOL_42s.jsonl.zst"
        let lines = try SharedFile.bytes(folder.appendingPathComponent(file))
            .split(separator: 0x0a)
        let instruments = InstrumentTable()
        var counts: [VenueMarket: Int] = [:]
        var missing: [String] = []
        for line in lines.prefix(10) {
            let record = try jsonObject(Array(line))
            guard record["t"] as? String == "http" else { continue }
            let data = Array(try #require(record["data"] as? String).utf8)
            try data.withUnsafeBufferPointer {
                try BybitInstrumentList.read($0, into: instruments)
            }
            let result = try #require(try jsonObject(data)["result"] as? [String: Any])
            let isSpot = result["category"] as? String == "spot"
            let market = isSpot ? VenueMarket.spot : .linear
            for entry in try #require(result["list"] as? [[String: Any]]) {
                let symbol = try #require(entry["symbol"] as? String)
                let listed = Array(symbol.utf8).withUnsafeBufferPointer {
                    instruments.find(.bybit, $0, market: market)
                }
                counts[market, default: 0] += 1
                guard let listed, listed.isListed else {
                    missing.append(symbol)
                    continue
                }
                #expect(listed.name == name(symbol, market), "\(symbol)")
            }
        }
        #expect(counts == [.linear: 800, .spot: 557])
        // Its tick has more digits behind the point than an instrument may have.
        #expect(missing == ["BABYDOGEUSDT"])
        let pair = Array("BTCUSDT".utf8).withUnsafeBufferPointer {
            instruments.find(.bybit, $0, market: .spot)
        }
        #expect(pair?.tickSize.trimmed == Decimal(mantissa: 1, exponent: 1))
        #expect(pair?.lotSize.trimmed == Decimal(mantissa: 1, exponent: 6))
        #expect(pair?.minimumNotional.trimmed == Decimal(mantissa: 5, exponent: 0))
    }

    @Test("a list names inverse contracts and options, and an odd entry spoils nothing")
    func list() throws {
        let instruments = InstrumentTable()
        func answer(_ text: String) -> WireError? {
            Array(text.utf8).withUnsafeBufferPointer { bytes in
                do throws(WireError) {
                    try BybitInstrumentList.read(bytes, into: instruments)
                    return nil
                } catch {
                    return error
                }
            }
        }
        func read(_ category: String, _ entries: String) -> WireError? {
            answer(
                "{\"retCode\":0,\"result\":{\"list\":[\(entries)],\"category\":"
                    + "\"\(category)\"},\"time\":1}")
        }
        func entry(_ symbol: String, _ type: String, _ delivery: String) -> String {
            "{\"symbol\":\"\(symbol)\",\"contractType\":\"\(type)\",\"baseCoin\":\"BTC\","
                + "\"quoteCoin\":\"USD\",\"settleCoin\":\"BTC\",\"deliveryTime\":\"\(delivery)\","
                + "\"priceFilter\":{\"tickSize\":\"0.50\"},\"lotSizeFilter\":{\"qtyStep\":\"1\"}}"
        }
        func listed(_ symbol: String, _ market: VenueMarket) -> String {
            Array(symbol.utf8).withUnsafeBufferPointer {
                id(instruments.find(.bybit, $0, market: market)?.name)
            }
        }
        let entries = [
            entry("BTCUSD", "InversePerpetual", "0"), "{\"symbol\":7}", "[]",
            entry("BTCUSDZ25", "InverseFutures", "1766736000000"),
            entry("BTCUSDH26", "InverseFutures", "0"),
        ]
        #expect(read("inverse", entries.joined(separator: ",")) == nil)
        #expect(listed("BTCUSD", .inverse) == "BTC-USD-PERP@BTC")
        #expect(listed("BTCUSDZ25", .inverse) == "BTC-USD-20251226@BTC")
        #expect(listed("BTCUSDH26", .inverse) == "none")
        #expect(read("option", entry("BTC-26DEC25-1-C", "", "1")) == nil)
        #expect(listed("BTC-26DEC25-1-C", .option) == "BTC-USDC-20251226-1-C")
        #expect(read("margin", "") == .unknownMessage)
        let refusal = "{\"retCode\":10006,\"retMsg\":\"x\",\"result\":{}}"
        #expect(answer(refusal) == .unknownMessage)
    }
}
