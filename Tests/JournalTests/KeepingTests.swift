import Glibc
import Journal
import MemoryJournal
import TestSupport
import Testing

@Suite struct KeepingTests {
    private func journal(_ segments: Int, _ storage: MemoryStorage) throws -> JournalWriter {
        let writer = try JournalWriter.open(storage)
        for _ in 0..<segments {
            try writer.append(TestBlocks.checkpoint(writer.lastSequence + 1))
            for _ in 0..<10 { try writer.appendEvents(10) }
            try writer.roll()
        }
        try writer.appendEvents(10)
        return writer
    }

    @Test("retention by count, bytes and event-time age removes the oldest whole segments")
    func retention() throws {
        let storage = MemoryStorage()
        let writer = try journal(10, storage)
        func apply(_ policy: RetentionPolicy, pinned: UInt64? = nil) throws -> RetentionReport {
            let lock = try #require(writer.lock)
            return try Retention.apply(policy, pinnedSequence: pinned, lock: lock)
        }
        func oldest() throws -> UInt64? { try JournalReader(storage: storage).oldestSequence() }
        #expect(try apply(.init()).removed.isEmpty)
        #expect(try apply(.init(segmentsMax: 9)).removed.count == 2)
        #expect(try oldest() == 201)
        let age = RetentionPolicy(ageNanosMax: TestBlocks.time(1_010 - 400))
        #expect(try apply(age).removed.count == 1)
        #expect(try oldest() == 301)
        let pinned = try apply(.init(segmentsMax: 1), pinned: 450)
        #expect(pinned.removed.count == 1)
        #expect(pinned.keeper == .pin(450))
        #expect(try oldest() == 401)
        let bytes = try JournalReader(storage: storage).listing().map { $0.info?.bytes ?? 0 }
        let half = RetentionPolicy(bytesMax: bytes.suffix(3).reduce(0, +))
        #expect(try apply(half).removed.count == bytes.count - 3)
        #expect(try apply(.init(segmentsMax: 0, bytesMax: 0)).removed.count == 2)
        #expect(try JournalReader(storage: storage).allSequences() == Array(1_001...1_010))
        try writer.appendEvents(5)
        try writer.close()
        let again = try JournalWriter.open(storage)
        #expect(again.lastSequence == 1_015)
    }

