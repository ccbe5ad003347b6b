import Foundation
import MemoryJournal
import Synchronization
import TestSupport
import Testing

@testable import Journal

@Suite struct TailTests {
    @Test(
        "follows a writer over rolls: the same blocks, in order, each once",
        arguments: [false, true])
    func follows(durableOnly: Bool) throws {
        for seed in 0..<UInt64(20) {
            var random = SeededRandom(seed: seed)
            let storage = MemoryStorage()
            let configuration = JournalConfiguration(
                syncPolicy: .group(intervalNanos: 50), segmentBytes: 4 << 10,
                preallocationBytes: seed % 2 == 0 ? 0 : 1 << 10)
            let writer = try JournalWriter.open(storage, configuration)
            let start = UInt64(1 + seed % 2 * 30)
            try writer.appendEvents(40)
            let tail = try JournalTail(
                storage: storage, fromSequence: start, durableOnly: durableOnly)
            let buffer = BlockBuffer()
            var next: UInt64 = 1
            for _ in 0..<300 {
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    try writer.appendEvents(Int.random(in: 1...30, using: &random))
                    if writer.shouldRoll { try writer.roll() }
                case 1: try writer.append(TestBlocks.checkpoint(writer.lastSequence + 1))
                case 2: storage.nowNanos += 20
                default:
                    while let header = try tail.next(into: buffer) {
                        #expect(header.firstSequence == next)
                        next = header.nextSequence
                        if !durableOnly { continue }
                        #expect(header.nextSequence <= writer.durableSequence + 1)
                    }
                    if !durableOnly { #expect(next == writer.lastSequence + 1) }
                }
            }
            try writer.close()
            while let header = try tail.next(into: buffer) { next = header.nextSequence }
            #expect(next == writer.lastSequence + 1)
        }
    }

