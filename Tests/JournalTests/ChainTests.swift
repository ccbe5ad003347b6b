import Journal
import MemoryJournal
import TestSupport
import Testing

@Suite struct ChainTests {
    /// Chain values after each block, by sequence, of a journal cut into random blocks.
    private func values(seed: UInt64, level: Int) throws -> [UInt64: ChainValue] {
        var random = SeededRandom(seed: seed)
        let storage = MemoryStorage()
        var configuration = JournalConfiguration.small
        configuration.compressionLevel = level
        let writer = try JournalWriter.open(storage, configuration)
        var values: [UInt64: ChainValue] = [:]
        while writer.lastSequence < 900 {
            let left = Int(300 - writer.lastSequence % 300)
            try writer.appendEvents(Int.random(in: 1...min(left, 40), using: &random))
            if Int.random(in: 0..<5, using: &random) == 0 {
                try writer.append(TestBlocks.checkpoint(writer.lastSequence + 1))
            }
            values[writer.lastSequence] = writer.chainHead
            if writer.lastSequence % 300 == 0 { try writer.roll() }
        }
        return values
    }

    @Test("the value depends on the events, not on blocks, levels or derived blocks")
    func blocking() throws {
        let all = try (0..<20).map { try values(seed: $0, level: $0 % 2 == 0 ? 3 : 1) }
        var common = 0
        for other in all.dropFirst() {
            for (sequence, value) in other {
                guard let first = all[0][sequence] else { continue }
                #expect(first == value)
                common += 1
            }
            #expect(other[900] == all[0][900])
        }
        print("chain: 20 blockings, \(common) common points equal")
        #expect(common > 100)
    }

    @Test("it is SHA-256 over the value before and the canonical bytes")
    func definition() throws {
        let writer = try JournalWriter.open(MemoryStorage())
        try writer.appendEvents(1)
        let chain = HashChain(startingFrom: .zero)
        TestBlocks.event(1).map { ~$0 }.withUnsafeBytes { chain.update($0) }
        #expect(writer.chainHead == chain.value)
        let empty = HashChain(startingFrom: .zero).value
        // sha256sum of 32 zero bytes.
        #expect(
            empty.description
                == "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925")
    }

    @Test("changed canonical bytes are noticed when the journal is opened and verified")
    func disagreement() throws {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(storage)
        try writer.appendEvents(10)
        try writer.appendEvents(10)
        let wrong: CanonicalBytes = { payload, bytes in
            let facts = try TestBlocks.canonical(payload, &bytes)
            if payload[0] == 11 { bytes[3] ^= 1 }
            return facts
        }
        let name = SegmentName.name(firstSequence: 1)
        let reader = JournalReader(storage: storage)
        func isChainDefect(_ error: any Error) -> Bool {
            guard case .corrupt(name, let offset, .chain)? = error as? JournalError else {
                return false
            }
            return offset > 72
        }
        #expect(
            performing: { try reader.verify(segment: name, canonicalBytes: wrong) },
            throws: isChainDefect)
        let disk = storage.disk.afterKill()
        #expect(
            performing: {
                try JournalWriter(storage: MemoryStorage(disk), canonicalBytes: wrong)
            }, throws: isChainDefect)
        #expect(throws: JournalError.self) {
            try JournalWriter(storage: MemoryStorage(disk)) { _, _ in
                throw TestBlocks.NotEvents()
            }
        }
        _ = try JournalWriter.open(MemoryStorage(disk))
    }

    @Test("a header that says something else than its events is noticed by all who decode them")
    func facts() throws {
        let changes: [(inout Block) -> Void] = [
            { $0.count += 1 }, { $0.firstTime -= 1 }, { $0.lastTime += 1 },
            { $0.payload = TestBlocks.events(2, 10).payload },
        ]
        for (number, change) in changes.enumerated() {
            let storage = MemoryStorage()
            let writer = try JournalWriter.open(storage)
            var block = TestBlocks.events(1, 10)
            change(&block)
            try block.payload.map { ~$0 }.withUnsafeBytes {
                try writer.append(block, canonical: $0)
            }
            let name = SegmentName.name(firstSequence: 1)
            func isNoticed(_ error: any Error) -> Bool {
                guard case .corrupt(_, 72, .events)? = error as? JournalError else { return false }
                return true
            }
            let reader = JournalReader(storage: storage)
            #expect(
                performing: {
                    try reader.verify(segment: name, canonicalBytes: TestBlocks.canonical)
                }, throws: isNoticed)
            let disk = storage.disk.afterKill()
            #expect(
                performing: { try JournalWriter.open(MemoryStorage(disk)) }, throws: isNoticed)
            if number != 1 { continue }
            try writer.roll()
            let lock = try #require(writer.lock)
            #expect(
                performing: {
                    try Compaction.rewrite(
                        segment: name, lock: lock, canonicalBytes: TestBlocks.canonical
                    ) { rewriter in
                        try block.payload.map { ~$0 }.withUnsafeBytes {
                            try rewriter.append(block, canonical: $0)
                        }
                    }
                }, throws: isNoticed)
        }
    }
}
