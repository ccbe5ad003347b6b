import Foundation
import Testing

/// `tapefold` with settings that it cannot take (S0.6): one clear line, no start, nothing made.
@Suite struct SettingTests {
    /// Setting, wrong value, what the line has to say of it.
    private static let wrong: [(name: String, value: String, rule: String)] = [
        ("EXCHANGES", "binance,nyse", "is none of binance"),
        ("EXCHANGES", "binance,binance", "names something twice"),
        ("EXCHANGES", "binance,,okx", "is not a list with commas"),
        ("SYMBOLS", "BTCUSD", "is not of the form BASE-USD"),
        ("SYMBOLS", "btc-USD", "is not of the form BASE-USD"),
        ("SYMBOLS", ",", "is not a list with commas"),
        ("DEFAULT_SYMBOL", "DOGE-USD", "is not among SYMBOLS"),
        ("BINANCE_WS_URL", "http://127.0.0.1", "is no address of the form wss://"),
        ("BINANCE_USDM_WS_URL", "wss://", "is no address of the form wss://"),
        ("BINANCE_USDM_MARKET_WS_URL", "fstream.binance.com", "is no address of the form wss://"),
        ("COINBASE_WS_URL", "wss://host:70000", "is no address of the form wss://"),
        ("KRAKEN_WS_URL", "kraken", "is no address of the form wss://"),
        ("OKX_WS_URL", "wss://ho st", "is no address of the form wss://"),
        ("BYBIT_WS_URL", "wss:/bybit", "is no address of the form wss://"),
        ("TICK_HZ", "0", "is not a whole number from 1 to 10"),
        ("TICK_HZ", "11", "is not a whole number from 1 to 10"),
        ("TICK_HZ", "2.5", "is not a whole number from 1 to 10"),
        ("WINDOWS_BPS", "50,x", "is not a whole number from 1 to 9999"),
        ("WINDOWS_BPS", "10000", "is not a whole number from 1 to 9999"),
        ("WINDOWS_BPS", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "has more than 16"),
        ("TOP_LEVELS", "5001", "is not a whole number from 1 to 5000"),
        ("DEPTH_LEVELS", "501", "is not a whole number from 1 to 500"),
        ("CALCULATE_DEPTH", "-1", "is not a whole number from 1 to 1000"),
        ("JOURNAL_DIR", "/dev/null/journal", "/dev/null/journal"),
        ("JOURNAL_SYNC", "often", "is none of group, always, os"),
        ("JOURNAL_SYNC_MS", "0", "is not a whole number from 1 to 10000"),
        ("JOURNAL_SEGMENT_KB", "1", "is not a whole number from 256 to 524288"),
        ("JOURNAL_KEEP_SEGMENTS", "1", "is not a whole number from 2 to"),
        ("JOURNAL_KEEP_MB", "all", "is not a whole number from 1 to"),
        ("JOURNAL_KEEP_HOURS", "0", "is not a whole number from 1 to"),
        ("BIND", "0.0.0.0", "API_TOKEN_FILE or --allow-remote-unauthenticated is needed"),
        ("BIND", "no host", "is no host name or address"),
        ("PORT", "65536", "is not a whole number from 0 to 65535"),
        ("PORT", "http", "is not a whole number from 0 to 65535"),
        ("API_TOKEN_FILE", "/nothing/there", "/nothing/there"),
        ("ALLOWED_HOSTS", "a/b", "is no host name or address"),
        ("ALLOWED_ORIGINS", "example.com", "is no address of the form https://"),
        ("LOG_LEVEL", "loud", "is none of trace, debug"),
        ("LOG_FILE", "/nothing/there", "/nothing/there"),
        ("SEED", "-1", "is not a whole number from 0 to 2^64 - 1"),
        ("VENUE_FAULTS", "binance", "names no feed"),
        ("VENUE_FAULTS", "binance=down", "says no time"),
        ("VENUE_FAULTS", "binance=asleep@1s+1s", "has none of the kinds"),
        ("VENUE_FAULTS", "binance=drop:0@1s+1s", "has no rate of 1 to 1000"),
        ("VENUE_FAULTS", "binance=drop@1s", "has no times"),
        ("VENUE_FAULTS", "binance-usdm=down@1s+1s", "is not among EXCHANGES"),
    ]

    private func check(
        _ result: Tool.Result, _ rule: String, _ tool: Tool, _ what: String = ""
    ) throws {
        #expect(result.code == 64 || result.code == 5, "\(what) \(result.code): \(result.errors)")
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 1 && lines.first?.hasPrefix("tapefold: ") == true, "\(lines)")
        #expect(result.errors.contains(rule), "\(what) \(result.errors)")
        #expect(result.output.isEmpty)
        let made = try FileManager.default.contentsOfDirectory(atPath: tool.folder.path)
        #expect(made.allSatisfy { $0.hasPrefix("out-") || $0.hasPrefix("err-") }, "\(what) \(made)")
        try? FileManager.default.removeItem(at: tool.folder.appendingPathComponent("journal"))
    }

    @Test func `each wrong value stops the start with one line and leaves nothing`() throws {
        let tool = try Tool()
        defer { tool.remove() }
        for (name, value, rule) in Self.wrong {
            // A start that succeeds in spite of it is ended, and leaves a journal.
            let result = try tool.run(
                [], program: "tapefold",
                environment: ["LOG_LEVEL": "error"].merging([name: value]) { $1 })
            try check(result, rule, tool, "\(name)=\(value)")
            // Two files are named by their own errors.
            if !value.hasPrefix("/") { #expect(result.errors.contains(name), "\(result.errors)") }
        }
        print("settings: \(Self.wrong.count) wrong values, one line each")
    }

    @Test func `every setting that can be wrong has a wrong value here`() throws {
        let tool = try Tool()
        defer { tool.remove() }
        let printed = try tool.run(["--print-settings"], program: "tapefold")
        let blocks = printed.output.components(separatedBy: "\n\n").dropFirst()
        for block in blocks where !block.contains("that this version does not have") {
            let line = block.split(separator: "\n").last ?? ""
            let name = line.dropFirst().prefix { $0 != "=" }
            #expect(Self.wrong.contains { $0.name == name }, "\(name)")
        }
        #expect(blocks.count > 25)
    }

    @Test func `a port that is taken is said in one line`() throws {
        let tool = try Tool()
        defer { tool.remove() }
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            guard let pointer else { return }
            #expect(bind(socket, pointer, length) == 0 && listen(socket, 1) == 0)
            #expect(getsockname(socket, pointer, &length) == 0)
        }
        let port = UInt16(bigEndian: address.sin_port)
        let result = try tool.run(
            ["--port", "\(port)"], program: "tapefold", environment: ["LOG_LEVEL": "error"])
        #expect(result.code == 64)
        #expect(
            result.errors == "tapefold: PORT: '127.0.0.1:\(port)' cannot be listened on: "
                + "Address already in use\n")
    }

    @Test func `flags that exclude each other are refused`() throws {
        let tool = try Tool()
        defer { tool.remove() }
        let both = try tool.run(["--simulated", "--live"], program: "tapefold", environment: [:])
        try check(both, "exclude each other", tool)
        let faults = try tool.run(
            ["--live", "--venue-fault", "binance=down@1s+1s"], program: "tapefold",
            environment: [:])
        try check(faults, "is for simulated venues only", tool)
    }
}