    @Test("waits for a journal that does not exist yet, and for its next event")
    func waits() throws {
        let storage = MemoryStorage()
        let tail = try JournalTail(storage: storage, fromSequence: 1)
        let buffer = BlockBuffer()
        #expect(try tail.next(into: buffer) == nil)
        let writer = try JournalWriter.open(storage)
        #expect(try tail.next(into: buffer) == nil)
        try writer.appendEvents(4)
        #expect(try tail.next(into: buffer)?.nextSequence == 5)
        let late = try JournalTail(storage: storage, fromSequence: 5)
        #expect(try late.next(into: buffer) == nil)
        try writer.appendEvents(1)
        #expect(try late.next(into: buffer)?.firstSequence == 5)
        #expect(throws: JournalError.beyondEnd(lastSequence: 5)) {
            try JournalTail(storage: storage, fromSequence: 7)
        }
    }

    @Test("a tail behind retention is told the oldest sequence; one that reads is waited for")
    func retention() throws {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(storage)
        let waiting = try JournalTail(storage: MemoryStorage(), fromSequence: 1)
        #expect(waiting.nextSequence == 1)
        for _ in 0..<5 {
            try writer.appendEvents(10)
            try writer.roll()
        }
        let lock = try #require(writer.lock)
        var tail: JournalTail? = try JournalTail(storage: storage, fromSequence: 11)
        let policy = RetentionPolicy(segmentsMax: 2)
        let report = try Retention.apply(policy, lock: lock)
        #expect(report.removed == [SegmentName.name(firstSequence: 1)])
        #expect(report.stoppedAt == SegmentName.name(firstSequence: 11))
        #expect(report.keeper == .reader)
        let buffer = BlockBuffer()
        for _ in 0..<4 { #expect(try tail?.next(into: buffer) != nil) }
        #expect(tail?.nextSequence == 51)
        tail = nil
        #expect(try Retention.apply(policy, lock: lock).removed.count == 3)
        #expect(throws: JournalError.truncated(oldest: 41)) {
            try JournalTail(storage: storage, fromSequence: 21)
        }
        #expect(throws: JournalError.truncated(oldest: 41)) {
            try JournalReader(storage: storage).blocks(fromSequence: 1)
        }
    }

    @Test("a tail in a segment that was rewritten and removed is told the oldest sequence")
    func rewrittenAndRemoved() throws {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(storage)
        try writer.appendEvents(10)
        let tail = try JournalTail(storage: storage, fromSequence: 1)
        try writer.roll()
        for _ in 0..<2 {
            try writer.appendEvents(10)
            try writer.roll()
        }
        let lock = try #require(writer.lock)
        try TestBlocks.repack(SegmentName.name(firstSequence: 1), [10], lock)
        #expect(try Retention.apply(.init(segmentsMax: 2), lock: lock).removed.count == 2)
        let buffer = BlockBuffer()
        #expect(try tail.next(into: buffer)?.nextSequence == 11)
        #expect(throws: JournalError.truncated(oldest: 21)) { try tail.next(into: buffer) }
    }

    @Test("a segment that does not go on from where the tail is, stops it", arguments: [24, 56])
    func foreignSuccessor(field: Int) throws {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(storage)
        try writer.appendEvents(10)
        let tail = try JournalTail(storage: storage, fromSequence: 1)
        let buffer = BlockBuffer()
        #expect(try tail.next(into: buffer)?.nextSequence == 11)
        try writer.roll()
        try writer.appendEvents(10)
        let name = SegmentName.name(firstSequence: 11)
        let inode = try #require(storage.disk.names[name])
        inode.data[field] ^= 1
        inode.data.withUnsafeMutableBytes {
            UnsafeMutableRawBufferPointer(rebasing: $0[0..<72]).storeTrailingChecksum()
        }
        #expect(
            performing: { try tail.next(into: buffer) },
            throws: { error in
                guard case .corrupt(name, field, _)? = error as? JournalError else { return false }
                return true
            })
    }

    @Test("a last segment with a damaged header stops the tail instead of stalling it")
    func damagedSuccessor() throws {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(storage)
        try writer.appendEvents(10)
        let tail = try JournalTail(storage: storage, fromSequence: 1)
        let buffer = BlockBuffer()
        #expect(try tail.next(into: buffer)?.nextSequence == 11)
        try writer.roll()
        storage.disk.names[SegmentName.name(firstSequence: 11)]?.data[30] ^= 1
        #expect(throws: JournalError.self) { try tail.next(into: buffer) }
    }

    @Test("a block that was durable and is bad stops the tail instead of stalling it")
    func corruption() throws {
        let storage = MemoryStorage()
        let configuration = JournalConfiguration(syncPolicy: .always, preallocationBytes: 0)
        let writer = try JournalWriter.open(storage, configuration)
        let tail = try JournalTail(storage: storage, fromSequence: 1)
        for _ in 0..<4 { try writer.appendEvents(5) }
        let buffer = BlockBuffer()
        #expect(try tail.next(into: buffer) != nil)
        let inode = try #require(storage.disk.names[SegmentName.name(firstSequence: 1)])
        let second = try JournalReader(storage: storage)
            .segment(named: SegmentName.name(firstSequence: 1)).entries[1]
        inode.data[second.offset + 20] ^= 1
        #expect(throws: JournalError.self) { try tail.next(into: buffer) }
    }

    @Test(
        "while another thread writes on a real disk: no false alarm, nothing missed",
        arguments: [0, 16 << 10])
    func race(preallocation: Int) throws {
        let folder = TemporaryFolder()
        let path = folder.path
        let events = UInt64(Scale.states(60_000))
        let isDone = Atomic<Bool>(false)
        let seen = Atomic<UInt64>(0)
        try withThread {
            defer { isDone.store(true, ordering: .releasing) }
            let configuration = JournalConfiguration(
                segmentBytes: 24 << 10, preallocationBytes: preallocation)
            let writer = try JournalWriter.open(
                FileStorage(directory: path), configuration)
            while writer.lastSequence < events {
                try writer.appendEvents(1 + Int(writer.lastSequence % 13))
                if writer.shouldRoll { try writer.roll() }
            }
            try writer.close()
        } meanwhile: {
            while !FileManager.default.fileExists(atPath: path) {}
            let tail = try JournalTail(storage: FileStorage(directory: path), fromSequence: 1)
            let buffer = BlockBuffer()
            var next: UInt64 = 1, polls = 0, listings = 0
            var wasDone = false
            while !wasDone {
                wasDone = isDone.load(ordering: .acquiring)
                while let header = try tail.next(into: buffer) {
                    #expect(header.firstSequence == next)
                    next = header.nextSequence
                }
                polls += 1
                if polls % 50 != 0 { continue }
                let listing = try JournalReader(directory: path).listing()
                #expect(listing.allSatisfy { $0.problem == nil })
                listings += 1
            }
            seen.store(next - 1, ordering: .relaxed)
            print("race: \(next - 1) events, \(polls) polls, \(listings) listings")
        }
        #expect(seen.load(ordering: .relaxed) >= events)
        try JournalReader(directory: path).verifyAll()
    }

    /// Runs `body` in a thread of its own while `meanwhile` runs here; throws what either does.
    private func withThread(
        _ body: @escaping @Sendable () throws -> Void, meanwhile: () throws -> Void
    ) throws {
        let failure = Mutex<(any Error)?>(nil)
        let ended = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            do { try body() } catch { failure.withLock { $0 = error } }
            ended.signal()
        }
        do {
            defer { ended.wait() }
            try meanwhile()
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
