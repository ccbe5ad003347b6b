import Engine
import MemoryJournal
import Testing
import Venues

@testable import Server

/// V.14 and V.15: what makes a venue's words doubtful.
@Suite struct LiveDoubtTests {
    static let second: Int64 = 1_000_000_000

    private func validities(_ world: VirtualWorld) -> [BookValidity] {
        world.core.sequencer.withEngine { $0.bookSummaries.map(\.validity) }
    }

    private func say(_ text: String, _ world: VirtualWorld) throws {
        let socket = try #require(world.venues[0].sockets.keys.first)
        try Array(text.utf8).withUnsafeBufferPointer {
            try world.core.received(socket, $0, world.now)
        }
    }

    /// On Advanced Trade any unreadable message is a hole in the count of its connection.
    @Test(arguments: LiveCoreTests.all.map { $0.1.name }.filter { $0 != "coinbase" })
    func `V14 the eleventh unreadable message in a minute ends every book of the line`(
        name: String
    ) throws {
        let feed = try #require(LiveCoreTests.all.first { $0.1.name == name })
        let raw = MemoryStorage()
        let world = try VirtualWorld([feed], seed: 1, rawStorage: raw)
        try world.run(seconds: 15)
        #expect(validities(world) == [.live, .live, .live])
        // Of a kind that nobody knows, and of no book.
        let noise = #"{"event":"noise","op":"noise","method":"noise","noise":1}"#
        for _ in 0..<10 { try say(noise, world) }
        #expect(validities(world) == [.live, .live, .live])
        try say(noise, world)
        #expect(validities(world) == Array(repeating: .invalid(.parse), count: 3))
        try world.run(seconds: 30)
        let live = validities(world).count { $0 == .live }
        #expect(live == 3)
        try world.core.stop(world.now)
        #expect(try LiveCoreTests.folded(world.storage) == world.frames)
    }

    @Test func `V14 ten in a minute, again and again, are borne`() throws {
        let world = try VirtualWorld([LiveCoreTests.two[0]], seed: 2)
        try world.run(seconds: 15)
        for _ in 0..<40 {
            try say(#"{"noise":1}"#, world)
            try world.run(seconds: 6)
            #expect(validities(world) == [.live, .live, .live])
        }
        #expect(world.core.status.feeds[0].rejected == 40)
    }

    @Test func `V15 a stamp 5 s ahead or 60 s behind is suspect and not averaged`() {
        var clock = TransportClock()
        let now = 1_790_000_000 * Self.second
        #expect(clock.meanNanos == nil && !clock.isSuspect)
        clock.note(source: now - 20_000_000, receivedAt: now)
        clock.note(source: now - 40_000_000, receivedAt: now)
        #expect(clock.meanNanos == 30_000_000)
        let borders: [(age: Int64, isSuspect: Bool)] = [
            (-5 * Self.second, false), (-5 * Self.second - 1, true),
            (60 * Self.second, false), (60 * Self.second + 1, true), (.max - now, true),
        ]
        for (age, isSuspect) in borders {
            var clock = clock
            clock.note(source: now - age, receivedAt: now)
            #expect(clock.isSuspect == isSuspect, "\(age)")
            #expect((clock.meanNanos == 30_000_000) == isSuspect, "\(age)")
        }
        clock.note(source: .min, receivedAt: now)
        #expect(clock.isSuspect && clock.meanNanos == 30_000_000)
        clock.note(source: now, receivedAt: now)
        #expect(!clock.isSuspect && clock.meanNanos == 20_000_000)
    }

    @Test func `V15 the mean is that of the last whole minute`() {
        var clock = TransportClock()
        let now = 1_790_000_000 * Self.second
        for tick in 0..<240 as Range<Int64> {
            let at = now + tick * Self.second
            clock.note(source: at - (tick / 60 + 1) * 1_000_000, receivedAt: at)
        }
        #expect(clock.meanNanos == 3_000_000)
    }

    @Test func `V15 a venue whose clock is wrong is told, and its books stay`() throws {
        let world = try VirtualWorld([LiveCoreTests.two[0]], seed: 3)
        try world.run(seconds: 10)
        let feed = world.core.status.feeds[0]
        #expect(!feed.isClockSuspect && feed.transportNanos != nil)
        // The machine's calendar is an hour ahead of the venue's from here on.
        world.wallAhead = 3_600 * Self.second
        try world.run(seconds: 5)
        let later = world.core.status.feeds[0]
        #expect(later.isClockSuspect && later.transportNanos == feed.transportNanos)
        #expect(validities(world) == [.live, .live, .live])
    }
}
