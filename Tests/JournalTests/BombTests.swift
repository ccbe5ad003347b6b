import Foundation
import MemoryJournal
import Testing

@testable import Journal

/// T.23: files that declare or unpack to far more than they should.
@Suite struct BombTests {
    /// A journal of one open segment that holds `frame` as its only block.
    private func disk(_ frame: [UInt8], rawLength: UInt32) -> MemoryDisk {
        var bytes = SegmentHeader(firstSequence: 1, chainStart: .zero, timeBefore: nil).encoded()
        let checksum = frame.withUnsafeBytes { Checksum.crc32c($0) }
        let header = BlockHeader(
            kind: 1, count: 1, firstSequence: 1, firstTime: 0, lastTime: 0,
            rawLength: Int(rawLength), compressedLength: frame.count, offset: 72, durableEnd: 72,
            chain: .zero, compressedChecksum: checksum)
        var encoded = [UInt8](repeating: 0, count: 112)
        encoded.withUnsafeMutableBytes { header.encode(into: $0) }
        bytes += encoded + frame
        let disk = MemoryDisk()
        let inode = MemoryDisk.Inode()
        inode.data = bytes
        disk.names[SegmentName.name(firstSequence: 1)] = inode
        return disk
    }

    /// A GiB of zeros, packed to about 33 KB; the size is known beforehand or not.
    private func gibibyte(sized: Bool) throws -> [UInt8] {
        let folder = TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path, withIntermediateDirectories: true)
        let file = folder.path + "/bomb.zst"
        let size = sized ? "--stream-size=1073741824" : "--no-content-size"
        let command = "head -c 1073741824 /dev/zero | zstd -q -3 --check \(size) -o \(file)"
        #expect(try run("/bin/sh", "-c", command).status == 0)
        return Array(try Data(contentsOf: URL(fileURLWithPath: file)))
    }

    /// Why the block is refused. The file is read a few times (listing, scan, cut), never more
    /// than it holds.
    private func refusal(_ disk: MemoryDisk) -> Defect? {
        var found: Defect?
        let storage = MemoryStorage(disk)
        let writing = MemoryStorage(disk.afterKill())
        do throws(JournalError) {
            let reader = JournalReader(storage: storage)
            let listing = try reader.verify(segment: SegmentName.name(firstSequence: 1))
            if listing.blocks == 0 { found = listing.info.tornTail }
        } catch {
            guard case .corrupt(_, _, let defect) = error else { return nil }
            found = defect
        }
        #expect((try? JournalWriter.open(writing))?.lastSequence == 0)
        let size = disk.names[SegmentName.name(firstSequence: 1)]?.data.count ?? 0
        #expect(storage.bytesRead <= 8 * size, "\(storage.bytesRead) of \(size)")
        #expect(writing.bytesRead <= 8 * size, "\(writing.bytesRead) of \(size)")
        return found
    }

    /// Memory that reading the block takes for its payload.
    private func memoryTaken(_ disk: MemoryDisk) -> Int {
        let data = disk.names[SegmentName.name(firstSequence: 1)]?.data ?? []
        let buffer = BlockBuffer()
        buffer.prepare(data.count - 72).copyBytes(from: data[72...])
        if let header = try? buffer.checkStored(at: 72) { try? buffer.decode(header) }
        return buffer.payloadCapacity
    }

    @Test("a GiB packed into 33 KB is refused before it is unpacked")
    func gib() throws {
        let sized = try gibibyte(sized: true)
        #expect(sized.count < 200 << 10)
        #expect(refusal(disk(sized, rawLength: 1 << 30)) == .limit("raw length", 1 << 30, 8 << 20))
        #expect(
            refusal(disk(sized, rawLength: 1 << 20)) == .zstd("content size is not the raw length"))
        let unsized = try gibibyte(sized: false)
        #expect(refusal(disk(unsized, rawLength: 1 << 20)) == .zstd("no content size"))
        for (frame, length) in [(sized, 1 << 30), (sized, 1 << 20), (unsized, 1 << 20)] {
            #expect(memoryTaken(disk(frame, rawLength: UInt32(length))) == 0)
        }
    }

    @Test("a sealed sparse GiB that its index calls one block is refused before memory is taken")
    func sparse() throws {
        let folder = TemporaryFolder()
        let storage = FileStorage(directory: folder.path)
        try storage.makeFolder()
        let header = SegmentHeader(firstSequence: 1, chainStart: .zero, timeBefore: nil)
        let block = BlockHeader(
            kind: 1, count: 1, firstSequence: 1, firstTime: 0, lastTime: 0, rawLength: 1,
            compressedLength: 100, offset: 72, durableEnd: 72, chain: .zero,
            compressedChecksum: 0)
        var index = SegmentIndex(header)
        try index.append(BlockEntry(block))
        let frame = index.encoded()
        let end = 1 << 30
        let footer = SegmentFooter(
            indexOffset: end, firstSequence: 1, lastSequence: 1, events: 1, firstTime: 0,
            lastTime: 0, chainEnd: .zero, blocks: 1,
            indexChecksum: frame.withUnsafeBytes { $0.load32($0.count - 4) }, rawBytes: 1)
        let name = SegmentName.name(firstSequence: 1)
        let file = try storage.open(name, .create)
        try file.writeAll(header.encoded(), at: 0)
        try file.writeAll(frame + footer.encoded(), at: end)
        let limit = Defect.limit("block", UInt64(end - 72), UInt64(112 + (8 << 20)))
        #expect(throws: JournalError.corrupt(segment: name, offset: end, defect: limit)) {
            try JournalReader(storage: storage).allSequences()
        }
    }

    @Test("declared sizes and windows beyond the limits are refused by what they declare")
    func declared() {
        func frame(_ descriptor: UInt8, _ rest: [UInt8]) -> [UInt8] {
            [0x28, 0xB5, 0x2F, 0xFD, descriptor] + rest + [UInt8](repeating: 0, count: 20)
        }
        // A window of 2^31: exponent 21 in the window descriptor; content size 4096.
        let window = frame(0b1000_0100, [21 << 3, 0, 16, 0, 0])
        #expect(refusal(disk(window, rawLength: 4_096)) == .limit("zstd window", 1 << 31, 1 << 23))
        let huge = frame(0b1110_0100, [UInt8](repeating: 0xFF, count: 8))
        #expect(refusal(disk(huge, rawLength: 4_096)) == .zstd("content size"))
        let unchecked = frame(0b1010_0000, [0, 16, 0, 0])
        #expect(refusal(disk(unchecked, rawLength: 4_096)) == .zstd("no content checksum"))
        let dictionary = frame(0b1010_0101, [7, 0, 16, 0, 0])
        #expect(refusal(disk(dictionary, rawLength: 4_096)) == .zstd("dictionary"))
        #expect(refusal(disk([0x28], rawLength: 1)) == .zstd("short frame"))
        for frame in [window, huge, unchecked, dictionary] {
            #expect(memoryTaken(disk(frame, rawLength: 4_096)) == 0)
        }
        let garbage = frame(0b1010_0100, [0, 16, 0, 0])
        guard case .zstd? = refusal(disk(garbage, rawLength: 4_096)) else {
            Issue.record("a frame of nonsense was taken")
            return
        }
        #expect(memoryTaken(disk(garbage, rawLength: 4_096)) == 4_096)
    }

    @Test("every descriptor byte and random frames: refused or decoded, never a trap")
    func descriptors() {
        var refused = 0
        let buffer = [UInt8](repeating: 0, count: 64)
        for descriptor in UInt8.min...UInt8.max {
            for fill in [UInt8(0), 1, 0x7F, 0xFF] {
                for length in 5..<24 {
                    var frame = [UInt8](repeating: fill, count: length)
                    frame.replaceSubrange(0..<5, with: [0x28, 0xB5, 0x2F, 0xFD, descriptor])
                    var output = buffer
                    let decoder = ZstdDecoder()
                    let result: Void? = frame.withUnsafeBytes { source in
                        output.withUnsafeMutableBytes { try? decoder.decode(source, into: $0) }
                    }
                    if result == nil { refused += 1 }
                }
            }
        }
        print("zstd frames: \(refused) of \(256 * 4 * 19) refused")
        #expect(refused == 256 * 4 * 19)
    }

    @Test("the input stream hands out a GiB in bounded pieces and refuses windows above 2^27")
    func stream() throws {
        let bomb = try gibibyte(sized: false)
        let stream = ZstdInputStream(pieceBytes: 1 << 16)
        var total = 0, largest = 0
        struct Enough: Error {}
        #expect(throws: Enough.self) {
            try bomb.withUnsafeBytes { bytes in
                try stream.push(bytes) { piece in
                    total += piece.count
                    largest = max(largest, piece.count)
                    if total > 64 << 20 { throw Enough() }
                }
            }
        }
        #expect(largest <= 1 << 16)
        // A window of 2^28: exponent 18.
        let wide: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0b1000_0100, 18 << 3, 0, 16, 0, 0, 0, 0]
        #expect(throws: JournalError.self) {
            try wide.withUnsafeBytes { try ZstdInputStream().push($0) { _ in } }
        }
        let cut = ZstdInputStream()
        try bomb.prefix(100).withUnsafeBytes { try cut.push($0) { _ in } }
        #expect(throws: JournalError.self) { try cut.finish() }
    }
}
