import Engine
import Glibc
import Journal
import MemoryJournal
import TestSupport
import Testing
import Venues

@testable import Server

/// What the live core does while the disk is full, and when it is not any more (F.5).
@Suite struct LiveFullDiskTests {
    /// A world whose disk takes nothing at times: pauses begin at any write and last for a while.
    private final class FullDisk {
        private var random: SeededRandom
        private(set) var pauses = 0
        private var refusals = 0
        var perMille = 30

        init(seed: UInt64) { random = SeededRandom(seed: seed) }

        func fault(_ operation: String) -> Fault? {
            guard operation == "write" else { return nil }
            if refusals == 0, Int(random.next() % 1_000) < perMille {
                refusals = 1 + Int(random.next() % 8)
                pauses += 1
            }
            guard refusals > 0 else { return nil }
            refusals -= 1
            return .error(ENOSPC)
        }
    }

    @Test(arguments: [1, 2])
    func `no message is lost when the disk is full for a while`(_ seed: UInt64) throws {
        let storage = MemoryStorage()
        let disk = FullDisk(seed: seed)
        let world = try VirtualWorld(LiveCoreTests.all, seed: seed, storage: storage)
        try world.run(seconds: 5)
        storage.fault = { _, operation, _ in disk.fault(operation) }
        var gaps: [String] = []
        try world.run(seconds: 30) {
            world.core.sequencer.withEngine { engine in
                for book in engine.bookSummaries where book.validity != .live {
                    gaps.append("\(book.venue.id) \(book.validity) at \(world.time)")
                }
            }
        }
        storage.fault = { _, _, _ in nil }
        try world.run(seconds: 5)
        var found = VirtualWorld.Comparison()
        world.compare(into: &found)
        #expect(disk.pauses > 5)
        #expect(gaps == [], "a lost message shows as a gap")
        #expect(found.wrong == [] && found.flagged == 0)
        #expect(found.equal == LiveCoreTests.all.count * 3)
        try check(world)
    }

    @Test(arguments: [4, 5])
    func `a connection that is lost while the disk is full is known as lost`(
        _ seed: UInt64
    ) throws {
        let storage = MemoryStorage()
        let disk = FullDisk(seed: seed)
        let world = try VirtualWorld(LiveCoreTests.all, seed: seed, storage: storage)
        world.cutsPerMille = 20
        storage.fault = { _, operation, _ in disk.fault(operation) }
        var found = VirtualWorld.Comparison()
        try world.run(seconds: 45) {
            // What waits outside is not in a book yet.
            if !world.isBehind { world.compare(into: &found) }
        }
        storage.fault = { _, _, _ in nil }
        #expect(disk.pauses > 5 && found.equal > 100)
        #expect(found.wrong == [])
        try check(world)
    }

    /// Fills the open block up to `left` events below its limit.
    private func fill(_ world: VirtualWorld, leaving left: Int) throws {
        let most = SequencerPolicy().eventsPerBlock
        while world.core.sequencer.block.count < most - left {
            try world.core.note(LiveClock.Step(from: 0, to: 1), world.now)
        }
    }

    @Test func `a line that is distrusted when the disk gets full is distrusted behind the pause`()
        throws
    {
        let storage = MemoryStorage()
        let world = try VirtualWorld([LiveCoreTests.two[0]], seed: 6, storage: storage)
        try world.run(seconds: 15)
        let socket = try #require(world.venues[0].sockets.keys.first)
        // Ten are borne; with the eleventh the first of three books fills the block.
        try fill(world, leaving: 12)
        storage.fault = { _, operation, _ in operation == "write" ? .error(ENOSPC) : nil }
        for _ in 0..<11 {
            #expect(!world.core.isPaused)
            try Array(#"{"noise":1}"#.utf8).withUnsafeBufferPointer {
                try world.core.received(socket, $0, world.now)
            }
        }
        #expect(world.core.isPaused)
        storage.fault = { _, _, _ in nil }
        try world.run(seconds: 30)
        try world.core.stop(world.now)
        var distrusted: Set<BookKey> = []
        let log = LogReader(journal: JournalReader(storage: world.storage))
        try log.forEachBlock(from: 1) { block throws(LogError) in
            for index in 0..<block.count {
                guard let event = try? block.event(at: index),
                    case .venueStatus(let status) = event.body,
                    case .book(let key, .invalid(.parse)) = status.subject
                else { continue }
                distrusted.insert(key)
            }
            return true
        }
        #expect(distrusted.count == 3)
        try check(world)
    }

