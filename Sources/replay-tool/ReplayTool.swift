import ArgumentParser
import Server

/// The command line over recorded sessions.
@main
struct ReplayTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay-tool",
        abstract: "Import, inspect, prove and query recorded market sessions.",
        discussion: """
            Exit codes: 0 ok, 1 differs, 2 torn tail, 3 corruption, 4 unknown version, \
            5 input or output error, 64 usage, 74 sync failure, 130 interrupted.
            """,
        version: "0.1.0",
        subcommands: [
            Import.self, Simulate.self, Info.self, List.self, Cat.self, Frames.self,
            Rollups.self, Verify.self, At.self, Execute.self, Trace.self, Compact.self,
            Bench.self, Report.self, Checkpoints.self, Prove.self, Record.self,
            Play.self,
        ])

    static func main() {
        Signals.prepare()
        var command: any ParsableCommand
        do { command = try parseAsRoot() } catch { exit(withError: error) }
        do {
            try command.run()
        } catch {
            // What the argument parser knows has its own codes; all else is input or output.
            let isParsers = exitCode(for: error) != .failure
            if isParsers || error is ExitCode { exit(withError: error) }
            Failure.exit(error, isReading: !(command is any ChangesJournal))
        }
    }
}
