import Engine
import Journal
import MemoryJournal
import TestSupport
import Testing

@testable import Server

/// A sequencer goes on with a journal whatever its writer died of: nothing accepted is lost, and
/// what stands there afterwards is proved by the fold.
@Suite struct ResumeTests {
    /// A run that is killed: the disk at every operation, with the last event accepted by then.
    private struct Killed {
        let disk: MemoryDisk
        let accepted: UInt64
    }

    private static var policy: SequencerPolicy {
        var policy = SequencerPolicy()
        policy.eventsPerBlock = 3
        policy.nanosPerCheckpoint = 1_000_000_000
        return policy
    }

    private static let journal = JournalConfiguration(
        syncPolicy: .group(intervalNanos: 25), segmentAgeNanos: 2_000_000_000,
        preallocationBytes: 1 << 10)

    /// Runs a session of some seconds and keeps the disk before each operation.
    private func killedRuns() throws -> [Killed] {
        let storage = MemoryStorage()
        var runs: [Killed] = []
        let session = try MemorySession(
            storage, policy: Self.policy, configuration: Self.journal)
        storage.fault = { _, _, _ in
            runs.append(
                Killed(
                    disk: storage.disk.afterKill(), accepted: session.writer.acceptedSequence))
            return nil
        }
        try session.begin()
        for tick in 1...12 as ClosedRange<Int64> {
            for _ in 0..<2 { try session.message() }
            storage.nowNanos += 10
            try session.tick(tick)
            try session.sequencer.flush()
        }
        try session.sequencer.close()
        storage.fault = { _, _, _ in nil }
        return runs + [Killed(disk: storage.disk, accepted: session.writer.lastSequence)]
    }

    private func canonical(_ disk: MemoryDisk, upTo last: UInt64) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let log = LogReader(journal: JournalReader(storage: MemoryStorage(disk.afterKill())))
        try log.forEachBlock(from: 1) { block throws(LogError) in
            for index in 0..<block.count where block.sequence(at: index) <= last {
                var one = EventBlock()
                one.firstSequence = block.sequence(at: index)
                one.append(copyOf: block, at: index)
                CanonicalEvent.append(one, to: &bytes)
            }
            return true
        }
        return bytes
    }

    /// Opens the journal again at `time` and records some more.
    private func goOn(
        _ storage: MemoryStorage, at time: Int64,
        _ configuration: EngineConfiguration = EngineConfiguration()
    ) throws -> UInt64 {
        let writer = try JournalWriter(
            storage: storage, configuration: Self.journal, canonicalBytes: LogCodec.canonicalBytes)
        let found = writer.lastSequence
        let sequencer: Sequencer
        if found == 0 {
            sequencer = Sequencer(writer: writer, policy: Self.policy)
            try sequencer.begin(source: .recording, configuration: configuration, at: time)
        } else {
            let log = LogReader(journal: JournalReader(storage: storage))
            sequencer = Sequencer(writer: writer, after: try log.end(), policy: Self.policy)
            try sequencer.resume(source: .recording, configuration: configuration, at: time)
        }
        for number in 0..<6 as Range<Int64> {
            let now = time + number * 400_000_000
            try sequencer.tick(before: now)
            try sequencer.receive { MemorySession.append(number, at: now, to: &$0) }
            try sequencer.flush()
        }
        try sequencer.close()
        return found
    }

    @Test func `after a kill at any operation the log goes on and is proved`() throws {
        let runs = try killedRuns()
        var resumed = 0
        for (number, run) in runs.enumerated() {
            let before = try canonical(run.disk, upTo: run.accepted)
            let storage = MemoryStorage(run.disk.afterKill())
            let found = try goOn(storage, at: MemorySession.start + 7_100_000_000)
            #expect(found >= run.accepted, "kill at operation \(number)")
            #expect(try canonical(storage.disk, upTo: run.accepted) == before)
            #expect(try MemorySession.faults(storage) == [], "kill at operation \(number)")
            if found > 0 { resumed += 1 }
        }
        print("resumed \(resumed) of \(runs.count) killed runs, every log proved")
        #expect(resumed > 60)
    }

    @Test func `a log that was resumed twice is proved as one`() throws {
        let run = try #require(try killedRuns().dropLast(9).last)
        let storage = MemoryStorage(run.disk.afterKill())
        for life in 1...3 as ClosedRange<Int64> {
            _ = try goOn(storage, at: MemorySession.start + life * 20_000_000_000)
        }
        #expect(try MemorySession.faults(storage) == [])
    }

    @Test func `resuming empties every book that the last run left open`() throws {
        let storage = MemoryStorage()
        let session = try MemorySession(storage, configuration: Self.journal)
        try session.begin()
        try session.sequencer.receive { block in
            block.append(
                .venueStatus(
                    VenueStatus(.connection(0, .binance, name: Array("b.1".utf8), .up))),
                receivedAt: MemorySession.start)
        }
        try session.message()
        try session.sequencer.flush()
        let disk = storage.disk.afterKill()
        let again = MemoryStorage(disk)
        let writer = try JournalWriter(
            storage: again, configuration: Self.journal, canonicalBytes: LogCodec.canonicalBytes)
        let log = LogReader(journal: JournalReader(storage: again))
        let sequencer = Sequencer(writer: writer, after: try log.end())
        let key = BookKey(instrument: 0, connection: 0)
        #expect(sequencer.withEngine { $0.bookSummary(key)?.validity } == .live)
        try sequencer.resume(
            source: .recording, configuration: EngineConfiguration(),
            at: MemorySession.start + 1_000_000)
        #expect(sequencer.withEngine { $0.bookSummary(key)?.validity } == .empty)
        #expect(sequencer.withEngine { $0.openConnections.count } == 0)
    }

    @Test func `a changed configuration is in force from the resumption on`() throws {
        let run = try #require(try killedRuns().last)
        let storage = MemoryStorage(run.disk.afterKill())
        var changed = EngineConfiguration()
        changed.tickHz = 4
        changed.windowsBps = [25, 50]
        _ = try goOn(storage, at: MemorySession.start + 30_000_000_000, changed)
        #expect(try MemorySession.faults(storage) == [])
        let log = LogReader(journal: JournalReader(storage: storage))
        let end = try log.end()
        #expect(end.engine.configuration == changed)
    }
}
