import Glibc
import MemoryJournal
import TestSupport
import Testing

@testable import Journal

/// Opening after a writer died while a segment was being made or sealed.
@Suite struct OpeningTests {
    private let first = SegmentName.name(firstSequence: 1)
    private let second = SegmentName.name(firstSequence: 11)

    private func rolled(_ storage: MemoryStorage) throws -> JournalWriter {
        let writer = try JournalWriter.open(storage)
        try writer.appendEvents(10)
        try writer.roll()
        return writer
    }

    @Test("a damaged empty segment without a predecessor stops the opening and stays")
    func damagedWithoutPredecessor() throws {
        let storage = MemoryStorage()
        let writer = try rolled(storage)
        let lock = try #require(writer.lock)
        #expect(try Retention.apply(.init(segmentsMax: 1), lock: lock).removed == [first])
        let disk = storage.disk.afterKill()
        disk.names[second]?.data[30] ^= 1
        let before = disk.names[second]?.data
        #expect(
            throws: JournalError.corrupt(segment: second, offset: 0, defect: .headerChecksum)
        ) { try JournalWriter.open(MemoryStorage(disk)) }
        #expect(disk.names[second]?.data == before)
    }

    @Test("a damaged empty segment whose predecessor ends elsewhere stops the opening and stays")
    func damagedAfterHole() throws {
        let storage = MemoryStorage()
        let writer = try rolled(storage)
        try writer.appendEvents(10)
        try writer.roll()
        let disk = storage.disk.afterKill()
        disk.names[second] = nil
        let third = SegmentName.name(firstSequence: 21)
        disk.names[third]?.data = []
        #expect(throws: JournalError.self) { try JournalWriter.open(MemoryStorage(disk)) }
        #expect(disk.names[third] != nil)
    }

    @Test("an intact header in a file of another name is corruption, not a torn file")
    func wrongName() throws {
        let storage = MemoryStorage()
        _ = try rolled(storage)
        let disk = storage.disk.afterKill()
        disk.names[second]?.data = disk.names[first].map { Array($0.data[..<72]) } ?? []
        #expect(throws: JournalError.self) { try JournalWriter.open(MemoryStorage(disk)) }
        #expect(disk.names[second] != nil)
    }

    @Test("an empty successor of a segment with a write error is removed, the segment goes on")
    func emptySuccessor() throws {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(storage)
        try writer.appendEvents(10)
        storage.fault = { _, operation, _ in
            operation == "write" || operation == "unlink" ? .error(EIO) : nil
        }
        #expect(throws: JournalError.self) { try writer.appendEvents(10) }
        #expect(writer.failure != nil)
        #expect(storage.disk.names[second]?.data.isEmpty == true)
        let restarted = MemoryStorage(storage.disk.afterKill())
        let reader = JournalReader(storage: restarted)
        #expect(try reader.allSequences() == Array(1...10))
        let again = try JournalWriter.open(restarted)
        #expect(again.lastSequence == 10)
        #expect(again.segmentName == first)
        try again.appendEvents(10)
        #expect(try reader.allSequences() == Array(1...20))
    }

    @Test("a segment that could not be made leaves no file")
    func leftover() throws {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(storage)
        try writer.appendEvents(10)
        storage.fault = { _, operation, file in
            operation == "write" && file == second ? .error(ENOSPC) : nil
        }
        #expect(throws: JournalError.self) { try writer.roll() }
        #expect(storage.disk.names[second] == nil)
        storage.fault = { _, _, _ in nil }
        try writer.roll()
        try writer.appendEvents(10)
        #expect(try JournalReader(storage: storage).allSequences() == Array(1...20))
    }

    @Test(
        "a last file of 0 bytes beside a healthy roll is one not made yet", arguments: [0, 40, 72])
    func notMadeYet(bytes: Int) throws {
        let storage = MemoryStorage()
        let writer = try rolled(storage)
        storage.disk.names[second]?.data = [UInt8](repeating: 0, count: bytes)
        let reader = JournalReader(storage: storage)
        #expect(try reader.listing().map(\.name) == [first])
        #expect(try reader.listing().allSatisfy { $0.problem == nil })
        #expect(try reader.allSequences() == Array(1...10))
        let tail = try JournalTail(storage: storage, fromSequence: 11)
        #expect(try tail.next(into: BlockBuffer()) == nil)
        let lock = try #require(writer.lock)
        #expect(try Retention.apply(.init(segmentsMax: 1), lock: lock).removed.isEmpty)
    }

    @Test("only unfinished segments are removed: other files that end in .tmp stay")
    func foreignTemporaries() throws {
        let storage = MemoryStorage()
        try rolled(storage).close()
        for name in ["notes.tmp", "\(first).tmp", ".tmp", "1.zst.tmp"] {
            storage.disk.change(.set(name, MemoryDisk.Inode()))
        }
        let writer = try JournalWriter.open(storage)
        #expect(writer.recovery.temporariesRemoved == ["\(first).tmp"])
        let left = storage.disk.names.keys.filter { $0.hasSuffix(".tmp") }.sorted()
        #expect(left == [".tmp", "1.zst.tmp", "notes.tmp"])
    }

    @Test("every opening syncs the folder", arguments: [false, true])
    func folderSync(isSealed: Bool) throws {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(storage)
        try writer.appendEvents(10)
        if isSealed { try writer.close() }
        let restarted = MemoryStorage(storage.disk.afterKill())
        _ = try JournalWriter.open(restarted)
        #expect(restarted.log["fsync folder"] ?? 0 >= 1)
    }

    @Test(
        "kill at any operation, reopen, power cut: what the reopened writer calls durable stays",
        arguments: [SyncPolicy.group(intervalNanos: 25), .os])
    func killReopenCut(policy: SyncPolicy) throws {
        var kills = 0, cuts = 0
        for seed in 0..<UInt64(Scale.states(20)) {
            var random = SeededRandom(seed: seed)
            let storage = MemoryStorage()
            storage.fault = { _, operation, _ in
                if ["read", "fstat", "list", "flock"].contains(operation) { return nil }
                kills += 1
                cuts += reopen(storage.disk.afterKill(), &random)
                return nil
            }
            let configuration = JournalConfiguration(
                syncPolicy: policy, segmentBytes: 1 << 10,
                preallocationBytes: seed % 2 == 0 ? 0 : 1 << 10)
            let writer = try JournalWriter.open(storage, configuration)
            while writer.lastSequence < 100 {
                try writer.appendEvents(Int.random(in: 1...15, using: &random))
                storage.nowNanos += 10
                if writer.shouldRoll { try writer.roll() }
            }
            try writer.close()
            storage.fault = { _, _, _ in nil }
        }
        print("kill, reopen, cut, \(policy): \(kills) kills, \(cuts) cuts")
        #expect(cuts > kills)
    }

    /// Reopens, and cuts the power while that goes on and after it; returns how often.
    private func reopen(_ disk: MemoryDisk, _ random: inout SeededRandom) -> Int {
        var cuts = 0
        do {
            let storage = MemoryStorage(disk)
            let writer = try JournalWriter.open(storage)
            for step in 0..<3 {
                if step > 0 { try writer.appendEvents(3) }
                if step > 1 { try writer.roll() }
                for _ in 0..<3 {
                    cuts += 1
                    let cut = MemoryStorage(storage.disk.afterPowerCut(&random))
                    let again = try JournalWriter.open(cut)
                    #expect(again.lastSequence >= writer.durableSequence)
                    let end = again.lastSequence
                    let found = try JournalReader(storage: cut).allSequences()
                    #expect(found.last ?? 0 == end && UInt64(found.count) == end)
                }
            }
        } catch { Issue.record("reopening failed: \(error)") }
        return cuts
    }
}
