import Engine
import Glibc
import Journal
import MemoryJournal
import Testing

@testable import Server

/// What the sequencer does while the disk is full, and when it is not any more (F.5, D.4).
@Suite struct FullDiskTests {
    /// Six ticks, each journaled at once, while the disk is full at the ticks of `full`.
    private func session(full: Set<Int64>) throws -> MemorySession {
        let storage = MemoryStorage()
        var isFull = false
        storage.fault = { _, operation, _ in
            isFull && operation == "write" ? .error(ENOSPC) : nil
        }
        let session = try MemorySession(storage)
        try session.begin()
        try session.message()
        for tick in 1...6 as ClosedRange<Int64> {
            isFull = full.contains(tick)
            do {
                try session.tick(tick)
                try session.sequencer.flush()
                #expect(!isFull)
            } catch let error as JournalError {
                #expect(isFull && error.isNoSpace)
            }
        }
        isFull = false
        try session.tick(6)
        try session.sequencer.close()
        return session
    }

    @Test(arguments: [[3], [1], [6], [2, 3, 4], [1, 2, 3, 4, 5, 6], [2, 5]])
    func `a full disk changes neither what is kept nor what is shown`(_ full: [Int64]) throws {
        let plain = try session(full: [])
        let pressed = try session(full: Set(full))
        #expect(try pressed.faults() == [])
        #expect(pressed.shown == plain.shown)
        #expect(pressed.writer.chainHead == plain.writer.chainHead)
    }

    @Test func `while the disk is full no tick and no message is taken`() throws {
        let storage = MemoryStorage()
        let session = try MemorySession(storage)
        try session.begin()
        try session.message()
        storage.fault = { _, operation, _ in operation == "write" ? .error(ENOSPC) : nil }
        #expect(throws: JournalError.self) { try session.sequencer.flush() }
        let before = session.sequencer.sequence
        for _ in 0..<3 {
            #expect(throws: JournalError.self) { try session.tick(4) }
            #expect(throws: JournalError.self) { try session.message() }
        }
        #expect(session.sequencer.sequence == before)
        storage.fault = { _, _, _ in nil }
        try session.tick(4)
        try session.sequencer.close()
        #expect(session.sequencer.sequence == before + 4)
        #expect(try session.faults() == [])
    }
}
