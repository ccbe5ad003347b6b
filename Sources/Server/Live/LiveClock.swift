import Engine

/// Now, twice: by the calendar (ns since 1970) and by a stopwatch (ns since some start).
public struct Instant: Equatable, Sendable {
    /// The time that events get.
    public var wall: Int64
    /// What durations are measured with; never goes back.
    public var steady: Int64

    /// A moment.
    public init(wall: Int64, steady: Int64) {
        self.wall = wall
        self.steady = steady
    }
}

/// The time of a run: starts with the calendar and goes on with the stopwatch (F.13, V.15).
///
/// When the calendar is stepped, nothing here jumps: order, durations and staleness stay as they
/// are, and the step is told so that it can be journaled. Differences below half a second are
/// made up for slowly, at most half a thousandth of the time that goes by.
public struct LiveClock: Sendable {
    /// A calendar that was stepped.
    public struct Step: Equatable, Sendable {
        /// Its time as it had to be, ns.
        public var from: Int64
        /// Its time as it was, ns.
        public var to: Int64
    }

    private var offset: Int64
    /// Difference between the calendar and this clock that was told already.
    private var told: Int64 = 0
    private var lastSlew: Int64

    /// A larger difference is a step.
    static let stepNanosMin: Int64 = 500_000_000

    /// A clock that starts now; not before `earliest`, the time of the last event of the log.
    public init(wall: Int64, steady: Int64, notBefore earliest: Int64) {
        let start = max(wall, earliest)
        offset = start - steady
        told = wall - start
        lastSlew = steady
    }

    /// The time at `steady` of the stopwatch.
    public func instant(_ steady: Int64) -> Instant {
        Instant(wall: steady + offset, steady: steady)
    }

    /// Looks at the calendar, `wall` at `steady`, and says whether it was stepped since the last
    /// look.
    public mutating func compare(wall: Int64, steady: Int64) -> Step? {
        let now = steady + offset
        let difference = wall - now - told
        if abs(difference) > LiveClock.stepNanosMin {
            told += difference
            return Step(from: wall - difference, to: wall)
        }
        let most = (steady - lastSlew) / 2_000
        lastSlew = steady
        offset += min(max(difference, -most), most)
        return nil
    }
}
