import MemoryJournal
import Testing

@testable import Journal

/// Headers, index and footer with wrong fields and right CRCs: what a bug or a forger makes.
@Suite struct ForgeryTests {
    private let name = SegmentName.name(firstSequence: 1)

    private func sealed() throws -> MemoryDisk {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(storage)
        try writer.append(TestBlocks.checkpoint(1))
        for count in [3, 4, 5] { try writer.appendEvents(count) }
        try writer.close()
        return storage.disk.afterKill()
    }

    /// Overwrites bytes of a frame and gives the frame its right CRC again; a changed index also
    /// gets the footer that goes with it.
    private func forge(_ data: inout [UInt8], _ frame: Range<Int>, _ offset: Int, _ new: [UInt8]) {
        data.withUnsafeMutableBytes { bytes in
            for (number, byte) in new.enumerated() { bytes[offset + number] = byte }
            let part = UnsafeMutableRawBufferPointer(rebasing: bytes[frame])
            part.storeTrailingChecksum()
            let footer = UnsafeMutableRawBufferPointer(rebasing: bytes[(bytes.count - 120)...])
            if frame.upperBound == bytes.count - 120 {
                let checksum = UnsafeRawBufferPointer(part).load32(part.count - 4)
                footer.store32(checksum, 100)
                footer.storeTrailingChecksum()
            }
        }
    }

    @Test(
        "a forged field is refused, or changes nothing that is read; never a trap",
        arguments: [true, false])
    func fields(isSealed: Bool) throws {
        let disk = try sealed()
        let inode = try #require(disk.names[name])
        let reader = JournalReader(storage: MemoryStorage(disk))
        let blocks = try reader.segment(named: name).entries
        let indexStart = try #require(blocks.last).end
        var frames = [0..<72] + blocks.map { $0.offset..<($0.offset + 112) }
        if isSealed {
            frames += [indexStart..<(inode.data.count - 120)]
            frames += [(inode.data.count - 120)..<inode.data.count]
        } else {
            inode.data.removeLast(inode.data.count - indexStart)
        }
        let whole = inode.data
        let events = try reader.allSequences()
        var forged = 0, refused = 0
        for frame in frames {
            for offset in frame.dropLast(4) {
                for new in [
                    [0], [1], [0x7F], [0xFF], [0xFF, 0xFF], Array(repeating: 0xFF, count: 4),
                    Array(repeating: 0xFF, count: 8), Array(repeating: 0, count: 8),
                ] as [[UInt8]] where offset + new.count <= frame.upperBound - 4 {
                    inode.data = whole
                    forge(&inode.data, frame, offset, new)
                    if inode.data == whole { continue }
                    forged += 1
                    guard
                        (try? reader.verify(segment: name, canonicalBytes: TestBlocks.canonical))
                            != nil, let read = try? reader.allSequences()
                    else {
                        refused += 1
                        continue
                    }
                    #expect(events.starts(with: read), "\(offset) \(new)")
                    _ = try? JournalWriter.open(MemoryStorage(disk.afterKill()))
                }
            }
        }
        print("forged, sealed \(isSealed): \(forged) forged fields, \(refused) refused")
        #expect(refused > forged / 2)
    }
}
