/// So many a second, and so many at once.
public struct RateLimit: Equatable, Sendable {
    /// Time that one takes in the long run, ns.
    public var intervalNanos: Int64
    /// At once, after a rest.
    public var burst: Int64

    /// A limit of one in `intervalNanos`, with `burst` at once.
    public init(intervalNanos: Int64, burst: Int64) {
        precondition(intervalNanos > 0 && burst > 0, "a rate lets something through")
        self.intervalNanos = intervalNanos
        self.burst = burst
    }

    /// A limit of `perSecond`, with `burst` at once.
    public init(perSecond: Int64, burst: Int64) {
        self.init(intervalNanos: 1_000_000_000 / perSecond, burst: burst)
    }
}

/// One client's account: the time at which everything taken so far has been earned. One number
/// says how much is left, and nothing has to run to fill it up.
struct RateAccount {
    private var earnedAt: Int64 = .min / 2

    /// Takes one at `now` (steady ns): nil when it may, else the time to wait, ns.
    mutating func take(_ limit: RateLimit, _ now: Int64) -> Int64? {
        let start = max(earnedAt, now)
        let wait = start - now - (limit.burst - 1) * limit.intervalNanos
        if wait > 0 { return wait }
        earnedAt = start + limit.intervalNanos
        return nil
    }

    /// Whether it says no more than that nothing was taken.
    func isRested(_ now: Int64) -> Bool { earnedAt <= now }
}

/// Counts what comes in a span of time, in whole spans: so many and no more.
struct SpanCounter {
    private var start: Int64 = .min / 2
    private(set) var count = 0

    /// Counts one at `now`; how many came since the span began.
    mutating func add(_ now: Int64, span: Int64) -> Int {
        if now - start >= span {
            start = now
            count = 0
        }
        count += 1
        return count
    }
}

/// The accounts of all clients by address; bounded, and those that rested are forgotten first.
struct RateTable {
    private var accounts: [String: RateAccount] = [:]
    static let clientsMax = 16_384

    /// Takes one of `client`: nil when it may, else the time to wait, ns.
    mutating func take(_ client: String, _ limit: RateLimit, _ now: Int64) -> Int64? {
        if accounts[client] == nil, accounts.count >= RateTable.clientsMax {
            accounts = accounts.filter { !$0.value.isRested(now) }
            // As many clients as that at once: the newest wait.
            if accounts.count >= RateTable.clientsMax { return limit.intervalNanos }
        }
        return accounts[client, default: RateAccount()].take(limit, now)
    }
}
