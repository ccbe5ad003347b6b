import Engine
import Journal
import MemoryJournal
import Testing
import Venues

@testable import Server

/// D.10: the server reads its own journal back and compares.
@Suite struct ShadowFoldTests {
    @Test func `a journal that is written is followed, checkpoint by checkpoint`() throws {
        let world = try VirtualWorld(LiveCoreTests.two, seed: 6)
        let shadow = try ShadowFold(storage: world.storage)
        try world.run(seconds: 200) { while shadow.step() {} }
        #expect(shadow.status.problem == nil)
        #expect(shadow.status.checkpoints >= 3)
        #expect(shadow.status.sequence == world.core.sequencer.writer.acceptedSequence)
    }

    @Test func `it begins at the newest checkpoint of an old journal`() throws {
        let world = try VirtualWorld(LiveCoreTests.two, seed: 7)
        try world.run(seconds: 130)
        let shadow = try ShadowFold(storage: world.storage)
        #expect(shadow.status.sequence > 1_000)
        try world.run(seconds: 70) { while shadow.step() {} }
        #expect(shadow.status.problem == nil && shadow.status.checkpoints >= 1)
    }

    @Test func `a state that the log does not give is told`() throws {
        // The writer's fold goes wrong: its checkpoint claims a level that no event set.
        let storage = MemoryStorage()
        let session = try MemorySession(storage)
        try session.begin()
        try session.message()
        try session.sequencer.flush()
        let shadow = try ShadowFold(storage: storage)
        while shadow.step() {}
        var wrong = Engine()
        var outputs = OutputBuffer(wantsFrames: false)
        let log = LogReader(journal: JournalReader(storage: storage))
        try log.forEachBlock(from: 1) { block throws(LogError) in
            try log.apply(block, 0..<block.count, to: &wrong, &outputs)
            return true
        }
        try session.message()
        try session.sequencer.flush()
        var other = EventBlock()
        other.firstSequence = wrong.sequence + 1
        MemorySession.append(5, at: MemorySession.start + 1, to: &other)
        _ = other.stamp(from: 0, lastTime: wrong.time)
        wrong.apply(other, into: &outputs)
        for raw in Checkpoint.encode(wrong) {
            try session.writer.append(
                LogCodec.derived(
                    .checkpoint, raw, nextSequence: wrong.sequence + 1, time: wrong.time))
        }
        while shadow.step() {}
        #expect(shadow.status.problem?.contains("is not the state that the log gives") == true)
    }

    @Test func `a byte that changed under the writer is told`() throws {
        let world = try VirtualWorld(LiveCoreTests.two, seed: 8)
        let shadow = try ShadowFold(storage: world.storage)
        try world.run(seconds: 5)
        let inode = try #require(world.storage.disk.names.first { $0.key.hasSuffix(".zst") }).value
        inode.data[inode.data.count / 3] ^= 1
        try world.run(seconds: 5)
        while shadow.step() {}
        let problem = shadow.status.problem
        let isWaiting = shadow.status.sequence < world.core.sequencer.writer.acceptedSequence
        #expect(problem != nil || isWaiting)
    }
}
