import Foundation
import MemoryJournal
import Testing

@testable import Journal

/// `fixtures/journals/v1-opaque`: two sealed segments with checkpoints, and an open one with a
/// torn tail, written by format version 1. Readable for ever.
@Suite struct GoldenTests {
    private var folder: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("fixtures/journals/v1-opaque")
    }

    private func disk() throws -> MemoryDisk {
        let disk = MemoryDisk()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        for name in names where name.hasSuffix(".zst") {
            let inode = MemoryDisk.Inode()
            inode.data = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
            disk.names[name] = inode
        }
        return disk
    }

    /// Writes the fixture; only on purpose, with `JOURNAL_RERECORD=1`.
    private func record() throws {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(
            storage, .init(syncPolicy: .always, preallocationBytes: 0))
        for _ in 0..<2 {
            for part in 0..<2 {
                try writer.append(
                    TestBlocks.checkpoint(writer.lastSequence + 1, part: UInt8(part), bytes: 40))
            }
            for count in [1, 30, 7] { try writer.appendEvents(count) }
            try writer.roll()
        }
        for count in [5, 6, 7] { try writer.appendEvents(count) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, inode) in storage.disk.names where name != "lock" {
            var data = inode.data
            if name == writer.segmentName { data.removeLast(20) }
            try Data(data).write(to: folder.appendingPathComponent(name))
        }
    }

    @Test("the golden journal of version 1 is read, verified and recovered")
    func golden() throws {
        if ProcessInfo.processInfo.environment["JOURNAL_RERECORD"] == "1" { try record() }
        let disk = try disk()
        let reader = JournalReader(storage: MemoryStorage(disk))
        let lines = try reader.listing().map { item in
            let info = try #require(item.info)
            return "\(info.name) \(info.state) \(info.firstSequence)...\(info.lastSequence) "
                + "\(info.blocks) blocks \(info.chainEnd.description.prefix(16)) "
                + (info.tornTail.map { "\($0)" } ?? "whole")
        }
        #expect(
            lines == [
                "00000000000000000001.zst sealed 1...38 5 blocks \(Self.chains[0]) whole",
                "00000000000000000039.zst sealed 39...76 5 blocks \(Self.chains[1]) whole",
                "00000000000000000077.zst open 77...87 2 blocks \(Self.chains[2]) short",
            ])
        for name in try reader.segmentNames() {
            _ = try reader.verify(segment: name, canonicalBytes: TestBlocks.canonical)
        }
        #expect(try reader.allSequences() == Array(1...87))
        let writer = try JournalWriter.open(MemoryStorage(disk))
        #expect(writer.lastSequence == 87)
        #expect(writer.recovery.cuts.count == 1)
    }

    private static let chains = [
        "148770d858aae0aa", "0e87a0260d7715ec", "4bb0715159e8b8c3",
    ]

    @Test("a reader written from the format page alone agrees")
    func independentReader() throws {
        let golden = try run("/usr/bin/env", "python3", tool, folder.path)
        #expect(golden.status == 2)
        let lines = String(decoding: golden.output, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 15)
        let last = "00000000000000000077.zst open events 11 blocks 2 torn payload checksum"
        #expect(lines.last.map(String.init) == last)
        let cursor = try JournalReader(storage: MemoryStorage(try disk())).allBlocks()
        let buffer = BlockBuffer()
        var expected: [String] = []
        while let header = try cursor.next(into: buffer) {
            expected.append(
                "\(cursor.segmentName ?? "") \(header.offset) kind \(header.kind) "
                    + "first \(header.firstSequence) count \(header.count) raw \(header.rawLength) "
                    + "zstd \(header.compressedLength) chain \(header.chain)")
        }
        #expect(lines.filter { $0.contains(" kind ") }.map(String.init) == expected)
        let copy = TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: (copy.path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: folder.path, toPath: copy.path)
        let broken = copy.path + "/00000000000000000039.zst"
        var data = try Data(contentsOf: URL(fileURLWithPath: broken))
        data[300] ^= 1
        try data.write(to: URL(fileURLWithPath: broken))
        #expect(try run("/usr/bin/env", "python3", tool, copy.path).status == 3)
    }

    /// The independent reader's exit code for a journal.
    private func examine(_ disk: MemoryDisk) throws -> Int32 {
        let copy = TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: copy.path, withIntermediateDirectories: true)
        for (name, inode) in disk.names where name != "lock" {
            try Data(inode.data).write(to: URL(fileURLWithPath: "\(copy.path)/\(name)"))
        }
        return try run("/usr/bin/env", "python3", tool, copy.path).status
    }

    private var tool: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("tools/read_journal.py").path
    }

    /// A journal whose first segment, events 1 ... 10, was abandoned; the second one is open.
    private func abandoned() throws -> MemoryDisk {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(
            storage, .init(syncPolicy: .always, preallocationBytes: 0))
        for _ in 0..<2 { try writer.appendEvents(5) }
        var struck = 0
        storage.fault = { _, operation, _ in
            guard operation == "write" && struck < 2 else { return nil }
            struck += 1
            return struck == 1 ? .short(60) : .error(5)
        }
        #expect(throws: JournalError.self) { try writer.appendEvents(5) }
        for _ in 0..<2 { try writer.appendEvents(5) }
        return storage.disk.afterKill()
    }

    @Test("the independent reader knows abandoned, lost, unmade and newer segments")
    func independentRules() throws {
        let first = SegmentName.name(firstSequence: 1)
        let second = SegmentName.name(firstSequence: 11)
        func forge(_ disk: MemoryDisk, _ offset: Int, _ value: UInt8) throws {
            let inode = try #require(disk.names[second])
            inode.data[offset] = value
            inode.data.withUnsafeMutableBytes {
                UnsafeMutableRawBufferPointer(rebasing: $0[0..<72]).storeTrailingChecksum()
            }
        }
        let whole = try abandoned()
        #expect(try examine(whole) == 0)
        let torn = try abandoned()
        torn.names[first]?.data += [1, 2, 3]
        #expect(try examine(torn) == 0)
        let unflagged = try abandoned()
        try forge(unflagged, 14, 0)
        #expect(try examine(unflagged) == 3)
        let newer = try abandoned()
        try forge(newer, 12, 2)
        #expect(try examine(newer) == 4)
        let lost = try abandoned()
        lost.names[second]?.data[80] ^= 1
        #expect(try examine(lost) == 3)
        for bytes in [0, 40, 72] {
            let unmade = try abandoned()
            unmade.names[second]?.data = [UInt8](repeating: 0, count: bytes)
            #expect(try examine(unmade) == 0)
            let reader = JournalReader(storage: MemoryStorage(unmade))
            #expect(try reader.allSequences() == Array(1...10))
        }
        for disk in [unflagged, newer, lost] {
            let reader = JournalReader(storage: MemoryStorage(disk))
            #expect(throws: JournalError.self) { try reader.allSequences() }
        }
    }
}
