/// What an unsealed segment holds: its longest intact prefix, and why it ends there.
struct SegmentScan {
    /// The intact blocks.
    private(set) var index: SegmentIndex
    /// What the bytes behind the last intact block are.
    private(set) var tail: SegmentTail
    /// Why the next block is not one; nil when only zeros or nothing follows.
    private(set) var defect: Defect?
    /// The first intact block with which the caller's canonical bytes do not agree.
    private(set) var disagreement: (offset: Int, defect: Defect)?
    /// What says that the segment was sealed, though it does not end with an intact footer.
    private(set) var damagedSeal: DamagedSeal?
    private let file: SegmentFile
    private let buffer = BlockBuffer()
    private var durableClaim = 0
    private var verified = 0

    /// Called with each intact block, in order; may throw `.chain`, `.undecodable`
    /// and `.events`.
    typealias Visitor = (BlockHeader, BlockBuffer) throws(DefectError) -> Void

    /// Offset after the last intact block.
    var end: Int { index.end }
    /// The largest offset that any intact header calls durable.
    var durableEnd: Int { max(durableClaim, tail.durableEnd) }
    /// Whether bytes follow that are neither blocks nor zeros.
    var hasBadTail: Bool { tail.dataEnd > end }

    /// What an earlier scan of the same segment knows: published bytes never change.
    struct Memory {
        fileprivate var header: SegmentHeader
        fileprivate var index: SegmentIndex
        fileprivate var durableClaim: Int
        fileprivate var verified: Int
    }

    /// What a later scan can go on from.
    func memory(_ header: SegmentHeader) -> Memory {
        Memory(header: header, index: index, durableClaim: durableClaim, verified: verified)
    }

    /// Walks the headers. Payloads are checked beyond `durableEnd`; all of them, and decoded,
    /// when there is a visitor. Goes on from `memory` when that is about this file.
    init(
        _ file: SegmentFile, header: SegmentHeader, visitor: Visitor? = nil,
        resuming memory: Memory? = nil
    ) throws(JournalError) {
        self.file = file
        index = SegmentIndex(header)
        if let memory, memory.header == header, let last = memory.index.entries.last {
            let found = try? file.readBlock(last, into: buffer)
            if found != nil {
                index = memory.index
                durableClaim = memory.durableClaim
                verified = memory.verified
            }
        }
        tail = SegmentTail(dataEnd: index.end)
        try walk()
        try verify(visitor)
        // A writer may be at work: what looks torn may be complete a moment later. What the
        // tail says is believed only if the blocks are still bad after it was read.
        while disagreement == nil {
            let size = try file.size()
            tail = try SegmentTail.read(file, from: end, fileSize: max(size, end))
            let before = end
            if !hasBadTail { break }
            try walk()
            try verify(visitor)
            if end == before { break }
        }
        if disagreement == nil, hasBadTail, durableEnd <= end {
            damagedSeal = try DamagedSeal.find(file, index)
        }
    }

    /// Takes headers while they are intact and fit.
    private mutating func walk() throws(JournalError) {
        defect = nil
        while true {
            let bytes = try file.read(end..<(end + SegmentFormat.blockHeaderBytes))
            do throws(DefectError) {
                let header = try BlockHeader.parse(bytes, at: end)
                durableClaim = max(durableClaim, header.durableEnd)
                try index.append(BlockEntry(header))
            } catch {
                defect = error.defect
                return
            }
        }
    }

    /// Checks the payloads that nothing vouches for; keeps the blocks before the first bad one.
    private mutating func verify(_ visitor: Visitor?) throws(JournalError) {
        if visitor == nil {
            let durable = durableClaim
            verified = max(verified, index.firstEntry { $0.end > durable })
        }
        while verified < index.entries.count {
            let entry = index.entries[verified]
            do throws(JournalError) {
                let header = try file.readBlock(entry, into: buffer)
                if let visitor {
                    try file.checking(entry.offset) { () throws(DefectError) in
                        try buffer.decode(header)
                        try visitor(header, buffer)
                    }
                }
            } catch {
                guard case .corrupt(_, _, let found) = error else { throw error }
                defect = found
                switch found {
                case .chain, .undecodable, .events: disagreement = (entry.offset, found)
                default: index = index.prefix(verified)
                }
                return
            }
            verified += 1
        }
    }
}

extension SegmentIndex {
    /// The index of the first `count` blocks.
    func prefix(_ count: Int) -> SegmentIndex {
        var shorter = SegmentIndex(firstSequence: firstSequence, timeBefore: timeBefore)
        for entry in entries.prefix(count) {
            do { try shorter.append(entry) } catch { preconditionFailure("was in order before") }
        }
        return shorter
    }
}