    @Test("a rewritten segment has other blocks and the same events, sequences and chain")
    func rewrite() throws {
        let storage = MemoryStorage()
        let writer = try journal(3, storage)
        let reader = JournalReader(storage: storage)
        let before = try reader.listing().map { try #require($0.info) }
        let lock = try #require(writer.lock)
        let sizes = try TestBlocks.repack(before[1].name, [50, 50], lock)
        #expect(sizes.after < sizes.before)
        var after = try reader.listing().map { try #require($0.info) }
        #expect(after[1].blocks == 2)
        #expect(after[1].chainEnd == before[1].chainEnd)
        #expect(after[1].bytes == sizes.after)
        after[1] = before[1]
        #expect(after == before)
        try writer.close()
        try reader.verifyAll()
        #expect(try reader.allSequences() == Array(1...310))
    }

    @Test("a rewrite that differs in anything is refused, and the original stays")
    func refusedRewrite() throws {
        let storage = MemoryStorage()
        let writer = try journal(3, storage)
        let lock = try #require(writer.lock)
        let names = try JournalReader(storage: storage).segmentNames()
        let original = storage.disk.names[names[1]]?.data
        typealias Change = (inout Block, inout [UInt8]) -> Void
        let changes: [Change] = [
            { block, _ in block = TestBlocks.events(block.firstSequence, 99) },
            { block, _ in block.count = 101 },
            { _, canonical in canonical[17] ^= 1 },
            { block, _ in block.firstTime -= 1 },
            { block, _ in block.lastTime += 1 },
            { block, _ in block.firstSequence += 1 },
            { _, canonical in canonical = [] },
        ]
        for change in changes {
            #expect(throws: JournalError.self) {
                try Compaction.rewrite(
                    segment: names[1], lock: lock, canonicalBytes: TestBlocks.canonical
                ) { rewriter in
                    var block = TestBlocks.events(rewriter.nextSequence, 100)
                    var canonical = block.payload.map { ~$0 }
                    change(&block, &canonical)
                    try canonical.withUnsafeBytes { try rewriter.append(block, canonical: $0) }
                }
            }
            #expect(storage.disk.names[names[1]]?.data == original)
        }
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try Compaction.rewrite(
                segment: names[1], lock: lock, canonicalBytes: TestBlocks.canonical
            ) { _ in throw Stop() }
        }
        #expect(throws: JournalError.self) {
            try Compaction.rewrite(
                segment: names[3], lock: lock, canonicalBytes: TestBlocks.canonical
            ) { _ in }
        }
        #expect(storage.disk.names.keys.allSatisfy { !$0.hasSuffix(".tmp") })
    }

    @Test("a copy whose payload gives other events than were fed does not replace the original")
    func lyingRewrite() throws {
        let storage = MemoryStorage()
        let writer = try journal(3, storage)
        let name = SegmentName.name(firstSequence: 101)
        let original = storage.disk.names[name]?.data
        let lock = try #require(writer.lock)
        #expect(throws: JournalError.self) {
            try Compaction.rewrite(
                segment: name, lock: lock, canonicalBytes: TestBlocks.canonical
            ) { rewriter in
                var block = TestBlocks.events(rewriter.nextSequence, 100)
                let canonical = block.payload.map { ~$0 }
                block.payload[40] ^= 1
                try canonical.withUnsafeBytes { try rewriter.append(block, canonical: $0) }
            }
        }
        #expect(storage.disk.names[name]?.data == original)
    }

    @Test("a copy that reads back damaged does not replace the original")
    func damagedCopy() throws {
        let name = SegmentName.name(firstSequence: 101)
        for offset in [0, 30, 80, 150, 260, 330, 480] {
            let storage = MemoryStorage()
            let writer = try journal(3, storage)
            let original = storage.disk.names[name]?.data
            let lock = try #require(writer.lock)
            var syncs = 0
            storage.fault = { _, operation, file in
                guard file == "\(name).tmp" else { return nil }
                if operation == "fdatasync" { syncs += 1 }
                // Behind the last sync of the copy, before it is read again.
                guard operation == "open" && syncs == 3 else { return nil }
                let inode = storage.disk.names[file]
                inode?.data[offset % (inode?.data.count ?? 1)] ^= 1
                return nil
            }
            #expect(throws: JournalError.self) { try TestBlocks.repack(name, [50, 50], lock) }
            #expect(syncs == 3)
            #expect(storage.disk.names[name]?.data == original)
            #expect(storage.disk.names["\(name).tmp"] == nil)
        }
    }

    @Test("a power cut at any operation of rewrite and retention leaves a whole journal")
    func powerCut() throws {
        var cuts = 0
        for seed in 0..<UInt64(Scale.states(40)) {
            var random = SeededRandom(seed: seed)
            let storage = MemoryStorage()
            let writer = try journal(4, storage)
            try writer.sync()
            let lock = try #require(writer.lock)
            storage.fault = { _, operation, _ in
                if ["read", "fstat", "list", "flock"].contains(operation) { return nil }
                for _ in 0..<4 {
                    cuts += 1
                    checkWhole(storage.disk.afterPowerCut(&random))
                }
                checkWhole(storage.disk.afterKill())
                return nil
            }
            try TestBlocks.repack(SegmentName.name(firstSequence: 1), [100], lock)
            try TestBlocks.repack(SegmentName.name(firstSequence: 201), [50, 50], lock)
            #expect(try Retention.apply(.init(segmentsMax: 2), lock: lock).removed.count == 3)
            storage.fault = { _, _, _ in nil }
        }
        print("rewrite and retention: \(cuts) power cuts")
    }

    private func checkWhole(_ disk: MemoryDisk) {
        do {
            let storage = MemoryStorage(disk)
            let reader = JournalReader(storage: storage)
            let writer = try JournalWriter.open(storage)
            #expect(writer.lastSequence == 410)
            let oldest = try #require(try reader.oldestSequence())
            #expect([1, 101, 201, 301].contains(oldest))
            #expect(try reader.allSequences() == Array(oldest...410))
            try reader.verifyAll()
        } catch { Issue.record("\(error)") }
    }

    @Test("retention that dies at any operation leaves a journal without a hole")
    func dyingRetention() throws {
        var operation = 0
        var finished = false
        while !finished {
            operation += 1
            let storage = MemoryStorage()
            let writer = try journal(4, storage)
            let lock = try #require(writer.lock)
            let start = storage.operations
            storage.fault = { number, _, _ in number >= start + operation ? .error(EIO) : nil }
            let report = try? Retention.apply(.init(segmentsMax: 2), lock: lock)
            finished = report != nil
            checkWhole(storage.disk.afterKill())
        }
        #expect(operation > 10)
    }

    @Test("a rewrite that dies at any operation leaves a journal with the same events")
    func dyingRewrite() throws {
        var operation = 0
        var finished = false
        while !finished {
            operation += 1
            let storage = MemoryStorage()
            let writer = try journal(2, storage)
            let lock = try #require(writer.lock)
            let start = storage.operations
            storage.fault = { number, _, _ in number >= start + operation ? .error(EIO) : nil }
            do {
                try TestBlocks.repack(SegmentName.name(firstSequence: 1), [100], lock)
                finished = true
            } catch {}
            let restarted = MemoryStorage(storage.disk.afterKill())
            let again = try JournalWriter.open(restarted)
            #expect(again.lastSequence == 210)
            #expect(restarted.disk.names.keys.allSatisfy { !$0.hasSuffix(".tmp") })
            #expect(try JournalReader(storage: restarted).allSequences() == Array(1...210))
        }
        print("rewrite: died at \(operation - 1) operations")
        #expect(operation > 10)
    }
}
