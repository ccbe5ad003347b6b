import Glibc
import Journal
import MemoryJournal
import Testing

@testable import Server

/// T.7 for the sequencer: fail the n-th operation, for every n until a run passes.
@Suite struct WriteFaultTests {
    /// Feeds a session as an owner does: what failed is repeated until the journal has failed.
    private struct Owner {
        static let ticks: Int64 = 9
        static let messagesPerTick: Int64 = 3
        let session: MemorySession
        /// Whether all of it was taken and the journal was closed.
        private(set) var isDone = false

        init?(_ storage: MemoryStorage) {
            var policy = SequencerPolicy()
            policy.eventsPerBlock = 3
            policy.nanosPerCheckpoint = 1_000_000_000
            let configuration = JournalConfiguration(
                syncPolicy: .group(intervalNanos: 25), segmentAgeNanos: 2_000_000_000,
                preallocationBytes: 1 << 10)
            for _ in 0..<3 {
                if let session = try? MemorySession(
                    storage, policy: policy, configuration: configuration)
                {
                    self.session = session
                    return
                }
            }
            return nil
        }

        mutating func run() throws {
            let session = session
            try session.begin()
            for tick in 1...Self.ticks {
                for _ in 0..<Self.messagesPerTick {
                    let next = session.messages + 1
                    guard step({ if session.messages < next { try session.message() } })
                    else { return }
                }
                session.storage.nowNanos += 10
                guard step({ try session.tick(tick) }), step({ try session.sequencer.flush() })
                else { return }
            }
            isDone = step { try session.sequencer.close() }
        }

        private func step(_ body: () throws -> Void) -> Bool {
            for _ in 0..<20 {
                do {
                    try body()
                    return true
                } catch {
                    if session.writer.failure != nil { return false }
                }
            }
            return false
        }

        /// What does not hold of this run, measured on one without a fault.
        func faults(_ plain: MemorySession) throws -> [String] {
            var faults: [String] = []
            if !plain.shown.starts(with: session.shown) { faults.append("other outputs shown") }
            let accepted = session.writer.acceptedSequence
            let last = session.shown.last.flatMap { $0.split(separator: " ").first }
            if let last, UInt64(last) ?? .max > accepted { faults.append("shown, not accepted") }
            if !isDone && session.writer.failure == nil { faults.append("stuck") }
            if isDone {
                if session.shown != plain.shown { faults.append("not all was shown") }
                if try session.canonical() != plain.canonical() { faults.append("other events") }
            }
            let disk = MemoryStorage(session.storage.disk.afterKill())
            disk.fault = { _, _, _ in nil }
            let restarted = try JournalWriter(
                storage: disk, configuration: .batch, canonicalBytes: LogCodec.canonicalBytes)
            if restarted.lastSequence < accepted { faults.append("an accepted event is lost") }
            try restarted.close()
            if restarted.lastSequence > 0 { faults += try MemorySession.faults(disk) }
            return faults
        }
    }

    /// A run without faults.
    private func plain() throws -> MemorySession {
        var owner = try #require(Owner(MemoryStorage()))
        try owner.run()
        #expect(owner.isDone)
        #expect(try owner.faults(owner.session) == [])
        #expect(try owner.session.log().journal.segmentNames().count >= 3)
        return owner.session
    }

    /// Strikes each operation in turn with what `strike` says of the operations since.
    private func sweep(
        _ name: String, always: Bool = false,
        _ strike: @escaping (_ since: Int, _ operation: String, _ file: String) -> Fault?
    ) throws {
        let plain = try plain()
        var points = 0, completed = 0
        for number in 1...10_000 {
            let storage = MemoryStorage()
            var first: Int?
            storage.fault = { count, operation, file in
                guard count >= number else { return nil }
                guard let start = first else {
                    let fault = strike(0, operation, file)
                    if fault != nil || count == number { first = count }
                    return fault
                }
                return strike(count - start, operation, file)
            }
            guard var owner = Owner(storage) else { continue }
            try owner.run()
            guard first != nil else { break }
            points += 1
            if owner.isDone { completed += 1 }
            #expect(!always || owner.isDone, "\(name) at operation \(number)")
            let faults = try owner.faults(plain)
            #expect(faults.isEmpty, "\(name) at operation \(number): \(faults)")
        }
        print("sequencer, \(name): \(points) points, \(completed) runs completed, none lost")
        #expect(points >= 20 && completed > 0)
    }

    @Test func `a full disk at any one operation loses nothing`() throws {
        try sweep("ENOSPC") { since, _, _ in since == 0 ? .error(ENOSPC) : nil }
    }

    @Test func `a write that finds no space is only late`() throws {
        try sweep("ENOSPC on write", always: true) { since, operation, _ in
            since == 0 && operation == "write" ? .error(ENOSPC) : nil
        }
    }

    @Test func `a write error at any one write loses nothing`() throws {
        try sweep("EIO on write") { since, operation, file in
            since == 0 && operation == "write" && file.hasSuffix(".zst") ? .error(EIO) : nil
        }
    }

    @Test func `a torn write loses nothing`() throws {
        try sweep("torn write") { since, operation, _ in
            guard operation == "write" else { return nil }
            return since == 0 ? .short(37) : since == 1 ? .error(EIO) : nil
        }
    }

    @Test func `a successor that finds no space is opened once there is some`() throws {
        try sweep("EIO, then ENOSPC") { since, operation, file in
            guard file.hasSuffix(".zst") else { return nil }
            if since == 0 && operation == "write" { return .error(EIO) }
            return since > 0 && since < 12 && operation == "open" ? .error(ENOSPC) : nil
        }
    }

    @Test func `an open that fails at any one place loses nothing`() throws {
        try sweep("EMFILE on open") { since, operation, _ in
            since == 0 && operation == "open" ? .error(EMFILE) : nil
        }
    }

    @Test func `a sync that fails at any one place loses nothing`() throws {
        try sweep("EIO") { since, _, _ in since == 0 ? .error(EIO) : nil }
    }
}
