import Testing

@testable import Server

/// What limits attempts and requests, each by its rule.
@Suite struct LimitTests {
    static let second: Int64 = 1_000_000_000

    @Test func `waits have full jitter and grow to a minute`() {
        var jitter = Jitter(seed: 1)
        var backoff = Backoff()
        var ceilings: [Int64] = []
        for _ in 0..<10 {
            ceilings.append(backoff.ceiling)
            let wait = backoff.next(&jitter)
            #expect(wait >= 0 && wait <= ceilings.last!)
        }
        #expect(ceilings.prefix(4) == [500_000_000, Self.second, 2 * Self.second, 4 * Self.second])
        #expect(ceilings.last == 60 * Self.second)
        var low = 0
        for seed in 0..<1_000 as Range<UInt64> {
            var jitter = Jitter(seed: seed)
            var backoff = Backoff()
            if backoff.next(&jitter) < 250_000_000 { low += 1 }
        }
        #expect((400...600).contains(low), "half of the waits lie in the lower half: \(low)")
    }

    @Test func `a host is connected to once a second and sixty times in five minutes`() {
        var budget = ConnectionBudget()
        var times: [Int64] = []
        var now: Int64 = 1_000 * Self.second
        for _ in 0..<200 {
            now = budget.next(now)
            budget.spend(now)
            times.append(now)
        }
        for index in times.indices.dropFirst() {
            #expect(times[index] - times[index - 1] >= Self.second)
        }
        for index in 60..<times.count {
            #expect(times[index] - times[index - 60] >= 300 * Self.second)
        }
        let again = ConnectionBudget(attempts: budget.attempts)
        #expect(again.next(now) == budget.next(now), "it holds over a restart")
    }

    @Test func `a breaker opens at the fifth failure in two minutes, twice as long each time`() {
        var breaker = CircuitBreaker()
        var now: Int64 = 0
        for _ in 0..<4 { breaker.fail(now) }
        now = 121 * Self.second
        breaker.fail(now)
        #expect(!breaker.isOpen(now), "four failures are forgotten after two minutes")
        var waits: [Int64] = []
        for _ in 0..<7 {
            var opened = false
            while !opened {
                opened = breaker.fail(now)
            }
            waits.append((breaker.closedFrom - now) / Self.second)
            #expect(breaker.isOpen(now) && !breaker.isOpen(breaker.closedFrom))
            now = breaker.closedFrom
        }
        #expect(waits == [30, 60, 120, 240, 480, 600, 600])
        breaker.succeed()
        for _ in 0..<5 { breaker.fail(now) }
        #expect(breaker.closedFrom - now == 30 * Self.second)
    }

    @Test func `requests take half of what the venue allows a minute`() {
        var budget = RequestBudget(weightPerMinute: 1_000)
        var now: Int64 = 5_000 * Self.second
        var spent: [Int64] = []
        for _ in 0..<9 {
            now = budget.next(now, weight: 250)
            budget.spend(now, weight: 250)
            spent.append(now)
        }
        for index in 2..<spent.count {
            #expect(spent[index] - spent[index - 2] >= 60 * Self.second)
        }
        #expect(budget.next(now, weight: 5_000) >= now, "a heavy one waits for an empty minute")
    }

    @Test func `a venue's own count of weight is believed`() {
        var budget = RequestBudget(weightPerMinute: 1_000)
        let now: Int64 = 5_000 * Self.second
        let isLearnt = budget.note(AnswerHead(status: 200, usedWeight: 490), at: now)
        #expect(!isLearnt)
        #expect(budget.next(now, weight: 10) == now)
        #expect(budget.next(now, weight: 11) == now + 60 * Self.second)
    }

    @Test func `after 429 nothing is asked until the venue says so, then at half the rate`() {
        var budget = RequestBudget(weightPerMinute: 400)
        let now: Int64 = 5_000 * Self.second
        let isLearnt = budget.note(AnswerHead(status: 429, retryAfter: 7), at: now)
        #expect(isLearnt)
        #expect(budget.next(now, weight: 1) == now + 7 * Self.second && !budget.isBanned)
        let later = now + 7 * Self.second
        budget.spend(later, weight: 100)
        #expect(budget.next(later, weight: 1) == later + 60 * Self.second, "a quarter, not a half")
        #expect(budget.next(later + 700 * Self.second, weight: 200) == later + 700 * Self.second)
        var silent = RequestBudget(weightPerMinute: 400)
        _ = silent.note(AnswerHead(status: 429), at: now)
        #expect(silent.next(now, weight: 1) == now + 60 * Self.second)
    }

    @Test func `a ban lasts a tenth longer than asked, at least two minutes, and over a restart`() {
        let now: Int64 = 5_000 * Self.second
        for status in [403, 418] {
            var budget = RequestBudget(weightPerMinute: 400)
            let isKept = budget.note(AnswerHead(status: status, retryAfter: 1_000), at: now)
            #expect(isKept)
            #expect(budget.next(now, weight: 1) == now + 1_100 * Self.second && budget.isBanned)
            var short = RequestBudget(weightPerMinute: 400)
            _ = short.note(AnswerHead(status: status, retryAfter: 5), at: now)
            #expect(short.next(now, weight: 1) == now + 120 * Self.second)
            var restarted = RequestBudget(
                weightPerMinute: 400, blockedUntil: budget.blockedUntil, isBanned: true)
            #expect(restarted.next(now, weight: 1) == now + 1_100 * Self.second)
            let after = now + 1_100 * Self.second
            let isLearnt = restarted.note(AnswerHead(status: 200), at: after)
            #expect(isLearnt && !restarted.isBanned)
        }
    }

    @Test func `absurd answers of a venue are bounded`() {
        var budget = RequestBudget(weightPerMinute: 400)
        let now: Int64 = 1_900_000_000 * Self.second
        _ = budget.note(AnswerHead(status: 429, retryAfter: .max), at: now)
        #expect(budget.next(now, weight: 1) <= now + 3 * 86_400 * Self.second)
        _ = budget.note(AnswerHead(status: 418, retryAfter: .min, usedWeight: .max / 2), at: now)
        #expect(budget.next(now, weight: 1) > now)
    }
}
