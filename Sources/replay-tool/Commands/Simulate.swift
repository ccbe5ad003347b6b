import ArgumentParser
import Foundation
import Server
import Venues

/// `simulate`: a session of the simulated venues in the venues' own wire formats.
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a deterministic simulated session as a capture (JSONL, wire formats).",
        discussion: "Simulated, not recorded: the same seed gives the same bytes on every machine.")

    @Option(name: .long, help: "Seed of the market.")
    var seed: UInt64 = 1

    @Option(name: .long, help: "Length in seconds.")
    var seconds: Int64 = 600

    @Option(name: .long, help: "Feeds: spot, usdm, exchange, advanced, kraken, okx, bybit.")
    var feeds = "spot,exchange"

    @Option(name: .customLong("cross-at"), help: "Second at which the venues cross each other.")
    var crossAt: Int64?

    @Option(
        name: .customLong("outage-at"), help: "Second at which the first feed goes down for 5 s.")
    var outageAt: Int64?

    @Option(name: .long, help: "File to write; standard output when it is not given.")
    var out: String?

    mutating func run() throws {
        guard (1...86_400).contains(seconds) else {
            throw ValidationError("--seconds is a whole number from 1 to 86400")
        }
        var target = STDOUT_FILENO
        if let out {
            target = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard target >= 0 else {
                throw Failure("\(out): \(String(cString: strerror(errno)))")
            }
        }
        var bytes: [UInt8] = []
        let session = try session()
        do {
            try session.run { line in
                if Signals.isInterrupted { throw LogError.interrupted }
                bytes.append(contentsOf: line)
                bytes.append(0x0a)
                if bytes.count >= 1 << 18 { try Simulate.flush(&bytes, target) }
            }
        } catch LogError.interrupted {
            // What is written ends with a whole line: it is a session, only a shorter one.
            try Simulate.flush(&bytes, target)
            throw LogError.interrupted
        }
        try Simulate.flush(&bytes, target)
    }

    private func session() throws -> SimulatedSession {
        let feeds = try self.feeds.split(separator: ",").map { name -> SimulatedFeed in
            switch name {
            case "spot": return .binanceSpot
            case "usdm": return .binanceUSDM
            case "exchange": return .coinbaseExchange
            case "advanced": return .coinbaseAdvanced
            case "kraken": return .krakenSpot
            case "okx": return .okxSpot
            case "bybit": return .bybitSpot
            default: throw ValidationError("--feeds: '\(name)' is none of them")
            }
        }
        for offset in [crossAt, outageAt].compactMap({ $0 }) where !(0...86_400).contains(offset) {
            throw ValidationError("--cross-at and --outage-at lie between 0 and 86400")
        }
        guard let first = feeds.first, let last = feeds.last else {
            throw ValidationError("--feeds names no feed")
        }
        let second: Int64 = 1_000_000_000
        return SimulatedSession(
            seed: seed, durationNanos: seconds * second, feeds: feeds,
            outages: outageAt.map {
                [SimulatedOutage(feed: first, offsetNanos: $0 * second, durationNanos: 5 * second)]
            },
            dislocations: crossAt.map {
                [
                    SimulatedDislocation(
                        venue: last.venue, offsetNanos: $0 * second, durationNanos: 4 * second,
                        shiftPpm: 600)
                ]
            })
    }

    private static func flush(_ bytes: inout [UInt8], _ target: Int32) throws {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes {
                write(target, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure("write: \(String(cString: strerror(errno)))") }
            offset += count
        }
        bytes.removeAll(keepingCapacity: true)
    }
}
