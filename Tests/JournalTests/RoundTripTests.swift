import Foundation
import Journal
import MemoryJournal
import Testing

@Suite struct RoundTripTests {
    @Test("what is appended is read back, over close and reopen, on a real disk")
    func roundTrip() throws {
        let folder = TemporaryFolder()
        let storage = FileStorage(directory: folder.path)
        let writer = try JournalWriter.open(storage)
        try writer.append(TestBlocks.checkpoint(1))
        for count in [1, 7, 100, 1_000, 3] { try writer.appendEvents(count) }
        #expect(writer.acceptedSequence == 1_111)
        try writer.close()
        let again = try JournalWriter.open(storage)
        #expect(again.lastSequence == 1_111)
        #expect(again.lastTime == TestBlocks.time(1_111))
        #expect(again.chainHead == writer.chainHead)
        #expect(again.recovery.cuts.isEmpty)
        try again.appendEvents(10)
        let reader = JournalReader(storage: storage)
        #expect(try reader.allSequences() == Array(1...1_121))
        try again.close()
        try reader.verifyAll()
        #expect(folder.names == ["00000000000000000001.zst", "00000000000000001112.zst", "lock"])
    }

    @Test("files are 0600, the folder 0700")
    func modes() throws {
        let folder = TemporaryFolder()
        let writer = try JournalWriter.open(FileStorage(directory: folder.path))
        try writer.appendEvents(1)
        try writer.close()
        func mode(_ path: String) throws -> Int? {
            let values = try FileManager.default.attributesOfItem(atPath: path)
            return (values[.posixPermissions] as? NSNumber)?.intValue
        }
        #expect(try mode(folder.path) == 0o700)
        for name in folder.names { #expect(try mode(folder.path + "/" + name) == 0o600) }
    }

    @Test("zstd -t and zstd -dc accept a sealed segment and give the payloads in order")
    func zstdTool() throws {
        let folder = TemporaryFolder()
        let writer = try JournalWriter.open(FileStorage(directory: folder.path))
        try writer.append(TestBlocks.checkpoint(1))
        for _ in 0..<20 { try writer.appendEvents(50) }
        try writer.close()
        let path = folder.path + "/00000000000000000001.zst"
        #expect(try run("/usr/bin/zstd", "-q", "-t", path).status == 0)
        let plain = try run("/usr/bin/zstd", "-dc", path).output
        var expected = TestBlocks.checkpoint(1).payload
        for number in 0..<20 {
            expected += TestBlocks.events(UInt64(number * 50 + 1), 50).payload
        }
        #expect(Array(plain) == expected)
    }

    @Test("a reader does not disturb a writer, and sees what was accepted")
    func readWhileOpen() throws {
        let storage = MemoryStorage()
        let preallocating = JournalConfiguration(segmentBytes: 8 << 10, preallocationBytes: 4_096)
        let writer = try JournalWriter.open(storage, preallocating)
        for round in 1...200 {
            try writer.appendEvents(3)
            if writer.shouldRoll { try writer.roll() }
            let found = try JournalReader(storage: storage).allSequences()
            #expect(found.count == round * 3)
        }
        #expect(try JournalReader(storage: storage).segmentNames().count > 1)
    }

    @Test("looking at the open segment again reads what is new, not all of it")
    func incremental() throws {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(storage, .init(preallocationBytes: 4_096))
        for _ in 0..<500 { try writer.appendEvents(3) }
        let reader = JournalReader(storage: storage)
        func reads() throws -> Int {
            let before = storage.log["read"] ?? 0
            let buffer = BlockBuffer()
            let newest = try reader.blocks(fromSequence: writer.lastSequence).next(into: buffer)
            #expect(newest?.nextSequence == writer.lastSequence + 1)
            return (storage.log["read"] ?? 0) - before
        }
        let first = try reads()
        try writer.appendEvents(3)
        let second = try reads()
        print("open segment of 500 blocks: \(first) reads at first, \(second) again")
        #expect(first > 500 && second < 20)
        try writer.roll()
        try writer.appendEvents(1)
        #expect(try reads() < 20)
        #expect(try reader.allSequences() == Array(1...1_504))
    }

    @Test("a block that does not fit is refused, and nothing changes")
    func refusals() throws {
        let writer = try JournalWriter.open(MemoryStorage())
        try writer.appendEvents(5)
        let good = TestBlocks.events(6, 2)
        var bad: [Block] = []
        for sequence in [0, 1, 5, 7, UInt64.max] {
            bad.append(good)
            bad[bad.count - 1].firstSequence = sequence
        }
        for count in [0, UInt32(JournalLimits.eventsPerBlockMax + 1), UInt32.max] {
            bad.append(good)
            bad[bad.count - 1].count = count
        }
        bad.append(good)
        bad[bad.count - 1].firstTime = 1
        bad.append(good)
        bad[bad.count - 1].lastTime = good.firstTime - 1
        bad.append(good)
        bad[bad.count - 1].payload = []
        bad.append(good)
        bad[bad.count - 1].payload = [UInt8](repeating: 0, count: JournalLimits.rawBytesMax + 1)
        for cuts in [[0], [32], [5, 5], [9, 8], [-1]] {
            bad.append(good)
            bad[bad.count - 1].cuts = cuts
        }
        for block in bad {
            #expect(throws: JournalError.self) {
                try [UInt8(1)].withUnsafeBytes { try writer.append(block, canonical: $0) }
            }
        }
        #expect(throws: JournalError.self) { try writer.append(good) }
        #expect(writer.lastSequence == 5)
        #expect(writer.segmentBlocks == 1)
        try writer.appendEvents(2)
        #expect(writer.lastSequence == 7)
    }
}

/// Runs a program; returns its exit code and what it printed.
func run(_ path: String, _ arguments: String...) throws -> (status: Int32, output: Data) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, output)
}
