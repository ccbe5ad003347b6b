import ArgumentParser
import Foundation
import Logging
import Server
import Synchronization

/// `record`: live or simulated venues into a journal, without a server.
struct Record: ParsableCommand, ChangesJournal {
    static let configuration = CommandConfiguration(
        abstract: "Record live or simulated venues into a journal, and raw messages beside it.",
        discussion: """
            Ends after --seconds, or at Ctrl-C; either leaves sealed journals. `import` of the raw \
            capture gives the same events again.
            """)

    @Option(name: .long, help: "Feeds, e.g. binance,coinbase; all when it is not given.")
    var venues: String?
    @Option(name: .long, help: "Symbols, e.g. BTC-USD,ETH-USD.") var symbols: String?
    @Flag(name: .long, help: "The real venues; simulated ones without it.") var live = false
    @Option(name: .long, help: "Seed of what is simulated.") var seed: String?
    @Option(name: .customLong("venue-fault"), parsing: .singleValue, help: "A simulated fault.")
    var venueFaults: [String] = []
    @Option(name: .long, help: "Length in seconds; until a signal without it.") var seconds: Int?
    @Option(name: .long, help: "New folder of the journal.") var out: String
    @Option(name: .long, help: "New folder of the raw capture.") var raw: String?

    mutating func run() throws {
        if let seconds, !(1...31_536_000).contains(seconds) {
            throw ValidationError("--seconds is a whole number from 1 to 31536000")
        }
        for folder in [out, raw].compactMap({ $0 }) {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            guard !names.contains(where: { $0.hasSuffix(".zst") }) else {
                throw Failure("\(folder) holds a journal already: name a new folder")
            }
        }
        var values: [String: String] = ["JOURNAL_DIR": out]
        values["EXCHANGES"] = venues
        values["SYMBOLS"] = symbols
        values["SEED"] = seed
        if !venueFaults.isEmpty { values["VENUE_FAULTS"] = venueFaults.joined(separator: ",") }
        let settings = try Settings(values, isSimulated: !live)
        let logger = Logger(label: "replay-tool") {
            JSONLog(label: $0, level: .warning, target: JSONLogTarget())
        }
        let end = seconds.map { ContinuousClock.now + .seconds($0) }
        let recording = Recording(settings, raw: raw)
        let (status, code) = try Blocking.run {
            try await recording.run(logger: logger) { _ in
                Signals.isInterrupted || end.map { .now >= $0 } ?? false
            }
        }
        var output = StandardOutput()
        let messages = status.feeds.reduce(0) { $0 + $1.messages }
        output.line("\(messages) messages of \(status.feeds.count) feeds recorded in \(out)")
        output.flush()
        if code != 0 { throw ExitCode(code) }
        if Signals.isInterrupted, end != nil { throw ExitCode(ExitCodes.interrupted) }
    }
}

/// Waits for asynchronous work on a thread that has nothing else to do.
enum Blocking {
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let done = DispatchSemaphore(value: 0)
        let slot = Mutex<Result<Value, any Error>?>(nil)
        Task {
            let result: Result<Value, any Error>
            do { result = .success(try await work()) } catch { result = .failure(error) }
            slot.withLock { $0 = result }
            done.signal()
        }
        done.wait()
        guard let result = slot.withLock({ $0 }) else {
            preconditionFailure("the work is done")
        }
        return try result.get()
    }
}
