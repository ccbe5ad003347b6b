/// What a verified segment holds.
public struct VerifiedSegment: Hashable, Sendable {
    /// The segment as its header, blocks and footer describe it.
    public var info: SegmentInfo
    /// Blocks that were decoded.
    public var blocks: Int
    /// Sum of their payload lengths, in bytes.
    public var rawBytes: UInt64
    /// Whether the chain was derived anew from the events.
    public var chainDerived: Bool
}

extension JournalReader {
    /// Reads every byte of a segment and checks all of it: CRCs, zstd checksums, order, index,
    /// footer, and with `canonicalBytes` also every chain value
    /// and what each header says of its events.
    /// - Throws: `corrupt` with the offset of the first bad block; `noSegment`, `io`.
    public func verify(segment name: String, canonicalBytes: CanonicalBytes? = nil)
        throws(JournalError) -> VerifiedSegment
    {
        let segment = try segment(named: name)
        let unused: CanonicalBytes = { _, _ in
            EventFacts(count: 0, firstSequence: 0, firstTime: 0, lastTime: 0)
        }
        return try withoutActuallyEscaping(canonicalBytes ?? unused) {
            canonical throws(JournalError) in
            let replay = ChainReplay(startingFrom: segment.header.chainStart, canonical)
            replay.trustsEvents = canonicalBytes == nil
            let buffer = BlockBuffer()
            for entry in segment.entries {
                let header = try segment.read(entry, into: buffer)
                try segment.file.checking(entry.offset) { () throws(DefectError) in
                    try replay.visit(header, buffer)
                }
            }
            try segment.checkEnd()
            try segment.checkTotals(replay)
            return VerifiedSegment(
                info: segment.info, blocks: replay.blocks, rawBytes: replay.rawBytes,
                chainDerived: canonicalBytes != nil)
        }
    }
}

extension SegmentReader {
    /// Compares the footer's sums with those of the blocks.
    func checkTotals(_ replay: ChainReplay) throws(JournalError) {
        guard let footer else { return }
        let offset = info.bytes - SegmentFormat.footerBytes
        try file.checking(offset) { () throws(DefectError) in
            try require(footer.rawBytes == replay.rawBytes, .index("footer raw bytes"))
            try require(
                footer.chainEnd == replay.value,
                .chain(expected: replay.value, found: footer.chainEnd))
        }
    }
}
