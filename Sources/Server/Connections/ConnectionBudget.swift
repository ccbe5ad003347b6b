/// How often one host may be connected to (V.5): at most 60 times in five minutes and once a
/// second, over all symbols.
public struct ConnectionBudget: Sendable {
    /// Times of the last attempts, ns since 1970: they are kept over restarts.
    public private(set) var attempts: [Int64]

    static let windowNanos: Int64 = 300_000_000_000
    static let attemptsMax = 60
    static let spacingNanos: Int64 = 1_000_000_000

    /// A budget of which these attempts are spent.
    public init(attempts: [Int64] = []) { self.attempts = attempts.sorted() }

    /// The first moment from `now` on at which an attempt is allowed.
    public func next(_ now: Int64) -> Int64 {
        var time = now
        if let last = attempts.last { time = max(time, last + ConnectionBudget.spacingNanos) }
        let recent = attempts.filter { $0 > time - ConnectionBudget.windowNanos }
        if recent.count >= ConnectionBudget.attemptsMax {
            let freed = recent[recent.count - ConnectionBudget.attemptsMax]
            time = max(time, freed + ConnectionBudget.windowNanos)
        }
        return time
    }

    /// Spends one attempt at `now`.
    public mutating func spend(_ now: Int64) {
        attempts.removeAll { $0 <= now - ConnectionBudget.windowNanos }
        attempts.append(now)
    }
}
