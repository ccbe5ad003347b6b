import Foundation
import Testing

/// Answers to wrong questions: a clear line and the documented exit code, never a crash.
@Suite struct CommandTests {
    private static let journal = Tool.fixture("journals/v1-spot-exchange-crossed")

    private func answer(_ arguments: String...) throws -> Tool.Result {
        let tool = try Tool()
        defer { tool.remove() }
        switch arguments.count {
        case 1: return try tool.run(arguments[0])
        case 2: return try tool.run(arguments[0], arguments[1])
        case 4: return try tool.run(arguments[0], arguments[1], arguments[2], arguments[3])
        default:
            return try tool.run(
                arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                arguments[5], arguments[6], arguments[7])
        }
    }

    @Test func `a sequence or a time outside the journal gets a clear answer`() throws {
        let beyond = try answer("at", Self.journal, "--seq", "99999999")
        #expect(beyond.code == 5 && beyond.errors.contains("is not in the journal, which holds 1…"))
        let zero = try answer("at", Self.journal, "--seq", "0")
        #expect(zero.code == 5 && zero.errors.contains("sequence 0 is not in the journal"))
        let before = try answer("at", Self.journal, "--time", "2020-01-01T00:00:00Z")
        #expect(before.code == 5 && before.errors.contains("is before the journal's first event"))
        let after = try answer("at", Self.journal, "--time", "2030-01-01T00:00:00Z")
        #expect(after.code == 0)
        let nonsense = try answer("at", Self.journal, "--time", "yesterday")
        #expect(nonsense.code == 64 && nonsense.errors.contains("not a time"))
    }

    @Test func `a missing folder and an unknown symbol or window are named`() throws {
        #expect(try answer("info", "/nonexistent/journal").code == 5)
        let symbol = try answer("frames", Self.journal, "--symbol", "DOGE-USD")
        #expect(symbol.code == 5 && symbol.errors.contains("no symbol DOGE-USD"))
        let window = try answer("frames", Self.journal, "--window", "051bps")
        #expect(window.code == 5 && window.errors.contains("no window of 51 bps"))
        #expect(try answer("frames", Self.journal, "--window", "wide").code == 64)
    }

    @Test(arguments: [
        ("notional", "0"), ("notional", "1e400"), ("notional", "1000000001"), ("side", "hold"),
        ("notional", "nan"), ("symbol", "NO-USD"),
    ])
    func `an order with a wrong field is refused by that field's name`(
        _ name: String, _ value: String
    )
        throws
    {
        var fields = ["symbol": "BTC-USD", "side": "buy", "notional": "1000"]
        fields[name] = value
        let result = try answer(
            "execute", Self.journal, "--symbol", fields["symbol"] ?? "", "--side",
            fields["side"] ?? "", "--notional", fields["notional"] ?? "")
        #expect(result.code == 64 || result.code == 5)
        #expect(result.errors.contains(name), "\(result.errors)")
    }

    @Test(arguments: [
        #"{"at_seq":-1,"symbol":"BTC-USD","side":"buy","notional":1}"#,
        #"{"at_seq":12.5,"symbol":"BTC-USD","side":"buy","notional":1}"#,
        #"{"at_time":"yesterday","symbol":"BTC-USD","side":"buy","notional":1}"#,
        #"{"symbol":"BTC-USD","side":"buy","notional":1,"feees":{}}"#,
        #"{"symbol":"BTC-USD","side":"buy","notional":1,"fees":{"binance":true}}"#,
        #"{"symbol":"BTC-USD","side":"buy","notional":1,"fees":[1]}"#, "[]", "nonsense",
    ])
    func `a line of an order file that cannot be meant is refused by its number`(_ line: String)
        throws
    {
        let tool = try Tool()
        defer { tool.remove() }
        let orders = tool.path("orders")
        try Data((line + "\n").utf8).write(to: URL(fileURLWithPath: orders))
        let result = try tool.run("execute", Self.journal, "--orders", orders)
        #expect(result.code == 5 && result.errors.contains("orders:1:"), "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test func `a stretch may end at any event, the last one of a block included`() throws {
        let tool = try Tool()
        defer { tool.remove() }
        let last =
            try tool.run("info", Self.journal, "--json").output
            .firstMatch(of: /"last_seq":(\d+)/).map { String($0.1) } ?? ""
        for end in ["1", "2", "999", last] {
            let result = try tool.run("verify", Self.journal, "--to", end)
            #expect(result.code == 0 && result.output.hasSuffix("verified\n"), "\(result.errors)")
        }
    }

