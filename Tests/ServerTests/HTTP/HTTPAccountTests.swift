import Foundation
import Testing

@testable import Server

/// Limits as they count, without a socket.
@Suite struct HTTPAccountTests {
    @Test func `one address has so many connections, loopback apart`() {
        var limits = HTTPLimits()
        limits.connectionsPerAddress = 2
        limits.connections = 6
        let gate = ConnectionGate(limits)
        #expect(gate.enter("10.0.0.1") && gate.enter("10.0.0.1"))
        #expect(!gate.enter("10.0.0.1"))
        #expect(gate.enter("10.0.0.2"))
        gate.leave("10.0.0.1")
        #expect(gate.enter("10.0.0.1"))
        #expect(gate.enter("127.0.0.1") && gate.enter("127.0.0.1") && gate.enter("::1"))
        #expect(!gate.enter("127.0.0.1"), "six in all")
    }

    @Test func `a rate lets so many through at once and so many a second`() {
        let limit = RateLimit(perSecond: 20, burst: 40)
        var account = RateAccount()
        var now: Int64 = 1_000
        #expect((0..<50).map { _ in account.take(limit, now) == nil }.filter { $0 }.count == 40)
        #expect(account.take(limit, now) == limit.intervalNanos)
        for _ in 0..<100 {
            now += limit.intervalNanos
            #expect(account.take(limit, now) == nil)
            #expect(account.take(limit, now) != nil)
        }
        now += 10_000_000_000
        #expect((0..<50).map { _ in account.take(limit, now) == nil }.filter { $0 }.count == 40)
        var table = RateTable()
        for client in 0..<RateTable.clientsMax { _ = table.take("\(client)", limit, now) }
        #expect(table.take("one more", limit, now) != nil, "the table is bounded")
        #expect(
            table.take("one more", limit, now + limit.intervalNanos) == nil,
            "who rested is forgotten")
    }

    @Test func `so many read history at a time, so many wait, and the next is told`() async throws {
        var limits = HTTPLimits()
        limits.heavyReads = 2
        limits.heavyReadsWaiting = 3
        let reads = HeavyReads(limits)
        let gate = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<5 {
                group.addTask {
                    try await reads.run { _ in
                        gate.wait()
                        return number
                    }
                }
            }
            while reads.counts.readings < 5 { await Task.yield() }
            await #expect(throws: HTTPFailure.self) { try await reads.run { _ in 0 } }
            for _ in 0..<5 { gate.signal() }
            var done: Set<Int> = []
            for try await number in group { done.insert(number) }
            #expect(done == [0, 1, 2, 3, 4])
        }
        #expect(try await reads.run { _ in 7 } == 7)
        await reads.stop()
    }

    @Test func `whoever gives up stops the reading`() async throws {
        let reads = HeavyReads(HTTPLimits())
        let task = Task {
            try await reads.run { isCancelled -> Int in
                while !isCancelled() { usleep(1_000) }
                return 1
            }
        }
        while reads.counts.readings == 0 { await Task.yield() }
        task.cancel()
        #expect(try await task.value == 1)
        await reads.stop()
    }
}
