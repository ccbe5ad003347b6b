import Testing

@testable import Server

/// T.24: the clock of a run when the calendar is stepped.
@Suite struct LiveClockTests {
    static let second: Int64 = 1_000_000_000
    static let hour = 3_600 * second

    @Test(arguments: [hour, -hour, 24 * hour, -24 * hour, 600_000_000, -600_000_000])
    func `a step is told once, and time goes on as before`(step: Int64) {
        let start = 1_790_000_000 * Self.second
        var clock = LiveClock(wall: start, steady: 0, notBefore: 0)
        var steps: [LiveClock.Step] = []
        var last = clock.instant(0).wall
        for tick in 1...600 as ClosedRange<Int64> {
            let steady = tick * Self.second
            let calendar = start + steady + (tick >= 300 ? step : 0)
            if let step = clock.compare(wall: calendar, steady: steady) { steps.append(step) }
            let now = clock.instant(steady).wall
            #expect(now > last && now - last < Self.second + Self.second / 1_000)
            last = now
        }
        #expect(steps.map { $0.to - $0.from } == [step])
    }

    @Test func `small differences are made up for slowly`() {
        let start = 1_790_000_000 * Self.second
        var clock = LiveClock(wall: start, steady: 0, notBefore: 0)
        for tick in 1...2_000 as ClosedRange<Int64> {
            let steady = tick * Self.second
            #expect(clock.compare(wall: start + steady + 400_000_000, steady: steady) == nil)
        }
        let end = 2_000 * Self.second
        let left = start + end + 400_000_000 - clock.instant(end).wall
        #expect(left == 0, "\(left) ns are left")
    }

    @Test func `a log from the future keeps its order`() {
        let start = 1_790_000_000 * Self.second
        let clock = LiveClock(wall: start, steady: 7, notBefore: start + Self.hour)
        #expect(clock.instant(7).wall == start + Self.hour)
        #expect(clock.instant(8).wall == start + Self.hour + 1)
    }
}
