/// Tells a seal that was whole and is damaged from one that was interrupted, in a last segment
/// whose end is no intact footer.
///
/// Sealing cuts the file at the last block, writes the index, syncs, then writes the footer; and
/// all that index and footer say follows from the blocks. So behind an intact index there is
/// nothing, or a footer that is known to the bit, of which an interrupted write leaves a
/// beginning, or sectors, and zeros. Any other remains of a footer are damage.
struct DamagedSeal {
    var offset: Int
    var defect: Defect

    /// Looks behind the blocks of `index`; nil when nothing there says that there was a whole
    /// footer. The blocks are intact.
    static func find(_ file: SegmentFile, _ index: SegmentIndex)
        throws(JournalError) -> DamagedSeal?
    {
        guard index.eventCount > 0 else { return nil }
        let frame = index.encoded()
        let start = index.end + frame.count
        guard Array(try file.read(index.end..<start)) == frame else { return nil }
        let whole = try footer(file, index, frame).encoded()
        // One byte more, to see what comes behind it.
        let found = Array(try file.read(start..<(start + whole.count + 1)))
        if found.starts(with: whole) {
            guard found.count > whole.count else { return nil }
            return DamagedSeal(offset: start + whole.count, defect: .trailing)
        }
        guard found.count == whole.count, isFooter(found, like: whole),
            !isTorn(found, of: whole, at: start)
        else { return nil }
        return DamagedSeal(offset: start, defect: defect(of: found, at: start))
    }

    /// The footer that belongs to these blocks.
    private static func footer(_ file: SegmentFile, _ index: SegmentIndex, _ frame: [UInt8])
        throws(JournalError) -> SegmentFooter
    {
        let buffer = BlockBuffer()
        var rawBytes: UInt64 = 0
        var chain = ChainValue.zero
        for entry in index.entries {
            let block = try file.readBlock(entry, into: buffer)
            rawBytes += UInt64(block.rawLength)
            chain = block.chain
        }
        return SegmentFooter(index, frame, chain: chain, rawBytes: rawBytes)
    }

    /// Whether bytes are what is left of `whole`: its first twelve bytes or its chain value are
    /// there. No block that was written over the remains of a failed seal has them.
    private static func isFooter(_ found: [UInt8], like whole: [UInt8]) -> Bool {
        [0..<12, 64..<96].contains { found[$0] == whole[$0] }
    }

    /// Whether every sector holds what belongs there, or zeros.
    private static func isTorn(_ found: [UInt8], of whole: [UInt8], at start: Int) -> Bool {
        var lower = 0
        while lower < whole.count {
            let sector = (start + lower) / sectorBytes + 1
            let upper = min(whole.count, sector * sectorBytes - start)
            let piece = found[lower..<upper]
            if piece != whole[lower..<upper] && piece.contains(where: { $0 != 0 }) { return false }
            lower = upper
        }
        return true
    }

    /// What a disk writes whole, or not at all.
    private static let sectorBytes = 512

    private static func defect(of found: [UInt8], at start: Int) -> Defect {
        found.withUnsafeBytes { bytes in
            do throws(DefectError) {
                _ = try SegmentFooter.parse(bytes, fileSize: start + bytes.count)
            } catch { return error.defect }
            return .index("footer")
        }
    }
}
