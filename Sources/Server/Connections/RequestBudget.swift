/// What a venue's answer says about the requests that it allows.
public struct AnswerHead: Equatable, Sendable {
    /// HTTP status.
    public var status: Int
    /// Seconds of `Retry-After`, where the answer has it.
    public var retryAfter: Int64?
    /// Weight used in this minute by the venue's own count, where it tells.
    public var usedWeight: Int?

    /// The head of an answer.
    public init(status: Int, retryAfter: Int64? = nil, usedWeight: Int? = nil) {
        self.status = status
        self.retryAfter = retryAfter
        self.usedWeight = usedWeight
    }
}

/// How much one host may be asked (V.7): at most half of what the venue allows a minute, nothing
/// after a 429 or a ban until the venue says so, and half the rate for ten minutes after a 429.
///
/// Times are ns since 1970: a ban holds over restarts.
public struct RequestBudget: Sendable {
    private let weightPerMinute: Int
    private var spent: [(time: Int64, weight: Int)] = []
    /// No request before this.
    public private(set) var blockedUntil: Int64
    /// Whether `blockedUntil` is a ban.
    public private(set) var isBanned: Bool
    private var slowUntil: Int64 = 0

    static let minute: Int64 = 60_000_000_000

    /// A budget of half of `weightPerMinute`; nothing is asked before `blockedUntil`.
    public init(weightPerMinute: Int, blockedUntil: Int64 = 0, isBanned: Bool = false) {
        self.weightPerMinute = weightPerMinute
        self.blockedUntil = blockedUntil
        self.isBanned = isBanned
    }

    private func allowed(_ now: Int64) -> Int {
        max(1, weightPerMinute / (now < slowUntil ? 4 : 2))
    }

    /// The first moment from `now` on at which a request of `weight` is allowed. A request that is
    /// heavier than all that is allowed waits for an empty minute.
    public func next(_ now: Int64, weight: Int) -> Int64 {
        let time = max(now, blockedUntil)
        let recent = spent.filter { $0.time > time - RequestBudget.minute }
        var used = recent.reduce(0) { $0 + $1.weight }
        let room = allowed(time)
        var start = time
        for entry in recent where used > 0 && used + weight > room {
            used -= entry.weight
            start = max(time, entry.time + RequestBudget.minute)
        }
        return start
    }

    /// Spends the weight of a request at `now`.
    public mutating func spend(_ now: Int64, weight: Int) {
        spent.removeAll { $0.time <= now - RequestBudget.minute }
        spent.append((now, weight))
    }

    /// Takes over what an answer at `now` says. True when something was learnt that has to be kept
    /// over a restart.
    public mutating func note(_ head: AnswerHead, at now: Int64) -> Bool {
        if let said = head.usedWeight {
            // What the venue says is data: no sum of it may overflow.
            let used = min(max(said, 0), 1_000_000)
            let since = now - RequestBudget.minute
            let known = spent.reduce(0) { $0 + ($1.time > since ? $1.weight : 0) }
            if used > known { spent.append((now, used - known)) }
        }
        let second: Int64 = 1_000_000_000
        let asked = min(max(head.retryAfter ?? 60, 1), 86_400 * 3)
        switch head.status {
        case 429:
            blockedUntil = max(blockedUntil, now + asked * second)
            slowUntil = blockedUntil + 600 * second
        case 403, 418:
            let wait = max(120 * second, asked * second * 11 / 10)
            blockedUntil = max(blockedUntil, now + wait)
            isBanned = true
        default:
            guard isBanned, now >= blockedUntil, head.status < 400 else { return false }
            isBanned = false
        }
        return true
    }
}
