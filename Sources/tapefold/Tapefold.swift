import ArgumentParser
import Foundation
import Server

/// The live server.
@main
struct Tapefold: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tapefold",
        abstract: "Records what venues quote and trade, and serves it live.",
        discussion: """
            Without flags: simulated venues on this machine that speak the real venues' protocols, \
            a journal in ./journal, and the API on http://127.0.0.1:8080. Every flag has a \
            variable of the environment of the same meaning (docs/tapefold.env.example).
            """)

    @Flag(name: .long, help: "Simulated venues of this process (default).") var simulated = false
    @Flag(name: .long, help: "The real venues.") var live = false
    @Option(name: .long, help: "Feeds, e.g. binance,coinbase. [EXCHANGES]") var exchanges: String?
    @Option(name: .long, help: "Symbols, e.g. BTC-USD. [SYMBOLS]") var symbols: String?
    @Option(name: .long, help: "Port. [PORT]") var port: String?
    @Option(name: .long, help: "Address to listen on. [BIND]") var bind: String?
    @Option(name: .long, help: "Folder of the journal. [JOURNAL_DIR]") var journal: String?
    @Option(name: .customLong("tick-hz"), help: "Frames a second. [TICK_HZ]") var tickHz: String?
    @Option(name: .long, help: "Windows in bps. [WINDOWS_BPS]") var windows: String?
    @Option(name: .long, help: "Seed of what is simulated. [SEED]") var seed: String?
    @Option(
        name: .customLong("venue-fault"), parsing: .singleValue,
        help: "A simulated fault, e.g. binance=down@30s+10s; may be repeated. [VENUE_FAULTS]")
    var venueFaults: [String] = []
    @Option(name: .customLong("log-level"), help: "Least important line. [LOG_LEVEL]")
    var logLevel: String?
    @Option(name: .customLong("log-file"), help: "File of the log. [LOG_FILE]") var logFile: String?
    @Flag(
        name: .customLong("allow-remote-unauthenticated"),
        help: "Serve an address other than this machine's without a token.")
    var allowRemote = false
    @Flag(name: .customLong("print-settings"), help: "Print every setting and its default.")
    var printSettings = false

    mutating func run() async throws {
        if printSettings { return print(Settings.example, terminator: "") }
        do {
            let code = try await LiveServer(try settings()).run()
            if code != 0 { throw ExitCode(code) }
        } catch let error as ExitCode {
            throw error
        } catch {
            Failure.exit(error, program: "tapefold", isReading: false)
        }
    }

    /// Flags over the environment over the defaults.
    private func settings() throws -> Settings {
        if simulated, live {
            throw SettingError("--live", "", "and --simulated exclude each other")
        }
        var values = ProcessInfo.processInfo.environment
        let flags: [(String, String?)] = [
            ("EXCHANGES", exchanges), ("SYMBOLS", symbols), ("PORT", port), ("BIND", bind),
            ("JOURNAL_DIR", journal), ("TICK_HZ", tickHz), ("WINDOWS_BPS", windows),
            ("SEED", seed), ("LOG_LEVEL", logLevel), ("LOG_FILE", logFile),
            ("VENUE_FAULTS", venueFaults.isEmpty ? nil : venueFaults.joined(separator: ",")),
        ]
        for (name, value) in flags { if let value { values[name] = value } }
        return try Settings(
            values, isSimulated: !live, allowsRemoteUnauthenticated: allowRemote)
    }
}
