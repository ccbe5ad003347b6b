import Engine
import Foundation
import Testing

@testable import Server

@Suite struct HTTPExecuteTests {
    /// The engine's own answer to the same order.
    private static func direct(_ server: TestServer, _ order: Order) throws -> [UInt8] {
        try server.core.look { engine -> Result<[UInt8], OrderError> in
            var bytes: [UInt8] = []
            do throws(OrderError) {
                try engine.execute(order, to: &bytes)
                return .success(bytes)
            } catch { return .failure(error) }
        }.get()
    }

    @Test func `an answer is the engine's own, byte for byte`() async throws {
        let count = try await TestServer.with { server in
            let client = try server.connect()
            var count = 0
            for side in ["buy", "sell"] {
                for (text, notional) in [
                    ("0.01", Decimal(mantissa: 1, exponent: 2)),
                    ("1000", .init(mantissa: 1_000, exponent: 0)),
                    ("250000.5", .init(mantissa: 2_500_005, exponent: 1)),
                    ("1e6", .init(mantissa: 1_000_000, exponent: 0)),
                    ("1000000000", .init(mantissa: 1_000_000_000, exponent: 0)),
                ] {
                    for venue in [nil, Venue.binance, .coinbase] {
                        for fee in [nil, "-1.25", "40"] {
                            let fees = fee.map { ",\"fee_bps\":{\"binance\":\($0),\"coinbase\":3}" }
                            let naive = venue.map { ",\"venue\":\"\($0.id)\"" }
                            let body = """
                                {"symbol":"BTC-USD","side":"\(side)","notional_usd":\(text)\
                                \(fees ?? "")\(naive ?? "")}
                                """
                            var order = Order(
                                symbol: Array("BTC-USD".utf8), isBuy: side == "buy",
                                notional: notional)
                            order.naiveVenue = venue
                            if let fee {
                                order.fees = [
                                    try OrderText.fee("binance", fee),
                                    VenueFee(venue: .coinbase, fee: 30_000),
                                ]
                            }
                            let response = try client.ask("POST", "/api/execute", body: body)
                            let wanted = try Self.direct(server, order)
                            #expect(response.status == 200 && response.body == wanted, "\(body)")
                            count += 1
                        }
                    }
                }
            }
            return count
        }
        print("execute: \(count) answers equal the engine's")
    }

    @Test(arguments: [
        ("", 400, "- json"), ("{", 400, "- json"), ("[]", 400, "- json"),
        ("nonsense", 400, "- json"),
        (#"{"symbol":"BTC-USD"} x"#, 400, "- json"),
        (#"{"symbol":"BTC-USD","symbol":"BTC-USD","side":"buy","notional_usd":1}"#, 400, "- json"),
        (#"{"side":"buy","notional_usd":1}"#, 400, "symbol missing"),
        (#"{"symbol":"BTC-USD","notional_usd":1}"#, 400, "side missing"),
        (#"{"symbol":"BTC-USD","side":"buy"}"#, 400, "notional_usd missing"),
        (#"{"symbol":"BTC-USD","side":"buy","notional_usd":1,"limit":5}"#, 400, "limit unknown"),
        (#"{"symbol":"BTC-USD","side":"hold","notional_usd":1}"#, 400, "side value"),
        (#"{"symbol":"BTC-USD","side":1,"notional_usd":1}"#, 400, "side type"),
        (#"{"symbol":null,"side":"buy","notional_usd":1}"#, 400, "symbol type"),
        (#"{"symbol":"BTC-USD","side":"buy","notional_usd":"1"}"#, 400, "notional_usd type"),
        (#"{"symbol":"BTC-USD","side":"buy","notional_usd":0}"#, 400, "notional_usd value"),
        (#"{"symbol":"BTC-USD","side":"buy","notional_usd":-5}"#, 400, "notional_usd value"),
        (
            #"{"symbol":"BTC-USD","side":"buy","notional_usd":1000000001}"#, 400,
            "notional_usd value"
        ),
        (#"{"symbol":"BTC-USD","side":"buy","notional_usd":1e400}"#, 400, "notional_usd value"),
        (#"{"symbol":"BTC-USD","side":"buy","notional_usd":1,"fee_bps":5}"#, 400, "fee_bps type"),
        (
            #"{"symbol":"BTC-USD","side":"buy","notional_usd":1,"fee_bps":{"binance":true}}"#, 400,
            "fee_bps type"
        ),
        (
            #"{"symbol":"BTC-USD","side":"buy","notional_usd":1,"fee_bps":{"nyse":1}}"#, 400,
            "fee_bps value"
        ),
        (
            #"{"symbol":"BTC-USD","side":"buy","notional_usd":1,"fee_bps":{"binance":1001}}"#, 400,
            "fee_bps value"
        ),
        (
            #"{"symbol":"BTC-USD","side":"buy","notional_usd":1,"fee_bps":{"binance":0.00001}}"#,
            400, "fee_bps value"
        ),
        (#"{"symbol":"DOGE-USD","side":"buy","notional_usd":1}"#, 404, "symbol unknown"),
        (#"{"symbol":"BTC-USD","side":"buy","notional_usd":1,"venue":"nyse"}"#, 400, "venue value"),
        (
            #"{"symbol":"BTC-USD","side":"buy","notional_usd":1,"venue":"kraken"}"#, 409,
            "venue not-usable"
        ),
    ])
    func `an order that cannot be meant is refused by its field`(
        _ body: String, _ status: Int, _ refusal: String
    ) async throws {
        try await TestServer.with { server in
            let response = try server.connect().ask("POST", "/api/execute", body: body)
            #expect(response.status == status)
            #expect(response.refusal == refusal, "\(response.text)")
        }
    }

    @Test func `while the journal takes nothing there is no answer`() async throws {
        try await TestServer.with { server in
            server.core.change { $0.pause = "no space" }
            let client = try server.connect()
            let body = #"{"symbol":"BTC-USD","side":"buy","notional_usd":1}"#
            let paused = try client.ask("POST", "/api/execute", body: body)
            #expect(paused.status == 503 && paused.refusal == "- paused")
            let health = try client.ask("GET", "/health")
            #expect(health.status == 200 && health.text.contains("degraded"))
            server.core.change { $0.pause = nil }
            #expect(try client.ask("POST", "/api/execute", body: body).status == 200)
        }
    }

    @Test func `an answer that takes too long is given up, and the connection goes on`()
        async throws
    {
        var configuration = TestServer.open
        configuration.limits.executeMillis = 50
        try await TestServer.with(configuration) { server in
            server.core.slow(.seconds(600))
            let client = try server.connect()
            let body = #"{"symbol":"BTC-USD","side":"buy","notional_usd":1}"#
            let late = try client.ask("POST", "/api/execute", body: body)
            #expect(late.status == 503 && late.refusal == "- time")
            server.core.slow(nil)
            try server.until("it answers again") {
                (try? client.ask("POST", "/api/execute", body: body).status) == 200
            }
        }
    }
}
