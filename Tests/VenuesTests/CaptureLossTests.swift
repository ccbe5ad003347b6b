import Engine
import Testing

@testable import Venues

@Suite("Recordings: a line that is lost")
struct CaptureLossTests {
    /// A record of `connection`.
    private func record(_ type: String, _ connection: String, _ rest: String) -> String {
        "{\"t\":\"\(type)\",\"conn\":\"\(connection)\",\"ts\":1617647602.6,\(rest)}\n"
    }

    private func connect(_ connection: String) -> String {
        record("connect", connection, "\"addr\":\"wss://ws-feed.pro.coinbase.com\"")
    }

    private func snapshot(_ connection: String, _ product: String) -> String {
        record(
            "recv", connection,
            "\"data\":\"{\\\"type\\\":\\\"snapshot\\\",\\\"product_id\\\":\\\"\(product)"
                + "\\\",\\\"bids\\\":[],\\\"asks\\\":[]}\"")
    }

    private func run(_ lost: String) throws -> CaptureRun {
        let run = CaptureRun()
        let text =
            connect("a") + connect("b") + snapshot("a", "BTC-USD") + snapshot("b", "ETH-USD")
            + lost
        try run.read(bytes: Array(text.utf8))
        return run
    }

    @Test("a lost line makes the books of the connection that it names invalid, and no other")
    func namedConnection() throws {
        let run = try run("{\"t\":\"recv\",\"conn\":\"a\",\"ts\":1617647602.7,\"data\":\"{\n")
        #expect(run.book("BTC-USD")?.validity == .invalid(.parse))
        #expect(run.book("ETH-USD")?.validity == .live)
        #expect(run.rejected.count == 1)
    }

    @Test(
        "a lost line without a known name makes the books of every connection invalid",
        arguments: ["{\"t\":\"recv\",\"co\n", "{\"t\":\"recv\",\"conn\":\"x\",\"ts\":\n"])
    func unnamedConnection(lost: String) throws {
        let run = try run(lost)
        #expect(run.book("BTC-USD")?.validity == .invalid(.parse))
        #expect(run.book("ETH-USD")?.validity == .invalid(.parse))
    }

    @Test(
        "a row whose book cannot be told makes every book of its file invalid",
        arguments: [
            "binancX,BTCUSDT,1723161256000000,1723161256000000,false,bid,99,2",
            "binance,BTCUQDT,1723161256000000,1723161256000000,false,bid,99,2",
            "binance,BTCUSDT",
        ])
    func levelRow(lost: String) throws {
        let run = CaptureRun()
        let rows = ["binance,BTCUSDT", "binance-futures,ETHUSDT"].map {
            "\($0),1723161255000000,1723161255000000,true,bid,99,1\n"
        }
        let text =
            "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n"
            + rows.joined() + lost + "\n"
        try run.read(bytes: Array(text.utf8))
        #expect(run.book("BTCUSDT")?.validity == .invalid(.parse))
        #expect(run.book("ETHUSDT")?.validity == .invalid(.parse))
        #expect(run.rejected.count == 2)
    }

    @Test("a connect record of a connection that talks already throws its books away")
    func lateConnect() throws {
        let run = CaptureRun()
        let header = "{\"t\":\"header\",\"exchange\":\"COINBASE\"}\n"
        let text = header + snapshot("a", "BTC-USD") + connect("a") + snapshot("a", "ETH-USD")
        try run.read(bytes: Array(text.utf8))
        #expect(run.book("BTC-USD")?.validity == .empty)
        #expect(run.book("ETH-USD")?.validity == .live)
    }
}
