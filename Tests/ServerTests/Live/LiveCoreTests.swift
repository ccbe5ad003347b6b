import Engine
import Journal
import MemoryJournal
import Testing
import Venues

@testable import Server

/// The live core against simulated venues in virtual time.
@Suite struct LiveCoreTests {
    static func service(_ name: String) -> VenueService {
        VenueService.all.first { $0.name == name }!
    }

    static var two: [(SimulatedFeed, VenueService)] {
        [
            (.binanceSpot, service("binance")),
            (.coinbaseAdvanced, service("coinbase")),
        ]
    }

    static var all: [(SimulatedFeed, VenueService)] {
        two + [
            (.binanceUSDM, service("binance-usdm")), (.krakenSpot, service("kraken")),
            (.okxSpot, service("okx")), (.bybitSpot, service("bybit")),
        ]
    }

    /// Frames that the log gives again.
    static func folded(_ storage: MemoryStorage) throws -> [[UInt8]] {
        let disk = storage.disk.afterKill()
        let log = LogReader(journal: JournalReader(storage: MemoryStorage(disk)))
        var engine = Engine()
        var outputs = OutputBuffer(wantsFrames: true)
        var frames: [[UInt8]] = []
        try log.forEachBlock(from: 1) { block throws(LogError) in
            try log.apply(block, 0..<block.count, to: &engine, &outputs) { outputs, _ in
                for output in outputs.outputs where output.kind == .frame {
                    frames.append(Array(outputs.bytes(of: output)))
                }
            }
            return true
        }
        return frames
    }

    @Test func `all books come live, and the log gives every published frame again`() throws {
        let world = try VirtualWorld(Self.all, seed: 1)
        try world.run(seconds: 20)
        let live = world.core.sequencer.withEngine { engine in
            engine.bookSummaries.filter { $0.validity == .live }.count
        }
        #expect(live == Self.all.count * 3)
        let frames = world.frames
        try world.core.stop(world.now)
        #expect(try Self.folded(world.storage) == frames)
        // 2 Hz, four windows, three symbols once they are defined.
        #expect(frames.count > 18 * 2 * 4 * 3 && frames.allSatisfy { $0.count <= 2_048 })
        print("live core: \(frames.count) frames published and folded again")
        #expect(try MemorySession.faults(world.storage) == [])
    }

    @Test func `a venue that is gone goes stale, frames go on, and it comes back`() throws {
        let world = try VirtualWorld(Self.two, seed: 2)
        try world.run(seconds: 10)
        world.venues[0].isDown = true
        let before = world.frames.count
        try world.run(seconds: 4)
        let last = String(decoding: world.frames.last!, as: UTF8.self)
        #expect(world.frames.count == before + 4 * 2 * 4 * 3)
        #expect(last.contains(#""venue":"binance","spread_bps":"#))
        let binance = last.split(separator: "{").first { $0.contains(#""binance""#) }!
        #expect(binance.contains(#""share":0,"#) && binance.contains(#""stale":true"#))
        let coinbase = last.split(separator: "{").first { $0.contains(#""coinbase""#) }!
        #expect(coinbase.contains(#""share":1,"#), "shares are of what is left: \(coinbase)")
        try world.run(seconds: 30)
        world.venues[0].isDown = false
        try world.run(seconds: 70)
        let now = String(decoding: world.frames.last!, as: UTF8.self)
        #expect(!now.contains(#""stale":true"#), "\(now)")
        try world.core.stop(world.now)
        #expect(try Self.folded(world.storage) == world.frames)
    }

    @Test func `a run that dies and begins again goes on with the same log`() throws {
        let world = try VirtualWorld(Self.two, seed: 3)
        try world.run(seconds: 12)
        let killed = MemoryStorage(world.storage.disk.afterKill())
        let shown = world.frames
        let again = try VirtualWorld(Self.two, seed: 4, storage: killed)
        try again.run(seconds: 20)
        try again.core.stop(again.now)
        let all = try Self.folded(killed)
        #expect(Array(all.prefix(shown.count)) == shown)
        #expect(Array(all.suffix(again.frames.count)) == again.frames)
        #expect(try MemorySession.faults(killed) == [])
        let ids = again.core.sequencer.withEngine { $0.knownConnections.map(\.id) }
        #expect(ids == [0, 2], "connections keep their numbers")
    }
}
