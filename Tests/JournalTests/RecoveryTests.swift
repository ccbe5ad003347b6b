import MemoryJournal
import Testing

@testable import Journal

@Suite struct RecoveryTests {
    /// A journal whose last segment holds four blocks, killed. `synced` blocks are vouched for
    /// by the headers after them.
    private func killed(_ policy: SyncPolicy, preallocation: Int = 0) throws -> MemoryDisk {
        let storage = MemoryStorage()
        let configuration = JournalConfiguration(
            syncPolicy: policy, preallocationBytes: preallocation)
        let writer = try JournalWriter.open(storage, configuration)
        try writer.appendEvents(10)
        try writer.roll()
        for _ in 0..<4 { try writer.appendEvents(10) }
        return storage.disk.afterKill()
    }

    private let name = SegmentName.name(firstSequence: 11)

    private func entries(_ disk: MemoryDisk) throws -> [BlockEntry] {
        try JournalReader(storage: MemoryStorage(disk)).segment(named: name).entries
    }

    @Test("an orderly tail of zeros is no finding", arguments: [0, 64 << 10])
    func zeros(preallocation: Int) throws {
        let disk = try killed(.os, preallocation: preallocation)
        let writer = try JournalWriter.open(MemoryStorage(disk))
        #expect(writer.lastSequence == 50)
        #expect(writer.durableSequence == 50)
        #expect(writer.recovery.cuts.isEmpty)
        #expect(writer.recovery.segments == 2)
        #expect(writer.recovery.blocksChecked == 4)
        #expect(writer.recovery.eventsChecked == 40)
    }

    @Test("a torn tail is copied aside, cut and reported; also when a later block is good")
    func torn() throws {
        let disk = try killed(.os)
        let blocks = try entries(disk)
        let inode = try #require(disk.names[name])
        let length = inode.data.count
        inode.data[blocks[2].offset + 130] ^= 0x10
        let removed = Array(inode.data[blocks[2].offset...])
        let storage = MemoryStorage(disk)
        storage.nowNanos = 77
        let writer = try JournalWriter.open(storage)
        #expect(writer.lastSequence == 30)
        let copy = "\(name).cut-\(blocks[2].offset)-77"
        #expect(
            writer.recovery.cuts == [
                .init(
                    segment: name, offset: blocks[2].offset, bytes: length - blocks[2].offset,
                    defect: .payloadChecksum, copy: copy, removedFile: false)
            ])
        #expect(disk.names[copy]?.data == removed)
        try writer.appendEvents(5)
        try writer.close()
        let reader = JournalReader(storage: storage)
        #expect(try reader.allSequences() == Array(1...35))
        try reader.verifyAll()
    }

    @Test("bad bytes below what was once durable are corruption, also behind a lost header")
    func corrupt() throws {
        for position in [0, 20, 130] {
            let disk = try killed(.always)
            let blocks = try entries(disk)
            disk.names[name]?.data[blocks[1].offset + position] ^= 0x10
            let before = disk.names[name]?.data
            #expect(
                performing: { try JournalWriter.open(MemoryStorage(disk)) },
                throws: { error in
                    guard case .corrupt(name, let offset, _)? = error as? JournalError else {
                        return false
                    }
                    return offset == blocks[1].offset
                })
            #expect(disk.names[name]?.data == before)
        }
    }

    @Test("a file that ends below its durable offset is corrupt, one that was zeroed as well")
    func shortened() throws {
        let disk = try killed(.always)
        let blocks = try entries(disk)
        let inode = try #require(disk.names[name])
        let whole = inode.data
        for byte in blocks[1].offset..<blocks[2].offset { inode.data[byte] = 0 }
        #expect(throws: JournalError.self) { try JournalWriter.open(MemoryStorage(disk)) }
        inode.data = Array(whole[..<(blocks[3].offset)])
        #expect(try JournalWriter.open(MemoryStorage(disk)).lastSequence == 40)
    }

    @Test("a segment torn while it was made is removed, and the one before goes on")
    func tornCreation() throws {
        for header in [[], [UInt8](repeating: 0, count: 72), Array(repeating: 7, count: 40)] {
            let storage = MemoryStorage()
            let writer = try JournalWriter.open(storage)
            try writer.appendEvents(10)
            try writer.roll()
            let disk = storage.disk.afterKill()
            disk.names[name]?.data = header
            let again = try JournalWriter.open(MemoryStorage(disk))
            #expect(again.lastSequence == 10)
            #expect(again.segmentName == name)
            #expect(again.recovery.cuts.count == 1)
            #expect(again.recovery.cuts.first?.removedFile == true)
            #expect((again.recovery.cuts.first?.copy == nil) == header.allSatisfy { $0 == 0 })
            try again.appendEvents(1)
            try again.close()
            try JournalReader(storage: MemoryStorage(disk)).verifyAll()
        }
    }

    @Test("a missing, unsealed or foreign segment inside the journal is corruption")
    func holes() throws {
        func disk() throws -> MemoryDisk {
            let storage = MemoryStorage()
            let writer = try JournalWriter.open(storage)
            for _ in 0..<3 {
                try writer.appendEvents(10)
                try writer.roll()
            }
            return storage.disk.afterKill()
        }
        let missing = try disk()
        missing.names[name] = nil
        let unsealed = try disk()
        unsealed.names[name]?.data.removeLast(200)
        let foreign = try disk()
        let other = MemoryStorage()
        let writer = try JournalWriter.open(other)
        try writer.appendEvents(9)
        try writer.appendEvents(1)
        try writer.roll()
        try writer.appendEvents(5)
        try writer.appendEvents(5)
        try writer.close()
        foreign.names[name] = other.disk.names[name]
        foreign.names[name]?.data[30] ^= 1
        for broken in [missing, unsealed, foreign] {
            #expect(throws: JournalError.self) { try JournalWriter.open(MemoryStorage(broken)) }
            let reader = JournalReader(storage: MemoryStorage(broken))
            #expect(try reader.listing().contains { $0.problem != nil })
            #expect(throws: JournalError.self) { try reader.allSequences() }
            #expect(try reader.allSequences(from: 21).count == 10)
        }
    }

    @Test("a newer format version is refused by number, by writer and reader")
    func newer() throws {
        let disk = try killed(.os)
        let inode = try #require(disk.names[name])
        inode.data.withUnsafeMutableBytes { bytes in
            let header = UnsafeMutableRawBufferPointer(rebasing: bytes[0..<72])
            header.store16(2, 12)
            header.storeTrailingChecksum()
        }
        let refusal = JournalError.unknownVersion(segment: name, version: 2, supported: 1)
        #expect(throws: refusal) { try JournalWriter.open(MemoryStorage(disk)) }
        let reader = JournalReader(storage: MemoryStorage(disk))
        #expect(throws: refusal) { try reader.allSequences() }
        #expect(try reader.listing()[1].problem == refusal)
        #expect(try reader.listing()[0].problem == nil)
    }
}
