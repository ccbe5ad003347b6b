import Glibc
import Journal
import MemoryJournal
import TestSupport
import Testing

/// T.7: fail the n-th operation, for every n until a run passes, with every errno.
@Suite struct FaultTests {
    /// What an owner does with each answer of the journal.
    private struct Owner {
        let storage: MemoryStorage
        var writer: JournalWriter?
        var accepted: UInt64 = 0
        var durable: UInt64 = 0
        static let events: UInt64 = 120

        init(_ storage: MemoryStorage) { self.storage = storage }

        /// Runs to the end, or until the journal says that it is finished.
        mutating func run() {
            let configuration = JournalConfiguration(
                syncPolicy: .group(intervalNanos: 25), segmentBytes: 2 << 10,
                preallocationBytes: 1 << 10)
            for _ in 0..<3 where writer == nil {
                writer = try? JournalWriter.open(storage, configuration)
            }
            guard let writer else { return }
            while writer.lastSequence < Self.events && writer.failure == nil {
                guard step({ try writer.appendEvents(10) }) else { break }
                storage.nowNanos += 10
                if writer.shouldRoll { _ = step { try writer.roll() } }
            }
            _ = step { try writer.close() }
            note()
        }

        private mutating func note() {
            accepted = max(accepted, writer?.acceptedSequence ?? 0)
            durable = max(durable, writer?.durableSequence ?? 0)
        }

        /// Tries, repeats where that is the contract; false when there is no hope.
        private mutating func step(_ body: () throws -> Void) -> Bool {
            guard let writer else { return false }
            for _ in 0..<6 {
                do {
                    try body()
                    note()
                    return true
                } catch JournalError.segmentReplaced {
                    try? writer.append(TestBlocks.checkpoint(writer.lastSequence + 1))
                } catch JournalError.noOpenSegment {
                    try? writer.roll()
                } catch {
                    note()
                    if writer.failure != nil { return false }
                }
            }
            return false
        }
    }

    private static let codes: [(String, Fault)] = [
        ("EIO", .error(EIO)), ("ENOSPC", .error(ENOSPC)), ("EDQUOT", .error(EDQUOT)),
        ("EFBIG", .error(EFBIG)), ("EINTR", .error(EINTR)), ("EAGAIN", .error(EAGAIN)),
        ("EMFILE", .error(EMFILE)), ("EROFS", .error(EROFS)), ("short 0", .short(1)),
        ("short 37", .short(37)),
    ]

    @Test("one failed operation, wherever it strikes: nothing accepted is lost")
    func once() throws {
        var points = 0, completed = 0
        for (name, fault) in Self.codes {
            var number = 0
            var struck = true
            while struck {
                number += 1
                let storage = MemoryStorage()
                struck = false
                var operation = ""
                storage.fault = { count, what, _ in
                    guard count == number else { return nil }
                    struck = true
                    operation = what
                    return fault
                }
                var owner = Owner(storage)
                owner.run()
                guard struck else { break }
                points += 1
                if owner.accepted == Owner.events { completed += 1 }
                let goesOn = [
                    "ENOSPC", "EDQUOT", "EFBIG", "EINTR", "EAGAIN", "short 0", "short 37",
                ]
                if operation == "write" && goesOn.contains(name) {
                    #expect(owner.accepted == Owner.events, "\(name) at \(number)")
                    #expect(owner.durable == Owner.events, "\(name) at \(number)")
                }
                checkRestart(owner, "\(name) at operation \(number), \(operation)")
            }
        }
        print("faults, once: \(points) points, \(completed) runs completed, none lost")
        #expect(points >= 300)
    }

    @Test("everything fails from one operation on: a restart finds all that was accepted")
    func forEver() throws {
        var points = 0
        for (name, fault) in Self.codes where !name.hasPrefix("short") {
            points += sweep("\(name) from operation") { what in
                if what == "list" || what == "fstat" { return nil }
                return (fault, strikes: true)
            }
        }
        print("faults, for ever: \(points) points, none lost")
        #expect(points >= 100)
    }

    /// Runs a writer again and again, with `failing` in force from a later operation each time,
    /// until nothing strikes any more, and checks the restart after each. Gives the count of runs
    /// that were struck.
    private func sweep(
        _ label: String, failing: @escaping (String) -> (fault: Fault, strikes: Bool)?
    ) -> Int {
        var points = 0
        var number = 0
        while true {
            number += Scale.isDebug ? 3 : 1
            let storage = MemoryStorage()
            var struck = false
            storage.fault = { count, what, _ in
                guard count >= number, let failure = failing(what) else { return nil }
                struck = struck || failure.strikes
                return failure.fault
            }
            var owner = Owner(storage)
            owner.run()
            guard struck else { return points }
            points += 1
            storage.fault = { _, _, _ in nil }
            checkRestart(owner, "\(label) \(number)")
        }
    }

