import Journal
import MemoryJournal
import TestSupport
import Testing

/// T.4: power cuts at every operation of a writer, in every way the disk model knows.
@Suite struct PowerCutTests {
    /// A record that was written: where, and what the journal's end is once it is there.
    struct Record {
        var segment: String
        var offset: Int
        var bytes: [UInt8]
        var lastSequence: UInt64
        var chain: ChainValue
    }

    private func write(
        _ storage: MemoryStorage, _ policy: SyncPolicy, _ seed: UInt64,
        _ opened: (JournalWriter) -> Void
    ) throws {
        var random = SeededRandom(seed: seed)
        let configuration = JournalConfiguration(
            syncPolicy: policy, segmentBytes: 6 << 10,
            preallocationBytes: seed % 3 == 0 ? 0 : 3 << 10)
        let writer = try JournalWriter.open(storage, configuration)
        opened(writer)
        for _ in 0..<40 {
            if writer.segmentEvents == 0 {
                try writer.append(TestBlocks.checkpoint(writer.lastSequence + 1, bytes: 300))
            }
            storage.nowNanos += UInt64.random(in: 1...40, using: &random)
            try writer.appendEvents(Int.random(in: 1...60, using: &random))
            if writer.shouldRoll { try writer.roll() }
        }
        try writer.close()
    }

    private func records(_ storage: MemoryStorage) throws -> [Record] {
        let reader = JournalReader(storage: storage)
        let buffer = BlockBuffer()
        let cursor = try reader.allBlocks()
        var records: [Record] = []
        while let header = try cursor.next(into: buffer) {
            records.append(
                Record(
                    segment: cursor.segmentName ?? "", offset: header.offset,
                    bytes: Array(buffer.stored), lastSequence: header.nextSequence - 1,
                    chain: header.chain))
        }
        return records
    }

    /// The end of the longest intact prefix, found by comparing bytes.
    private func intactEnd(_ disk: MemoryDisk, _ records: [Record], _ headers: [String: [UInt8]])
        -> (UInt64, ChainValue)
    {
        var end = (UInt64(0), ChainValue.zero)
        for record in records {
            guard let data = disk.names[record.segment]?.data,
                data.count >= record.offset + record.bytes.count,
                Array(data[..<72]) == headers[record.segment],
                data[record.offset...].starts(with: record.bytes)
            else { return end }
            end = (record.lastSequence, record.chain)
        }
        return end
    }

    @Test(
        "what is recovered is the longest intact prefix; nothing durable is lost",
        arguments: [
            SyncPolicy.group(intervalNanos: 100), .always, .os,
        ])
    func states(policy: SyncPolicy) throws {
        var states = 0, torn = 0, again = 0, lostAccepted = 0
        let seeds = UInt64(Scale.states(13))
        for seed in 0..<seeds {
            let plain = MemoryStorage()
            try write(plain, policy, seed) { _ in }
            let records = try records(plain)
            let headers = plain.disk.names.mapValues { Array($0.data.prefix(72)) }
            var random = SeededRandom(seed: seed + 1_000)
            let storage = MemoryStorage()
            var writer: JournalWriter?
            storage.fault = { _, operation, _ in
                if ["read", "fstat", "list", "flock"].contains(operation) { return nil }
                for _ in 0..<6 {
                    let disk = storage.disk.afterPowerCut(&random)
                    let expected = intactEnd(disk, records, headers)
                    states += 1
                    #expect(expected.0 >= writer?.durableSequence ?? 0)
                    if expected.0 < writer?.acceptedSequence ?? 0 { lostAccepted += 1 }
                    if random.next() % 8 == 0 {
                        cutDuringRecovery(disk, expected, &random)
                        again += 1
                    } else if recover(disk, expected) {
                        torn += 1
                    }
                }
                return nil
            }
            try write(storage, policy, seed) { writer = $0 }
            storage.fault = { _, _, _ in nil }
        }
        print(
            "power cuts, \(policy): \(states) states, \(torn) with a torn tail,",
            "\(lostAccepted) lost accepted events, \(again) cut again during recovery")
        #expect(torn > 0 && lostAccepted > 0)
    }

    @Test("negative control: on a disk that lies about syncing, a loss is found")
    func lyingDisk() throws {
        var states = 0, lost = 0
        let plain = MemoryStorage()
        try write(plain, .always, 1) { _ in }
        let records = try records(plain)
        let headers = plain.disk.names.mapValues { Array($0.data.prefix(72)) }
        let storage = MemoryStorage()
        storage.syncLies = true
        var random = SeededRandom(seed: 3)
        var writer: JournalWriter?
        storage.fault = { _, operation, _ in
            guard operation == "write" else { return nil }
            for _ in 0..<4 {
                states += 1
                let end = intactEnd(storage.disk.afterPowerCut(&random), records, headers)
                if end.0 < writer?.durableSequence ?? 0 { lost += 1 }
            }
            return nil
        }
        try write(storage, .always, 1) { writer = $0 }
        storage.fault = { _, _, _ in nil }
        print("lying disk: \(lost) of \(states) states lost what was called durable")
        #expect(lost > states / 4)
    }

    /// Recovers a disk and checks the end; returns whether something was cut.
    @discardableResult
    private func recover(_ disk: MemoryDisk, _ expected: (UInt64, ChainValue)) -> Bool {
        do {
            let storage = MemoryStorage(disk)
            let writer = try JournalWriter.open(storage)
            #expect(writer.lastSequence == expected.0)
            #expect(writer.chainHead == expected.1)
            if expected.0 % 5 == 0 {
                try writer.appendEvents(3)
                try writer.close()
                let reader = JournalReader(storage: storage)
                #expect(try reader.allSequences() == Array(1...(expected.0 + 3)))
                try reader.verifyAll()
            }
            return !writer.recovery.cuts.isEmpty
        } catch {
            let sizes = disk.names.mapValues { $0.data.count }.sorted { $0.key < $1.key }
            Issue.record("recovery failed: \(error), expected \(expected.0), \(sizes)")
            return false
        }
    }

    private func cutDuringRecovery(
        _ disk: MemoryDisk, _ expected: (UInt64, ChainValue), _ random: inout SeededRandom
    ) {
        let storage = MemoryStorage(disk)
        let stop = Int.random(in: 1..<60, using: &random)
        storage.fault = { number, _, _ in number >= stop ? .error(5) : nil }
        _ = try? JournalWriter.open(storage)
        recover(disk.afterPowerCut(&random), expected)
    }
}
