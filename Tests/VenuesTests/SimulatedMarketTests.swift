import Engine
import Testing

@testable import Venues

@Suite("Simulated: market")
struct SimulatedMarketTests {
    private static let start = SimulatedSession.defaultStart

    private func market(
        _ feed: SimulatedFeed, seed: UInt64 = 1,
        assets: [SimulatedAsset] = SimulatedAsset.allCases,
        dislocations: [SimulatedDislocation] = []
    ) -> SimulatedMarket {
        SimulatedMarket(
            seed: seed, start: Self.start, feed: feed, assets: assets, dislocations: dislocations)
    }

    @Test(
        "no step crosses, empties or disorders a book, dislocated or not",
        arguments: [
            SimulatedFeed.binanceSpot, .binanceUSDM, .coinbaseExchange, .bybitSpot, .okxSpot,
        ],
        [UInt64(1), 2])
    func invariants(feed: SimulatedFeed, seed: UInt64) {
        let dislocation = SimulatedDislocation(
            venue: feed.venue, offsetNanos: 2 * Timestamp.second,
            durationNanos: 3 * Timestamp.second, shiftPpm: -2_000)
        var market = market(feed, seed: seed, dislocations: [dislocation])
        for _ in 0..<700 {
            market.step()
            for book in market.books {
                book.checkInvariants()
                #expect(book.bids.count >= book.profile.levelCount / 2)
                #expect(book.asks.count >= book.profile.levelCount / 2)
            }
        }
    }

    @Test(
        "a venue that starts again later goes on with new trade ids",
        arguments: SimulatedFeed.allCases)
    func tradeIDs(feed: SimulatedFeed) throws {
        var before = market(feed)
        for _ in 0..<1_000 { before.step() }
        let after = SimulatedMarket(
            seed: 1, start: before.time, feed: feed, assets: SimulatedAsset.allCases,
            dislocations: [])
        for (old, new) in zip(before.books, after.books) {
            let last = try #require(old.recentTrades.last)
            #expect(last.id < new.recentTrades[0].id)
        }
    }

    @Test("most changes lie near the touch, some lie far from it")
    func depthOfChanges() {
        var market = market(.binanceSpot)
        var near = 0
        var far = 0
        for _ in 0..<2_000 {
            market.step()
            guard let window = market.books[0].takeWindow() else { continue }
            let bids = market.books[0].bids.levels(limit: .max)
            for level in window.bids {
                let rank = bids.count { $0.price > level.price }
                if rank < 50 { near += 1 } else { far += 1 }
            }
        }
        #expect(near > far && far > near / 20, "\(near) near, \(far) far")
    }

    @Test("a book alone is the same as among others")
    func alone() {
        var alone = market(.binanceSpot, assets: [.sol])
        var together = market(.binanceSpot)
        for _ in 0..<300 {
            alone.step()
            together.step()
        }
        #expect(alone.books[0].updateID == together.books[2].updateID)
        #expect(
            alone.books[0].bids.levels(limit: 1000) == together.books[2].bids.levels(limit: 1000))
    }

    @Test("venues follow one mid: their own mids stay within 3 bps of each other")
    func oneMid() {
        var markets = [market(.binanceSpot), market(.binanceUSDM), market(.coinbaseExchange)]
        for _ in 0..<2_000 {
            for index in markets.indices { markets[index].step() }
            let mids = markets.map { market -> Int64 in
                let book = market.books[0]
                let ticks = book.bids.level(rank: 0).price + book.asks.level(rank: 0).price
                return ticks * book.profile.tickMicros / 2
            }
            let distance = mids.max()! - mids.min()!
            #expect(distance * 10_000 < mids[0] * 3)
        }
    }

    @Test("assets move together, and each on its own too")
    func correlation() {
        var path = SimulatedMidPath(seed: 21)
        var together = 0
        var last = path.midsMicros
        for _ in 0..<2_000 {
            path.step()
            let moves = zip(path.midsMicros, last).map { $0 - $1 }
            if moves[0].signum() == moves[1].signum() { together += 1 }
            last = path.midsMicros
        }
        #expect((1_400...1_900).contains(together))
    }

    @Test("levels lie denser and smaller near the touch, on average over books")
    func shape() {
        var market = market(.binanceSpot, assets: [.btc])
        for _ in 0..<3_000 { market.step() }
        let asks = market.books[0].asks.levels(limit: 1000)
        let near = asks[100].price - asks[0].price
        let far = asks[800].price - asks[700].price
        #expect(far > 3 * near)
        let nearSize = asks[..<100].reduce(0) { $0 + $1.size }
        let farSize = asks[700..<800].reduce(0) { $0 + $1.size }
        #expect(farSize > 2 * nearSize)
    }
}
