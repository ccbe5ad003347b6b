/// Messages of Bybit as text, and what they are about.
enum BybitMessage {
    /// A message of `orderbook.<depth>.<symbol>`; `seq` nil leaves it out.
    static func book(
        _ type: String, _ u: Int, seq: Int? = nil, bids: String = "[\"100.00\",\"1.00\"]",
        asks: String = "", depth: String = "50", symbol: String = "BTCUSDT", cts: Int? = nil
    ) -> String {
        let engine = seq.map { ",\"seq\":\($0)" } ?? ""
        let time = cts.map { ",\"cts\":\($0)" } ?? ""
        return "{\"topic\":\"orderbook.\(depth).\(symbol)\",\"type\":\"\(type)\","
            + "\"ts\":1700000000002,\"data\":{\"s\":\"\(symbol)\",\"b\":[\(bids)],\"a\":[\(asks)],"
            + "\"u\":\(u)\(engine)}\(time)}"
    }

    /// An element of `publicTrade`.
    static func trade(
        _ id: String, side: String = "Buy", price: String = "16578.50", size: String = "0.001",
        symbol: String = "BTCUSDT", more: String = ",\"BT\":false"
    ) -> String {
        "{\"T\":1672304486865,\"s\":\"\(symbol)\",\"S\":\"\(side)\",\"v\":\"\(size)\","
            + "\"p\":\"\(price)\",\"L\":\"PlusTick\",\"i\":\"\(id)\"\(more),\"seq\":1783284617}"
    }

    static func trades(_ elements: [String], topic: String = "BTCUSDT") -> String {
        "{\"topic\":\"publicTrade.\(topic)\",\"type\":\"snapshot\",\"ts\":1672304486868,\"data\":["
            + elements.joined(separator: ",") + "]}"
    }

    /// A message of `tickers` with these keys.
    static func ticker(
        _ type: String, _ keys: [(String, String)], symbol: String = "BTCUSDT"
    ) -> String {
        let members = ([("symbol", symbol)] + keys).map { "\"\($0.0)\":\"\($0.1)\"" }
        return "{\"topic\":\"tickers.\(symbol)\",\"type\":\"\(type)\",\"data\":{"
            + members.joined(separator: ",") + "},\"cs\":24987956059,\"ts\":1673272861686}"
    }
}
