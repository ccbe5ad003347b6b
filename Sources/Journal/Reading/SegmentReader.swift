/// One segment, opened for reading, with its blocks known. While it lives it holds a shared
/// lock on the file, which keeps retention away.
public final class SegmentReader {
    /// What there is to say about the segment.
    public private(set) var info: SegmentInfo
    /// The intact blocks in file order.
    public var entries: [BlockEntry] { index.entries }

    let header: SegmentHeader
    private(set) var index: SegmentIndex
    let footer: SegmentFooter?
    let file: SegmentFile
    private let problem: JournalError?
    /// While the segment is open: what the next one who opens it can go on from.
    let memory: SegmentScan.Memory?

    /// Opens the segment called `name`.
    /// - Throws: `corrupt` when header, index or footer are bad, `unknownVersion`, `io`;
    ///   `noSegment` when it does not exist or retention is just removing it.
    init(storage: any Storage, name: String, resuming: SegmentScan.Memory? = nil)
        throws(JournalError)
    {
        file = try Self.openLocked(storage, name)
        header = try file.readHeader()
        if let sealed = try Self.sealed(file, header) {
            (index, info, footer) = sealed
            problem = nil
            memory = nil
            return
        }
        let scan = try SegmentScan(file, header: header, resuming: resuming)
        // A writer may have sealed it meanwhile, which looks like a torn tail.
        if scan.hasBadTail, let sealed = try Self.sealed(file, header) {
            (index, info, footer) = sealed
            problem = nil
            memory = nil
            return
        }
        footer = nil
        memory = scan.memory(header)
        index = scan.index
        info = SegmentInfo(name: name, header, index, state: .open)
        info.durableEnd = scan.durableEnd
        info.tornTail = scan.hasBadTail ? scan.defect ?? .trailing : nil
        let finding = SegmentFinding(place: .lastOpen, scan)
        problem =
            Recovery.verdict(finding) == .stop
            ? file.corrupt(finding.offset, finding.defect) : nil
        if let last = index.entries.last {
            info.chainEnd = try file.readBlock(last, into: BlockBuffer()).chain
        }
    }

    private static func sealed(_ file: SegmentFile, _ header: SegmentHeader)
        throws(JournalError) -> (SegmentIndex, SegmentInfo, SegmentFooter?)?
    {
        let size = try file.size()
        guard let footer = try file.readFooter(fileSize: size) else { return nil }
        let index = try file.readIndex(footer, header, fileSize: size)
        var info = SegmentInfo(name: file.name, header, index, state: .sealed)
        info.chainEnd = footer.chainEnd
        info.bytes = size
        info.durableEnd = size
        return (index, info, footer)
    }

    /// Reads a block into `buffer` and decodes it unless told not to.
    /// - Throws: `corrupt` with the block's offset, `io`.
    public func read(_ entry: BlockEntry, into buffer: BlockBuffer, decoding: Bool = true)
        throws(JournalError) -> BlockHeader
    {
        let header = try file.readBlock(entry, into: buffer)
        if decoding {
            try file.checking(entry.offset) { () throws(DefectError) in
                try buffer.decode(header)
            }
        }
        return header
    }

    /// Reads bytes as they lie on disk; `range` begins and ends at blocks of `entries`.
    /// The CRCs are the reader's to check.
    /// - Throws: `corrupt` when the file has become shorter, `io`.
    public func readStored(_ range: Range<Int>, into bytes: inout [UInt8]) throws(JournalError) {
        precondition(range.lowerBound >= 0 && range.upperBound <= index.end)
        let start = bytes.count
        let found = try file.read(range)
        guard found.count == range.count else {
            throw file.corrupt(range.lowerBound + found.count, .short)
        }
        bytes.append(contentsOf: found)
        assert(bytes.count == start + range.count)
    }

    /// Says that iteration reached the end of the intact blocks.
    /// - Throws: `corrupt` when what follows them was once durable, so that the end is false.
    func checkEnd() throws(JournalError) { if let problem { throw problem } }

    /// Becomes the abandoned predecessor of a segment that starts at `sequence`.
    func abandon(before sequence: UInt64) throws(JournalError) {
        precondition(info.state == .open)
        index = index.prefix(index.firstEntry { $0.nextSequence > sequence })
        let durableEnd = info.durableEnd
        info = SegmentInfo(name: info.name, header, index, state: .abandoned)
        info.durableEnd = durableEnd
        if let last = index.entries.last {
            info.chainEnd = try file.readBlock(last, into: BlockBuffer()).chain
        }
    }

    /// The header of a segment alone.
    static func header(_ storage: any Storage, _ name: String)
        throws(JournalError) -> SegmentHeader
    {
        try openLocked(storage, name).readHeader()
    }

    static func openLocked(_ storage: any Storage, _ name: String)
        throws(JournalError) -> SegmentFile
    {
        do throws(StorageError) {
            let file = try storage.open(name, .read)
            guard try file.lock(exclusive: false) else {
                throw StorageError(operation: "flock", file: name, code: 0)
            }
            return SegmentFile(name: name, file: file)
        } catch {
            if error.isMissing { throw .noSegment(name: name, needed: "a file") }
            if error.code == 0 { throw .noSegment(name: name, needed: "not being removed") }
            throw JournalError(error, file: name)
        }
    }
}

extension SegmentInfo {
    init(
        name: String, _ header: SegmentHeader, _ index: SegmentIndex, state: State
    ) {
        self.init(
            name: name, firstSequence: header.firstSequence,
            lastSequence: index.nextSequence - 1, events: index.eventCount,
            firstTime: index.firstTime, lastTime: index.firstTime == nil ? nil : index.lastTime,
            bytes: index.end, blocks: index.entries.count, chainStart: header.chainStart,
            chainEnd: header.chainStart, state: state, durableEnd: 0, tornTail: nil)
    }
}
