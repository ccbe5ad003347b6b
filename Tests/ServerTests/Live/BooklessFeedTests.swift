import Engine
import Testing
import Venues

@testable import Server

/// A feed that has no books is well while it is connected: the market route of USD-M futures.
@Suite struct BooklessFeedTests {
    private func world(ageLimitNanos: Int64? = nil) throws -> VirtualWorld {
        var service = LiveCoreTests.service("binance-usdm-market")
        if let ageLimitNanos { service.ageLimitNanos = ageLimitNanos }
        return try VirtualWorld([(.binanceUSDM, service)], seed: 1)
    }

    @Test func `it is kept open by pings, and no book of it is missed`() throws {
        let world = try world()
        try world.run(seconds: 300)
        let feed = world.core.status.feeds[0]
        #expect(feed.connection == "up" && feed.books.isEmpty && !feed.isHeldBack)
        #expect(world.opened == 1 && world.pings >= 25 && world.requests == 0)
        #expect(world.sent.count == 1)
    }

    @Test func `it hands over before the venue's age limit`() throws {
        let world = try world(ageLimitNanos: 400_000_000_000)
        try world.run(seconds: 900)
        #expect(world.opened >= 3 && world.closedByCore == world.opened - 1)
    }

    @Test func `what it tells is journaled beside the books of the other route`() throws {
        let world = try VirtualWorld(
            [
                (.binanceUSDM, LiveCoreTests.service("binance-usdm")),
                (.binanceUSDM, LiveCoreTests.service("binance-usdm-market")),
            ], seed: 1)
        try world.run(seconds: 10)
        let socket = try #require(world.venues[1].sockets.keys.first)
        let mark = """
            {"stream":"btcusdt@markPrice@1s","data":{"e":"markPriceUpdate","E":1767571200000,\
            "s":"BTCUSDT","p":"94251.00","P":"94250.00","i":"94252.00","r":"0.0001",\
            "T":1767585600000}}
            """
        try Array(mark.utf8).withUnsafeBufferPointer {
            try world.core.received(socket, $0, world.now)
        }
        let before = world.core.status.feeds
        #expect(before.map(\.rejected) == [0, 0])
        #expect(before.map(\.books.count) == [3, 0])
        #expect(before[0].books.allSatisfy { $0.validity == "live" })
        try world.core.stop(world.now)
        #expect(try LiveCoreTests.folded(world.storage) == world.frames)
    }
}
