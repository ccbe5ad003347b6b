import Engine
import MemoryJournal
import Testing
import Venues

@testable import Server

/// The rules of venue clients (`reliability.md` section 5) in virtual time.
@Suite struct LiveRuleTests {
    private func binance(
        seed: UInt64 = 1, _ change: (inout VenueService) -> Void = { _ in }
    ) throws -> VirtualWorld {
        var service = LiveCoreTests.service("binance")
        change(&service)
        return try VirtualWorld([(.binanceSpot, service)], seed: seed)
    }

    private func live(_ world: VirtualWorld) -> Int {
        world.core.sequencer.withEngine { engine in
            engine.bookSummaries.count { $0.validity == .live }
        }
    }

    @Test func `V6 a new line is live before the old one closes`() throws {
        let world = try binance { $0.ageLimitNanos = 400_000_000_000 }
        var least = Int.max
        try world.run(seconds: 20)
        try world.run(seconds: 900) { least = min(least, live(world)) }
        #expect(least == 3, "books of the primary line were live at every second")
        #expect(world.opened >= 3 && world.closedByCore == world.opened - 1)
        #expect(world.spins == 0, "the thread sleeps until there is something to do")
        try world.core.stop(world.now)
        #expect(try LiveCoreTests.folded(world.storage) == world.frames)
        let stale = world.frames.dropFirst(60).filter {
            String(decoding: $0, as: UTF8.self).contains(#""stale":true"#)
        }
        #expect(stale.isEmpty, "no frame saw the hand-over")
        print("hand-over: \(world.opened) lines in 920 s, no stale frame")
    }

    @Test func `V6 a venue that says that it will close the connection is left at once`() throws {
        let world = try binance()
        try world.run(seconds: 20)
        #expect(world.opened == 1)
        let socket = try #require(world.venues[0].sockets.keys.first)
        try Array(#"{"e":"serverShutdown","E":1790000000000}"#.utf8).withUnsafeBufferPointer {
            try world.core.received(socket, $0, world.now)
        }
        var least = Int.max
        world.inEachStep = { least = min(least, live(world)) }
        try world.run(seconds: 20)
        #expect(world.opened == 2 && world.closedByCore == 1 && least == 3)
    }

    @Test func `V6 a hand-over whose books do not come is tried anew, the line in use stays`()
        throws
    {
        let world = try binance { $0.ageLimitNanos = 400_000_000_000 }
        try world.run(seconds: 250)
        let before = (opened: world.opened, closed: world.closedByCore)
        // No snapshot is given to the new line.
        world.refusal = { _ in AnswerHead(status: 500) }
        var least = Int.max
        world.inEachStep = { least = min(least, live(world)) }
        try world.run(seconds: 300)
        let tried = world.opened - before.opened
        #expect((3...10).contains(tried) && world.closedByCore - before.closed >= tried - 1)
        world.refusal = { _ in nil }
        try world.run(seconds: 120)
        #expect(least == 3 && live(world) == 3 && world.spins == 0)
        let stale = world.frames.dropFirst(60).filter {
            String(decoding: $0, as: UTF8.self).contains(#""stale":true"#)
        }
        #expect(stale.isEmpty)
    }

    @Test func `V4 attempts to hand over are spaced, and the line in use stays`() throws {
        let world = try binance { $0.ageLimitNanos = 400_000_000_000 }
        try world.run(seconds: 250)
        world.venues[0].isFull = true
        let before = world.opened
        var attempts: [Int] = []
        try world.run(seconds: 600) { attempts.append(world.opened) }
        let tried = world.opened - before
        #expect((10...45).contains(tried), "\(tried)")
        #expect(attempts[599] - attempts[299] <= 25, "the waits have grown to a minute")
        #expect(world.spins == 0 && live(world) == 3)
        world.venues[0].isFull = false
        try world.run(seconds: 120)
        #expect(world.closedByCore >= 1 && live(world) == 3, "handed over")
        print("hand-over refused for 600 s: \(tried) attempts")
    }

    @Test func `V2 a silent connection is pinged after ten seconds and closed after twenty`()
        throws
    {
        let world = try binance()
        try world.run(seconds: 10)
        let closed = world.closedByCore
        world.venues[0].isDown = true
        try world.run(seconds: 9)
        #expect(world.pings == 0 && world.closedByCore == closed)
        try world.run(seconds: 2)
        #expect(world.pings == 1)
        try world.run(seconds: 10)
        #expect(world.closedByCore == closed + 1)
    }

    @Test func `V5 an outage of an hour costs at most sixty attempts in any five minutes`() throws {
        let world = try binance()
        try world.run(seconds: 5)
        world.venues[0].isDown = true
        var attempts: [Int] = []
        try world.run(seconds: 3_600) { attempts.append(world.opened) }
        for index in 300..<attempts.count {
            #expect(attempts[index] - attempts[index - 300] <= 60)
        }
        print("outage of an hour: \(attempts.last! - attempts[0]) attempts")
        world.venues[0].isDown = false
        try world.run(seconds: 700)
        #expect(live(world) == 3)
    }

    @Test func `V7 a refused snapshot is asked for again when the venue allows it`() throws {
        let world = try binance()
        world.refusal = { _ in AnswerHead(status: 429, retryAfter: 20) }
        try world.run(seconds: 15)
        let asked = world.requests
        #expect(asked >= 1 && asked <= 3 && live(world) == 0, "\(asked)")
        world.refusal = { _ in nil }
        try world.run(seconds: 120)
        #expect(live(world) == 3)
    }

    @Test func `V7 a ban stops requests, and is kept`() throws {
        let world = try binance()
        world.refusal = { _ in AnswerHead(status: 418, retryAfter: 600) }
        try world.run(seconds: 300)
        #expect(world.requests <= 3)
        #expect(world.core.status.feeds[0].isBanned)
        #expect(world.kept.blockedUntil.count == 1)
        // The process dies and begins again: the ban holds.
        let requests = world.requests
        try world.reboot()
        try world.run(seconds: 200)
        #expect(world.requests == requests)
    }

    @Test func `subscriptions go out at most four a second`() throws {
        let world = try VirtualWorld(
            [(.coinbaseAdvanced, LiveCoreTests.service("coinbase"))], seed: 1)
        try world.run(seconds: 1)
        #expect((1...4).contains(world.sent.count))
        try world.run(seconds: 3)
        #expect(world.sent.count == 4, "one a channel")
    }
}
