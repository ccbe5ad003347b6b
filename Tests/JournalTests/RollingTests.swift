import Journal
import MemoryJournal
import Testing

@Suite struct RollingTests {
    @Test("rolls by bytes; segments are named by their first sequence and follow each other")
    func bytes() throws {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(storage)
        #expect(!writer.shouldRoll)
        try writer.roll()
        #expect(writer.segmentName == SegmentName.name(firstSequence: 1))
        while writer.lastSequence < 6_000 {
            try writer.appendEvents(60)
            if writer.shouldRoll {
                #expect(writer.segmentBytes >= writer.configuration.segmentBytes)
                try writer.roll()
                #expect(writer.segmentEvents == 0)
                try writer.append(TestBlocks.checkpoint(writer.lastSequence + 1))
            }
        }
        try writer.close()
        let listing = try JournalReader(storage: storage).listing()
        #expect(listing.count > 3)
        var next: UInt64 = 1
        for item in listing {
            let info = try #require(item.info)
            #expect(item.problem == nil)
            #expect(info.state == .sealed)
            #expect(info.firstSequence == next)
            #expect(info.name == SegmentName.name(firstSequence: next))
            #expect(info.firstTime == TestBlocks.time(next))
            #expect(info.lastTime == TestBlocks.time(info.lastSequence))
            next = info.lastSequence + 1
        }
        #expect(next == 6_001)
        try JournalReader(storage: storage).verifyAll()
    }

    @Test("rolls by age in event time, whatever the clock says")
    func age() throws {
        let storage = MemoryStorage()
        let configuration = JournalConfiguration(
            segmentAgeNanos: TestBlocks.time(100), preallocationBytes: 0)
        let writer = try JournalWriter.open(storage, configuration)
        var rolledAt: [UInt64] = []
        while writer.lastSequence < 450 {
            storage.nowNanos += 3_600_000_000_000
            try writer.appendEvents(10)
            if writer.shouldRoll {
                rolledAt.append(writer.lastSequence)
                try writer.roll()
            }
        }
        #expect(rolledAt == [110, 220, 330, 440])
    }

    @Test("equal input gives equal files, byte for byte, whatever the clock says")
    func deterministic() throws {
        func files(_ step: UInt64) throws -> [String: [UInt8]] {
            let storage = MemoryStorage()
            var configuration = JournalConfiguration.batch
            configuration.segmentBytes = 8 << 10
            let writer = try JournalWriter.open(storage, configuration)
            for round in 0..<100 {
                storage.nowNanos += step
                try writer.appendEvents(20 + round % 7)
                if writer.shouldRoll { try writer.roll() }
            }
            try writer.close()
            return storage.disk.names.filter { $0.key != "lock" }.mapValues { $0.data }
        }
        #expect(try files(1) == files(10_000_000_000))
    }

    @Test("a segment without events is not sealed, and is continued")
    func emptySegment() throws {
        let storage = MemoryStorage()
        try JournalWriter.open(storage).close()
        let writer = try JournalWriter.open(storage)
        try writer.append(TestBlocks.checkpoint(1))
        try writer.close()
        let again = try JournalWriter.open(storage)
        #expect(again.segmentEvents == 0)
        #expect(again.segmentBlocks == 1)
        #expect(again.chainHead == .zero)
        try again.append(TestBlocks.checkpoint(1, part: 1))
        try again.appendEvents(3)
        try again.close()
        try JournalReader(storage: storage).verifyAll()
        #expect(try JournalReader(storage: storage).allSequences() == [1, 2, 3])
    }
}