    @Test(arguments: ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-02-31T00:00:00Z"])
    func `a time that is none or far off is a wrong argument`(_ time: String) throws {
        let result = try answer("at", Self.journal, "--time", time)
        #expect(result.code == 64 && result.errors.contains("not a time"), "\(result.errors)")
    }

    @Test func `an import into a folder with a journal is refused`() throws {
        let capture = Tool.fixture("venues/spot-exchange-crossed.jsonl.zst")
        let result = try answer("import", capture, "--out", Self.journal)
        #expect(result.code == 5 && result.errors.contains("holds a journal already"))
    }

    @Test func `a file that is no recording, cut or damaged is refused or counted`() throws {
        let tool = try Tool()
        defer { tool.remove() }
        let noise = tool.path("noise")
        try Data((0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 13) })
            .write(to: URL(fileURLWithPath: noise))
        let refused = try tool.run("import", "--out", tool.path("j1"), noise)
        #expect(refused.code == 5 && refused.errors.contains("not a recording in a known format"))
        let capture = Tool.fixture("venues/spot-exchange-crossed.jsonl.zst")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: capture))
        let cut = tool.path("cut.zst")
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: cut))
        let ended = try tool.run("import", "--out", tool.path("j2"), cut)
        #expect(ended.code == 5, "\(ended.errors)")
    }

    @Test func `one flipped byte of a sealed journal is located by verify`() throws {
        let tool = try Tool()
        defer { tool.remove() }
        let source = URL(fileURLWithPath: Self.journal + "/00000000000000000001.zst")
        let bytes = try Data(contentsOf: source)
        var located = 0
        let ends = stride(from: bytes.count - 121, to: bytes.count, by: 13)
        for position in Array(stride(from: 200, to: bytes.count, by: bytes.count / 23)) + ends {
            let folder = tool.folder.appendingPathComponent("j\(position)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            var damaged = bytes
            damaged[position] ^= 0x10
            try damaged.write(to: folder.appendingPathComponent("00000000000000000001.zst"))
            let result = try tool.run("verify", folder.path)
            #expect(result.code == 3, "\(position): \(result.errors)")
            let isNamed =
                result.errors.contains("00000000000000000001.zst")
                && result.errors.contains("at offset ")
            #expect(isNamed, "\(position): \(result.errors)")
            located += 1
        }
        print("verify: \(located) flipped bytes located")
    }

    @Test func `segments are valid zstd files and every command explains itself`() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["zstd", "-qt", Self.journal + "/00000000000000000001.zst"]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        for name in [
            "import", "info", "ls", "cat", "frames", "verify", "at", "rollup", "execute", "trace",
            "compact", "bench",
        ] {
            let help = try answer(name, "--help")
            #expect(help.code == 0 && help.output.contains("USAGE: replay-tool \(name)"))
        }
    }

    @Test func `cat prints one JSON object an event, and a range holds just its events`() throws {
        let all = try answer("cat", Self.journal)
        let objects = try all.lines.map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
        #expect(objects.allSatisfy { $0?["seq"] != nil && $0?["kind"] != nil })
        let tool = try Tool()
        defer { tool.remove() }
        let part = try tool.run("cat", Self.journal, "--from", "100", "--to", "120")
        #expect(part.lines == Array(all.lines[99..<120]))
    }
}
