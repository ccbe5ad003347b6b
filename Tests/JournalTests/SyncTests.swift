import Glibc
import Journal
import MemoryJournal
import Testing

@Suite struct SyncTests {
    private func writer(_ policy: SyncPolicy) throws -> (MemoryStorage, JournalWriter) {
        let storage = MemoryStorage()
        let configuration = JournalConfiguration(syncPolicy: policy, preallocationBytes: 0)
        return (storage, try JournalWriter.open(storage, configuration))
    }

    private func syncs(_ storage: MemoryStorage) -> Int { storage.log["fdatasync"] ?? 0 }

    @Test("group: at most one sync per interval, due only while something is unsynced")
    func group() throws {
        let (storage, writer) = try writer(.group(intervalNanos: 50))
        let before = syncs(storage)
        #expect(writer.syncDueNanos == nil)
        for _ in 0..<10 {
            try writer.appendEvents(1)
            storage.nowNanos += 4
        }
        #expect(syncs(storage) == before)
        #expect(writer.durableSequence == 0)
        #expect(writer.acceptedSequence == 10)
        #expect(writer.syncDueNanos == 50)
        try writer.tick(nowNanos: 49)
        #expect(syncs(storage) == before)
        try writer.tick(nowNanos: 50)
        #expect(syncs(storage) == before + 1)
        #expect(writer.durableSequence == 10)
        #expect(writer.syncDueNanos == nil)
        try writer.tick(nowNanos: 500)
        #expect(syncs(storage) == before + 1)
        storage.nowNanos = 600
        try writer.appendEvents(1)
        storage.nowNanos = 651
        try writer.appendEvents(1)
        #expect(syncs(storage) == before + 2)
        #expect(writer.durableSequence == 12)
    }

    @Test("always: durable before append returns")
    func always() throws {
        let (storage, writer) = try writer(.always)
        for count in 1...5 {
            let before = syncs(storage)
            try writer.appendEvents(count)
            #expect(syncs(storage) == before + 1)
            #expect(writer.durableSequence == writer.acceptedSequence)
        }
    }

    @Test("os: never by itself, but a seal is durable")
    func os() throws {
        let (storage, writer) = try writer(.os)
        let before = syncs(storage)
        for _ in 0..<5 { try writer.appendEvents(1) }
        storage.nowNanos += 1 << 60
        try writer.tick(nowNanos: storage.nowNanos)
        #expect(syncs(storage) == before)
        #expect(writer.durableSequence == 0)
        try writer.sync()
        #expect(writer.durableSequence == 5)
        try writer.appendEvents(1)
        try writer.roll()
        #expect(writer.durableSequence == 6)
    }

    @Test(
        "a failed sync ends the writer for ever; the descriptor is never synced again",
        arguments: [SyncPolicy.always, .group(intervalNanos: 1), .os])
    func poisoned(policy: SyncPolicy) throws {
        let (storage, writer) = try writer(policy)
        try writer.appendEvents(1)
        try writer.sync()
        storage.fault = { _, operation, _ in operation == "fdatasync" ? .error(EIO) : nil }
        let failed = JournalError.syncFailed(file: SegmentName.name(firstSequence: 1), code: EIO)
        #expect(throws: failed) {
            try writer.appendEvents(1)
            storage.nowNanos += 10
            try writer.tick(nowNanos: storage.nowNanos)
            try writer.sync()
        }
        let after = syncs(storage)
        storage.fault = { _, _, _ in nil }
        for _ in 0..<3 {
            #expect(throws: JournalError.self) { try writer.appendEvents(1) }
            #expect(throws: JournalError.self) { try writer.sync() }
            #expect(throws: JournalError.self) { try writer.roll() }
            #expect(throws: JournalError.self) { try writer.close() }
            try? writer.tick(nowNanos: .max)
        }
        #expect(syncs(storage) == after)
        #expect(writer.failure == failed)
        #expect(writer.durableSequence == 1)
    }
}