    @Test(arguments: [false, true])
    func `connections live through a disk that is full for long, whoever asks meanwhile`(
        _ asks: Bool
    ) throws {
        let storage = MemoryStorage()
        let world = try VirtualWorld(LiveCoreTests.two, seed: 7, storage: storage)
        try world.run(seconds: 10)
        var answers = 0
        world.inEachStep = {
            if asks, try world.core.ask(world.now, { $0.sequence }) != nil { answers += 1 }
        }
        storage.fault = { _, operation, _ in operation == "write" ? .error(ENOSPC) : nil }
        try world.run(seconds: 1)
        answers = 0
        let pings = world.pings
        try world.run(seconds: 44)
        #expect(world.core.isPaused && answers == 0 && world.spins == 0)
        #expect(world.pings - pings == 2 * 4)
        storage.fault = { _, _, _ in nil }
        var gaps: [String] = []
        try world.run(seconds: 5) {
            world.core.sequencer.withEngine { engine in
                for book in engine.bookSummaries where book.validity != .live {
                    gaps.append("\(book.venue.id) \(book.validity) at \(world.time)")
                }
            }
        }
        #expect(world.opened == 2 && gaps == [], "nobody hung up, nothing was lost")
        #expect((answers > 0) == asks)
        try check(world)
    }

    @Test func `what was accepted before the disk was full becomes durable meanwhile`() throws {
        let storage = MemoryStorage()
        let world = try VirtualWorld(
            [LiveCoreTests.two[0]], seed: 9, storage: storage, journal: JournalConfiguration())
        world.inEachStep = { storage.nowNanos = UInt64(world.now.steady) }
        try world.run(seconds: 3)
        let writer = world.core.sequencer.writer
        var isFull = false
        storage.fault = { _, operation, _ in
            isFull && operation == "write" ? .error(ENOSPC) : nil
        }
        // Full from a write on behind which the group's commit is still to come.
        world.inEachStep = {
            storage.nowNanos = UInt64(world.now.steady)
            isFull = isFull || writer.durableSequence < writer.acceptedSequence
        }
        try world.run(seconds: 2)
        #expect(isFull && world.core.isPaused)
        #expect(writer.durableSequence == writer.acceptedSequence)
    }

    @Test(arguments: [false, true])
    func `a raw capture never says less than the log, whatever fills a block`(
        _ isTick: Bool
    ) throws {
        let raw = MemoryStorage()
        let world = try VirtualWorld([LiveCoreTests.two[0]], seed: 8, rawStorage: raw)
        try world.run(seconds: 5)
        try fill(world, leaving: 1)
        let before = world.core.acceptedSequence
        if isTick {
            let next = world.core.sequencer.nextTickTime
            _ = try world.core.isReady(Instant(wall: next, steady: next))
        } else {
            try world.core.note(LiveClock.Step(from: 0, to: 1), world.now)
        }
        #expect(world.core.acceptedSequence > before)
        let again = MemoryStorage()
        let importer = RawImport(
            writer: try JournalWriter(
                storage: again, configuration: .batch, canonicalBytes: LogCodec.canonicalBytes))
        try importer.run(JournalReader(storage: MemoryStorage(raw.disk.afterKill())))
        #expect(importer.sequence >= world.core.acceptedSequence)
    }

    /// The log gives the frames that were published, each once.
    private func check(_ world: VirtualWorld) throws {
        try world.core.stop(world.now)
        let log = LogReader(journal: JournalReader(storage: world.storage))
        let report = try Verifier(log).run(log.bounds())
        #expect(report.differenceCount == 0)
        #expect(try LiveCoreTests.folded(world.storage) == world.frames)
        #expect(!world.frames.isEmpty)
    }
}