    private func checkRestart(_ owner: Owner, _ what: String) {
        var random = SeededRandom(seed: owner.accepted + 7)
        let killed = owner.storage.disk.afterKill()
        let cut = owner.storage.disk.afterPowerCut(&random)
        for (disk, least) in [(killed, owner.accepted), (cut, owner.durable)] {
            do {
                let storage = MemoryStorage(disk)
                let writer = try JournalWriter.open(storage)
                #expect(writer.lastSequence >= least, "\(what)")
                try checkPowerCut(storage.disk, writer.durableSequence, &random)
                try writer.appendEvents(1)
                try checkPowerCut(storage.disk, writer.durableSequence, &random)
                try writer.close()
                try checkPowerCut(storage.disk, writer.durableSequence, &random)
                let reader = JournalReader(storage: storage)
                let all = writer.lastSequence
                #expect(try reader.allSequences() == Array(1...all), "\(what)")
                #expect(try reader.listing().allSatisfy { $0.problem == nil }, "\(what)")
            } catch { Issue.record("\(what): restart failed: \(error)") }
        }
    }

    /// What a restarted writer calls durable survives a power cut.
    private func checkPowerCut(
        _ disk: MemoryDisk, _ durable: UInt64, _ random: inout SeededRandom
    ) throws {
        for _ in 0..<3 {
            let storage = MemoryStorage(disk.afterPowerCut(&random))
            #expect(try JournalWriter.open(storage).lastSequence >= durable)
        }
    }

    @Test(
        "one kind of operation fails from one point on: a restart finds all that was accepted",
        arguments: ["write", "truncate", "fdatasync", "fsync folder", "open"])
    func oneKind(operation: String) throws {
        var points = 0
        for (code, leavesBytes) in [(EIO, false), (EIO, true), (ENOSPC, false)] {
            points += sweep("errno \(code), \(operation) from") { what in
                if what == "truncate" && leavesBytes {
                    return (.error(code), strikes: false)
                }
                if what != operation { return nil }
                return (.error(code), strikes: true)
            }
        }
        print("faults, every \(operation): \(points) points, none lost")
        #expect(points > 0)
    }

    @Test("a full disk: told, nothing partial left, and it goes on when there is space")
    func fullDisk() throws {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(storage)
        try writer.appendEvents(10)
        let before = storage.disk.names[SegmentName.name(firstSequence: 1)]?.data
        for part in [0, 1, 50, 113, 200] {
            var room = part
            storage.fault = { _, operation, _ in
                guard operation == "write" else { return nil }
                defer { room = 0 }
                return room > 0 ? .short(room) : .error(ENOSPC)
            }
            #expect(
                performing: { try writer.appendEvents(10) },
                throws: { ($0 as? JournalError)?.isNoSpace == true })
            #expect(throws: JournalError.self) { try writer.roll() }
            #expect(writer.acceptedSequence == 10)
            #expect(storage.disk.names[SegmentName.name(firstSequence: 1)]?.data == before)
        }
        storage.fault = { _, _, _ in nil }
        try writer.appendEvents(10)
        try writer.roll()
        try writer.appendEvents(10)
        try writer.close()
        try JournalReader(storage: storage).verifyAll()
        #expect(try JournalReader(storage: storage).allSequences() == Array(1...30))
    }

    @Test("an I/O error closes the segment as damaged; the next one continues the chain")
    func damagedSegment() throws {
        for leavesBytes in [false, true] {
            let storage = MemoryStorage()
            let writer = try JournalWriter.open(storage)
            try writer.appendEvents(10)
            let first = SegmentName.name(firstSequence: 1)
            let second = SegmentName.name(firstSequence: 11)
            var struck = 0
            storage.fault = { _, operation, name in
                guard name == first else { return nil }
                if operation == "truncate" && leavesBytes { return .error(EIO) }
                guard operation == "write" else { return nil }
                struck += 1
                return struck == 1 ? .short(60) : .error(EIO)
            }
            #expect(
                throws: JournalError.segmentReplaced(damaged: first, opened: second, code: EIO)
            ) { try writer.appendEvents(10) }
            #expect(writer.acceptedSequence == 10)
            #expect(writer.durableSequence == 10)
            try writer.append(TestBlocks.checkpoint(11))
            try writer.appendEvents(10)
            let reader = JournalReader(storage: storage)
            #expect(try reader.listing().map { $0.info?.state } == [.abandoned, .open])
            #expect(try reader.allSequences() == Array(1...20))
            let tail = try JournalTail(storage: storage, fromSequence: 1, includingDerived: false)
            let buffer = BlockBuffer()
            #expect(try tail.next(into: buffer)?.nextSequence == 11)
            #expect(try tail.next(into: buffer)?.nextSequence == 21)
            let again = try JournalWriter.open(MemoryStorage(storage.disk.afterKill()))
            #expect(again.lastSequence == 20)
            #expect(again.chainHead == writer.chainHead)
            storage.fault = { _, operation, _ in operation == "write" ? .error(EIO) : nil }
            #expect(throws: JournalError.self) { try writer.appendEvents(1) }
            #expect(writer.failure != nil)
        }
    }
}
