import Engine
import Venues

/// One feed of a venue as it is kept alive: the line in use, the one that takes over from it, and
/// what limits the attempts. Times are steady ns unless they say otherwise.
final class VenueLink {
    let service: VenueService
    let symbols: [[UInt8]]
    /// The consolidated symbols that they belong to.
    let consolidated: [String]
    /// Two: one in use, one for the hand-over before the venue's age limit (V.6).
    let lines: [VenueLine]
    var backoff = Backoff()
    var breaker = CircuitBreaker()
    /// Waits between attempts to hand over; the line in use is well meanwhile.
    var handOverBackoff = Backoff()
    /// When the next attempt to connect may begin; nil: none is wanted.
    var attemptAt: Int64? = 0
    /// Since when all books of a line are live.
    var liveSince: Int64?
    var watches: [BookWatch]
    /// Requests that wait for their turn, and until when at least.
    var requests: [(request: VenueRequest, notBefore: Int64)] = []
    var connections: ConnectionBudget
    var budget: RequestBudget
    /// Answers that are on their way: when they are given up.
    var awaited: [(request: VenueRequest, until: Int64)] = []

    /// Counts of this run.
    var messages: UInt64 = 0
    var rejected: UInt64 = 0
    var connects: UInt64 = 0
    /// The venue's time against ours.
    var clock = TransportClock()
    /// Whether the breaker held attempts back when it was last looked at.
    var isHeldBack = false

    init(
        service: VenueService, bases: [String], lines: [VenueLine], limits: VenueLimits
    ) {
        precondition(lines.count == 2, "a link has a line and one to take over")
        self.service = service
        symbols = bases.map { Array(service.symbols.symbol(base: $0).utf8) }
        let suffix = service.endpoint.venue == .binanceUSDM ? "-USD-PERP" : "-USD"
        consolidated = bases.map { $0 + suffix }
        self.lines = lines
        watches = service.hasBooks ? symbols.map { BookWatch(symbol: $0) } : []
        let host = service.host
        connections = ConnectionBudget(attempts: limits.attempts[host] ?? [])
        let blocked = limits.blockedUntil[host] ?? 0
        budget = RequestBudget(
            weightPerMinute: service.restWeightPerMinute, blockedUntil: blocked,
            isBanned: blocked > 0)
    }

    /// The line whose books count: the one that is up, the older one where both are.
    var current: VenueLine? {
        let up = lines.filter(\.isUp)
        return up.min { since($0) < since($1) }
    }

    /// The line that takes over, while both are in use.
    var successor: VenueLine? {
        guard let current else { return nil }
        return lines.first { $0 !== current && $0.state != .down }
    }

    private func since(_ line: VenueLine) -> Int64 {
        if case .up(let since) = line.state { return since }
        return .max
    }

    func line(_ id: UInt16) -> VenueLine? { lines.first { $0.id == id } }
}

extension VenueService {
    /// The host and port that budgets are kept for.
    var host: String {
        let rest = socketURL.split(separator: "/", omittingEmptySubsequences: true).dropFirst()
        return rest.first.map(String.init) ?? socketURL
    }
}

/// How long a book has not been live, and how its next sync is spaced.
struct BookWatch {
    let symbol: [UInt8]
    /// Since when it is not live; nil while it is.
    var missingSince: Int64?
    /// It was asked for again.
    var isAskedAgain = false
    /// Waits between one sync and the next.
    var backoff = Backoff()
    /// When the last checksum failures were seen, and until when the instrument rests (V.9).
    var checksumFailures: [Int64] = []
    var restsUntil: Int64 = 0
    /// Messages that subscribe anew, by which line and when they are sent.
    var planned: (messages: [[UInt8]], line: UInt16, at: Int64)?

    static let askAgainAfterNanos: Int64 = 15_000_000_000
    static let reconnectAfterNanos: Int64 = 30_000_000_000
    static let checksumWindowNanos: Int64 = 600_000_000_000
    static let checksumRestNanos: Int64 = 300_000_000_000
    static let checksumFailuresMax = 3

    init(symbol: [UInt8]) { self.symbol = symbol }

    /// Plans to subscribe anew: at once the first time, with a growing wait after that.
    mutating func plan(
        _ messages: [[UInt8]], by line: UInt16, isChecksum: Bool, _ now: Int64,
        _ jitter: inout Jitter
    ) {
        if isChecksum {
            checksumFailures.removeAll { $0 <= now - BookWatch.checksumWindowNanos }
            checksumFailures.append(now)
            if checksumFailures.count >= BookWatch.checksumFailuresMax {
                checksumFailures.removeAll()
                restsUntil = now + BookWatch.checksumRestNanos
            }
        }
        let wait = isFirst ? 0 : backoff.next(&jitter)
        isFirst = false
        planned = (messages, line, max(now + wait, restsUntil))
    }

    private var isFirst = true

    /// The book is live again; after a while the waits begin anew.
    mutating func becomeLive() {
        missingSince = nil
        isAskedAgain = false
    }

    /// It was live for long enough.
    mutating func forgive() {
        backoff.reset()
        isFirst = true
    }

    /// A new connection begins.
    mutating func restart(_ now: Int64) {
        missingSince = now
        isAskedAgain = false
        planned = nil
    }
}
