/// The UTC grid of clock ticks: tick k has time `ceil(k · 10⁹ / hz)` ns (`semantics.md` 7).
public struct TickGrid: Equatable, Sendable {
    /// A stall longer than this gives one `clockGap` and one tick instead of a burst, ns.
    public static var stallNanosMax: Int64 { 10 * Timestamp.second }

    /// Ticks a second, 1…10.
    public let hz: Int64

    /// The grid of `hz` ticks a second.
    public init(hz: UInt32) {
        precondition((1...Limits.tickHzMax).contains(hz), "ticks a second out of range")
        self.hz = Int64(hz)
    }

    /// Time of tick `index`, for times after 1970.
    private func time(of index: Int64) -> Int64 {
        let (seconds, part) = index.quotientAndRemainder(dividingBy: hz)
        return seconds * Timestamp.second + (part * Timestamp.second + hz - 1) / hz
    }

    /// The first tick strictly after `time`; `time` is not negative.
    public func first(after time: Int64) -> Int64 {
        let seconds = time / Timestamp.second
        var index = seconds * hz + (time % Timestamp.second) * hz / Timestamp.second
        while self.time(of: index) <= time { index += 1 }
        return self.time(of: index)
    }

    /// The last tick at or before `time`; `time` is at least one second.
    public func last(notAfter time: Int64) -> Int64 {
        let seconds = time / Timestamp.second
        var index = seconds * hz + (time % Timestamp.second) * hz / Timestamp.second + 1
        while self.time(of: index) > time { index -= 1 }
        return self.time(of: index)
    }
}
