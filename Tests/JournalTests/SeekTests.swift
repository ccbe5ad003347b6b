import Journal
import MemoryJournal
import Testing

@Suite struct SeekTests {
    private func journal(sealed: Bool) throws -> (MemoryStorage, JournalWriter) {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(storage)
        try writer.append(TestBlocks.checkpoint(1))
        while writer.lastSequence < 2_000 {
            try writer.appendEvents(1 + Int(writer.lastSequence % 23))
            if writer.segmentBlocks % 5 == 0 {
                try writer.append(TestBlocks.checkpoint(writer.lastSequence + 1, part: 0))
                try writer.append(TestBlocks.checkpoint(writer.lastSequence + 1, part: 1))
            }
            if writer.shouldRoll { try writer.roll() }
        }
        if sealed { try writer.close() }
        return (storage, writer)
    }

    @Test("every sequence and every time is found, sealed and open", arguments: [true, false])
    func seek(sealed: Bool) throws {
        let (storage, writer) = try journal(sealed: sealed)
        let reader = JournalReader(storage: storage)
        let buffer = BlockBuffer()
        var checked = 0
        for sequence in stride(from: 1, through: writer.lastSequence, by: Scale.isDebug ? 7 : 1) {
            let bySequence = try reader.blocks(fromSequence: sequence).next(into: buffer)
            let first = try #require(bySequence)
            #expect(first.firstSequence <= sequence && sequence < first.nextSequence)
            let time = TestBlocks.time(sequence)
            for moment in [time, time - 999_999] {
                let byTime = try reader.blocks(fromTime: moment).next(into: buffer)
                #expect(byTime?.firstSequence == first.firstSequence)
            }
            checked += 1
        }
        let end = writer.lastSequence + 1
        #expect(try reader.blocks(fromSequence: end).next(into: buffer)?.isDerived != false)
        #expect(throws: JournalError.beyondEnd(lastSequence: writer.lastSequence)) {
            try reader.blocks(fromSequence: end + 1)
        }
        #expect(throws: JournalError.truncated(oldest: 1)) { try reader.blocks(fromSequence: 0) }
        let after = try reader.blocks(fromTime: TestBlocks.time(end))
        #expect(try after.next(into: buffer) == nil)
        print("seek: \(checked) sequences, sealed \(sealed)")
    }

    @Test("the newest checkpoint at or before a sequence is found, as a run of parts")
    func newestRun() throws {
        let (storage, writer) = try journal(sealed: false)
        let reader = JournalReader(storage: storage)
        let buffer = BlockBuffer()
        var all: Set<UInt64> = [1]
        let cursor = try reader.blocks(fromSequence: 1)
        while let header = try cursor.next(into: buffer) {
            if header.isDerived { all.insert(header.firstSequence) }
        }
        let ordered = all.sorted()
        for sequence in stride(from: UInt64(1), through: writer.lastSequence + 1, by: 13) {
            let found = try reader.newestRun(
                ofKind: TestBlocks.checkpointKind, atOrBefore: sequence)
            let run = try #require(found)
            #expect(run.nextSequence == ordered.last { $0 <= sequence })
            for (part, entry) in run.entries.enumerated() {
                let header = try run.segment.read(entry, into: buffer)
                #expect(header.firstSequence == run.nextSequence)
                #expect(buffer.payload[0] == UInt8(part))
            }
        }
        #expect(try reader.newestRun(ofKind: 9, atOrBefore: 100) == nil)
    }

    @Test("stored ranges are block-aligned bytes that zstd decodes to the same events")
    func storedRanges() throws {
        let (storage, _) = try journal(sealed: true)
        let reader = JournalReader(storage: storage)
        for (first, last) in [(UInt64(1), UInt64(1)), (5, 900), (700, 1_400), (1, 99_999)] {
            let ranges = try reader.storedRanges(of: first...last)
            let start = try #require(ranges.first), end = try #require(ranges.last)
            #expect(start.firstSequence <= first && end.lastSequence >= min(last, 2_000))
            for (before, after) in zip(ranges, ranges.dropFirst()) {
                #expect(before.lastSequence + 1 == after.firstSequence)
            }
            for range in ranges {
                var stored: [UInt8] = []
                try reader.readStored(range, into: &stored)
                var plain: [UInt8] = []
                let stream = ZstdInputStream(pieceBytes: 1_000)
                try stored.withUnsafeBytes { bytes in
                    try stream.push(bytes) { plain += $0 }
                }
                try stream.finish()
                let events = TestBlocks.events(
                    range.firstSequence, Int(range.lastSequence - range.firstSequence) + 1)
                #expect(plain.count >= events.payload.count)
                #expect(Array(plain.prefix(16)) == Array(events.payload.prefix(16)))
            }
        }
    }

    @Test("reading on in steady state allocates no new memory for blocks")
    func reuse() throws {
        let (storage, _) = try journal(sealed: true)
        let buffer = BlockBuffer()
        func pass() throws -> (UnsafeRawPointer?, UnsafeRawPointer?) {
            let cursor = try JournalReader(storage: storage).blocks(fromSequence: 1)
            while try cursor.next(into: buffer) != nil {}
            return (buffer.stored.baseAddress, buffer.payload.baseAddress)
        }
        let first = try pass()
        let second = try pass()
        #expect(first.0 == second.0)
        #expect(first.1 == second.1)
    }
}
