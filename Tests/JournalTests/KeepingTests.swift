import Glibc
import Journal
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
        let sizes = try Compaction.rewrite(
            segment: before[1].name, lock: try #require(writer.lock)
        ) { rewriter in
            for _ in 0..<2 {
                let block = TestBlocks.events(rewriter.nextSequence, 50)
                try block.payload.map { ~$0 }.withUnsafeBytes {
                    try rewriter.append(block, canonical: $0)
                }
            }
        }
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
                try Compaction.rewrite(segment: names[1], lock: lock) { rewriter in
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
            try Compaction.rewrite(segment: names[1], lock: lock) { _ in throw Stop() }
        }
        #expect(throws: JournalError.self) {
            try Compaction.rewrite(segment: names[3], lock: lock) { _ in }
        }
        #expect(storage.disk.names.keys.allSatisfy { !$0.hasSuffix(".tmp") })
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
                _ = try Compaction.rewrite(
                    segment: SegmentName.name(firstSequence: 1), lock: lock
                ) { rewriter in
                    let block = TestBlocks.events(1, 100)
                    try block.payload.map { ~$0 }.withUnsafeBytes {
                        try rewriter.append(block, canonical: $0)
                    }
                }
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
