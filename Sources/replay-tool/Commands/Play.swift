import ArgumentParser
import Foundation
import Logging
import Server

/// `play`: a recorded session on the live interface.
struct Play: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a recorded session on the live interface, as fast as wanted.",
        discussion: """
            The present is as far as it was played. GET /api/player says where that is; \
            POST /api/play plays, pauses, steps and seeks (docs/API.md). Ends with Ctrl-C.
            """)

    @OptionGroup var target: JournalArgument
    @Option(name: .long, help: "How many times as fast as it was, 0.01 to 10000, or max.")
    var speed = "1"
    @Option(name: .long, help: "Begin at this time: unix seconds, or ISO 8601 with Z.")
    var from: String?
    @Option(name: .customLong("from-seq"), help: "Begin behind this event.") var fromSeq: UInt64?
    @Flag(name: .long, help: "Wait for POST /api/play.") var paused = false
    @Option(name: .long, help: "Port on 127.0.0.1; 0: a free one.") var port = 8080

    mutating func run() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port is a whole number from 0 to 65535")
        }
        var server = PlayServer(directory: target.journal)
        server.speed = speed
        server.isPaused = paused
        server.port = port
        switch (from, fromSeq) {
        case (nil, nil): break
        case (let text?, nil):
            guard let time = TimeText.nanos(text) else {
                throw ValidationError("--from: '\(text)' is no time")
            }
            server.from = .time(time)
        case (nil, let sequence?): server.from = .sequence(sequence)
        default: throw ValidationError("--from or --from-seq, not both")
        }
        let logger = Logger(label: "replay-tool") {
            JSONLog(label: $0, level: .warning, target: JSONLogTarget())
        }
        let plan = server
        try Blocking.run {
            try await plan.run(logger: logger) { address in
                var output = StandardOutput()
                output.line("playing on \(address)")
                output.flush()
            } until: {
                Signals.isInterrupted
            }
        }
    }
}
