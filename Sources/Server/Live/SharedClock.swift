import CDispatch
import Glibc
import Synchronization

/// The clock of a run, read by every thread and kept by the core's.
final class SharedClock: Sendable {
    /// Calendar time of the run less stopwatch time, ns.
    private let offset: Atomic<Int64>
    private let clock: Mutex<LiveClock>

    /// A clock that starts now; not before the last event of the log.
    init(notBefore earliest: Int64) {
        let clock = LiveClock(
            wall: SharedClock.calendar(), steady: SharedClock.stopwatch(), notBefore: earliest)
        self.clock = Mutex(clock)
        offset = Atomic(clock.instant(0).wall)
    }

    /// Now.
    var now: Instant {
        let steady = SharedClock.stopwatch()
        return Instant(wall: steady + offset.load(ordering: .relaxed), steady: steady)
    }

    /// Looks at the calendar; the step, where it was stepped since the last look.
    func compare() -> LiveClock.Step? {
        let steady = SharedClock.stopwatch()
        let wall = SharedClock.calendar()
        return clock.withLock { clock in
            let step = clock.compare(wall: wall, steady: steady)
            offset.store(clock.instant(0).wall, ordering: .relaxed)
            return step
        }
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The machine's calendar, ns since 1970.
    static func calendar() -> Int64 { read(CLOCK_REALTIME) }
    private static func stopwatch() -> Int64 { read(CLOCK_MONOTONIC) }
}
