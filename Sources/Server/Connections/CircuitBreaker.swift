/// Stops trying for a while when nothing comes of it (V.16): five failures in two minutes open it
/// for 30 s, and each further time for twice as long, up to ten minutes.
public struct CircuitBreaker: Sendable {
    private var failures: [Int64] = []
    private var openings = 0
    private var openUntil: Int64 = 0

    static let failuresMax = 5
    static let windowNanos: Int64 = 120_000_000_000
    static let firstNanos: Int64 = 30_000_000_000
    static let lastNanos: Int64 = 600_000_000_000

    /// A closed one.
    public init() {}

    /// Until when nothing is tried; in the past while it is closed. Steady ns.
    public var closedFrom: Int64 { openUntil }

    /// Whether attempts are held back at `now`, steady ns.
    public func isOpen(_ now: Int64) -> Bool { now < openUntil }

    /// Notes a failure; true when it opens.
    @discardableResult
    public mutating func fail(_ now: Int64) -> Bool {
        failures.removeAll { $0 <= now - CircuitBreaker.windowNanos }
        failures.append(now)
        guard failures.count >= CircuitBreaker.failuresMax, now >= openUntil else { return false }
        failures.removeAll()
        let nanos = min(CircuitBreaker.lastNanos, CircuitBreaker.firstNanos << Int64(openings))
        openings = min(openings + 1, 10)
        openUntil = now + nanos
        return true
    }

    /// Everything works for long enough.
    public mutating func succeed() {
        failures.removeAll()
        openings = 0
    }
}
