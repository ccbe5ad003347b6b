import Engine
import Testing
import Venues

@testable import Server

/// Seeds of faults on the way from the venues to the core: no live book is ever wrong.
@Suite struct LiveChaosTests {
    @Test(arguments: 1...2 as ClosedRange<UInt64>)
    func `under faults every book is the venue's or flagged`(seed: UInt64) throws {
        let world = try VirtualWorld(
            LiveCoreTests.all, seed: seed,
            faults: [
                .drop: 2, .duplicate: 5, .reorder: 2, .truncate: 1, .wrongSequence: 1,
            ])
        world.cutsPerMille = 1
        var result = VirtualWorld.Comparison()
        try world.run(seconds: 40) { world.compare(into: &result) }
        #expect(result.wrong.count == 0, "\(result.wrong.prefix(3))")
        #expect(result.equal > 100 && result.flagged > 0, "the faults bit, and books came back")
        try world.core.stop(world.now)
        #expect(try LiveCoreTests.folded(world.storage) == world.frames)
        print(
            "live chaos \(seed): \(result.equal) equal, \(result.flagged) flagged,",
            "\(world.opened) sockets, \(world.requests) requests, \(world.frames.count) frames")
    }
}
