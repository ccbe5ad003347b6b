import Engine
import Glibc
import Journal
import MemoryJournal
import Testing
import Venues

@testable import Server

/// A raw capture gives the events of its run again.
@Suite struct RawTests {
    private func canonical(_ storage: MemoryStorage) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let log = LogReader(
            journal: JournalReader(storage: MemoryStorage(storage.disk.afterKill())))
        try log.forEachBlock(from: 1) { block throws(LogError) in
            CanonicalEvent.append(block, to: &bytes)
            return true
        }
        return bytes
    }

    @Test(arguments: [UInt64(1), 2])
    func `an import of the capture gives the same events, faults and outages included`(
        seed: UInt64
    ) throws {
        let raw = MemoryStorage()
        let world = try VirtualWorld(
            LiveCoreTests.all, seed: seed,
            faults: [.drop: 2, .duplicate: 5, .reorder: 2, .truncate: 1, .wrongSequence: 1],
            rawStorage: raw)
        world.cutsPerMille = 1
        try world.run(seconds: 14)
        world.venues[0].isDown = true
        try world.run(seconds: 8)
        world.venues[0].isDown = false
        try world.run(seconds: 10)
        try world.core.stop(world.now)

        let again = MemoryStorage()
        let importer = RawImport(
            writer: try JournalWriter(
                storage: again, configuration: .batch, canonicalBytes: LogCodec.canonicalBytes))
        try importer.run(JournalReader(storage: MemoryStorage(raw.disk.afterKill())))
        #expect(importer.sequence == world.core.sequencer.sequence)
        #expect(try canonical(again) == canonical(world.storage))
        #expect(try MemorySession.faults(again) == [])
        print("raw \(seed): \(importer.records) records, \(importer.sequence) events again")
    }

    @Test func `a capture whose disk fails goes on in a segment of its own`() throws {
        let raw = MemoryStorage()
        let world = try VirtualWorld(LiveCoreTests.two, seed: 3, rawStorage: raw)
        try world.run(seconds: 5)
        var failures = 0
        raw.fault = { _, operation, _ in
            guard operation == "write", failures < 2 else { return nil }
            failures += 1
            // The second one hits the segment that is to replace the damaged one.
            return .error(failures == 1 ? EIO : ENOSPC)
        }
        try world.run(seconds: 10)
        #expect(failures == 2)
        try world.core.stop(world.now)
        let again = MemoryStorage()
        let importer = RawImport(
            writer: try JournalWriter(
                storage: again, configuration: .batch, canonicalBytes: LogCodec.canonicalBytes))
        try importer.run(JournalReader(storage: MemoryStorage(raw.disk.afterKill())))
        #expect(try canonical(again) == canonical(world.storage))
    }

    @Test func `every record is read as it was written`() throws {
        let records: [RawRecord] = [
            .begin(head: [1, 2, 3]), .line(3, service: Array("okx".utf8), name: [0x23]),
            .tick(before: 7), .changed(1, .up, at: 8), .message(1, [], at: 9),
            .answer(2, path: [0x2f], [0x7b, 0x7d], at: 10), .resync(2, symbol: [0x42], at: 11),
            .clockStep(-5, at: 12), .part([9]), .lost(2, symbol: [0x42], at: 13),
        ]
        var writer = ByteWriter()
        for record in records { record.encode(to: &writer) }
        let bytes = writer.bytes
        try bytes.withUnsafeBytes { bytes in
            var position = 0
            for record in records {
                let read = try RawRecord(bytes, &position)
                #expect(read == record)
            }
            #expect(position == bytes.count)
            for end in 0..<bytes.count {
                var position = 0
                let cut = UnsafeRawBufferPointer(rebasing: bytes[..<end])
                #expect(throws: CodecError.self) {
                    while true { _ = try RawRecord(cut, &position) }
                }
            }
        }
    }

    @Test func `a message longer than a record is kept in parts`() throws {
        let raw = MemoryStorage()
        let writer = RawWriter(
            writer: try JournalWriter(
                storage: raw, configuration: .batch, canonicalBytes: RawLog.canonicalBytes))
        let long = (0..<(RawRecord.bytesMax * 4 + 5)).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        writer.append(.message(4, long, at: 1))
        try writer.close()
        var joined: [UInt8] = []
        let cursor = try JournalReader(storage: raw).blocks(
            fromSequence: 1, includingDerived: false)
        let buffer = BlockBuffer()
        while try cursor.next(into: buffer) != nil {
            try RawLog.forEachRecord(buffer.payload) { record in
                switch record {
                case .part(let bytes), .message(4, let bytes, at: 1): joined += bytes
                default: Issue.record("another record: \(record)")
                }
            }
        }
        #expect(joined == long)
    }
}
