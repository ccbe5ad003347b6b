import MemoryJournal
import Testing

@testable import Journal

/// F.4 at the end of the last segment, which has no successor to say that it was sealed: a
/// damaged seal is told from one that was interrupted.
@Suite struct SealDamageTests {
    private let name = SegmentName.name(firstSequence: 1)

    /// A sealed last segment of `blocks` blocks; its footer begins at `footer`.
    private func sealed(blocks: Int = 4) throws -> (disk: MemoryDisk, index: Int, footer: Int) {
        let storage = MemoryStorage()
        let writer = try JournalWriter.open(storage)
        for count in 1...blocks { try writer.appendEvents(10 + count) }
        try writer.close()
        let reader = try JournalReader(storage: storage).segment(named: name)
        #expect(reader.info.state == .sealed)
        let end = reader.info.bytes - SegmentFormat.footerBytes
        return (storage.disk, reader.index.end, end)
    }

    /// What a reader and a writer say about the damaged disk: where it is corrupt, or nil when
    /// both take it for a torn tail.
    private func damage(_ disk: MemoryDisk) throws -> Int? {
        let listing = try #require(
            try JournalReader(storage: MemoryStorage(disk)).listing().first)
        let copy = disk.afterKill()
        let before = copy.names[name]?.data
        do throws(JournalError) {
            let writer = try JournalWriter.open(MemoryStorage(copy))
            #expect(listing.problem == nil && listing.info?.tornTail != nil)
            #expect(writer.recovery.cuts.count <= 1)
            return nil
        } catch {
            #expect(listing.problem == error)
            #expect(copy.names[name]?.data == before)
            guard case .corrupt(name, let offset, _) = error else { throw error }
            return offset
        }
    }

    @Test("a changed byte in index or footer of the last sealed segment is damage, and located")
    func everyByte() throws {
        let (disk, index, footer) = try sealed()
        let inode = try #require(disk.names[name])
        for offset in index..<inode.data.count {
            let original = inode.data[offset]
            for mask in [0x01, 0x80, 0xFF, original] where mask != 0 {
                inode.data[offset] = original ^ mask
                #expect(
                    try damage(disk) == (offset < footer ? index : footer),
                    "byte \(offset - index) of the end, mask \(mask)")
            }
            inode.data[offset] = original
        }
        print("seal: \(inode.data.count - index) bytes of index and footer, each damage located")
    }

    @Test("bytes behind a footer are damage")
    func appended() throws {
        let (disk, _, footer) = try sealed()
        disk.names[name]?.data += [0, 0, 7]
        #expect(try damage(disk) == footer + SegmentFormat.footerBytes)
    }

    @Test("a seal that was cut to any length is a torn tail")
    func everyLength() throws {
        let (disk, index, _) = try sealed()
        let inode = try #require(disk.names[name])
        while inode.data.count > index + 1 {
            inode.data.removeLast()
            #expect(try damage(disk) == nil, "\(inode.data.count - index) bytes")
        }
    }

    @Test("a footer with sectors that were never written is a torn tail")
    func zeroSectors() throws {
        var straddled = 0
        for blocks in 1...30 {
            let (disk, _, footer) = try sealed(blocks: blocks)
            let inode = try #require(disk.names[name])
            let whole = inode.data
            let edge = (footer / 512 + 1) * 512
            for range in [footer..<min(edge, whole.count), min(edge, whole.count)..<whole.count] {
                if range.isEmpty { continue }
                straddled += edge < whole.count ? 1 : 0
                inode.data = whole
                for byte in range { inode.data[byte] = 0 }
                #expect(try damage(disk) == nil, "\(blocks) blocks, \(range)")
            }
        }
        #expect(straddled > 0)
    }

    @Test("a block over the remains of a seal that failed is a torn tail")
    func blockOverIndex() throws {
        let (disk, index, footer) = try sealed()
        let inode = try #require(disk.names[name])
        // The sector of the index is old, the ones behind it hold parts of a block.
        let block = inode.data[200..<600]
        inode.data = Array(inode.data[..<footer]) + block
        #expect(try damage(disk) == nil)
        inode.data = Array(inode.data[..<index]) + block
        #expect(try damage(disk) == nil)
    }
}
