/// Opens a journal for writing: checks that the segments follow each other, recovers the last
/// one by the table in `Recovery`, and hands over where to go on.
struct JournalOpening {
    /// Where a writer goes on.
    struct Opened {
        /// The unsealed segment; nil when the next one has to be made.
        var segment: SegmentWriter?
        var position: Position
        var chain: HashChain
    }

    /// The end of a segment, and the start of the next one.
    struct Position {
        var nextSequence: UInt64 = 1
        var lastTime: Int64?
        var chain = ChainValue.zero
    }

    let storage: any Storage
    let preallocationBytes: Int
    let canonicalBytes: CanonicalBytes
    var report = RecoveryReport()

    mutating func run() throws(JournalError) -> Opened {
        var names = try segmentNames()
        // First of all: a file that was torn while it was being made is no successor.
        let unfinished = try unfinishedLast(names)
        if unfinished != nil { names.removeLast() }
        report.segments = names.count
        var position: Position?
        for number in names.indices.dropLast() {
            position = try passOver(names[number], successor: names[number + 1], position)
        }
        let result =
            try names.last.map { name throws(JournalError) in
                try recover(name, after: position)
            } ?? opened(Position())
        if let unfinished { try remove(unfinished, after: result.position) }
        return result
    }

    private func opened(_ position: Position) -> Opened {
        Opened(position: position, chain: HashChain(startingFrom: position.chain))
    }

    private mutating func segmentNames() throws(JournalError) -> [String] {
        let all = try JournalError.translating { () throws(StorageError) in
            try storage.list()
        }
        let temporaries = all.filter { SegmentName.segment(ofTemporary: $0) != nil }.sorted()
        try JournalError.translating { () throws(StorageError) in
            for name in temporaries { try storage.unlink(name) }
        }
        // Whoever made, renamed or removed a file may have died before this.
        try JournalError.syncingFolder(storage)
        report.temporariesRemoved = temporaries
        return all.filter { SegmentName.firstSequence(of: $0) != nil }.sorted()
    }

    /// Checks that a segment follows `position` and that `successor` may follow it.
    private func passOver(_ name: String, successor: String, _ position: Position?)
        throws(JournalError) -> Position
    {
        let file = try open(name, .read)
        let header = try file.readHeader()
        try check(header, follows: position, name)
        if let footer = try file.readFooter(fileSize: try file.size()) {
            return Position(
                nextSequence: footer.lastSequence + 1, lastTime: footer.lastTime,
                chain: footer.chainEnd)
        }
        let reader = try SegmentReader(storage: storage, name: name)
        let next = try open(successor, .read).readHeader()
        guard next.predecessorAbandoned else {
            throw .corrupt(segment: name, offset: reader.info.bytes, defect: .unsealed)
        }
        try reader.checkEnd()
        try reader.abandon(before: next.firstSequence)
        return Position(
            nextSequence: reader.info.lastSequence + 1,
            lastTime: reader.info.lastTime ?? header.timeBefore, chain: reader.info.chainEnd)
    }

    private func check(_ header: SegmentHeader, follows position: Position?, _ name: String)
        throws(JournalError)
    {
        guard let position else { return }
        guard header.firstSequence == position.nextSequence else {
            let defect = Defect.sequence(
                expected: position.nextSequence, found: header.firstSequence)
            throw .corrupt(segment: name, offset: 16, defect: defect)
        }
        guard header.chainStart == position.chain else {
            let defect = Defect.chain(expected: position.chain, found: header.chainStart)
            throw .corrupt(segment: name, offset: 24, defect: defect)
        }
        guard header.timeBefore == position.lastTime else {
            throw .corrupt(segment: name, offset: 56, defect: .time)
        }
    }

    func open(_ name: String, _ mode: OpenMode) throws(JournalError) -> SegmentFile {
        let file = try JournalError.translating(name) { () throws(StorageError) in
            try storage.open(name, mode)
        }
        return SegmentFile(name: name, file: file)
    }

    /// Recovers the last segment.
    private mutating func recover(_ name: String, after position: Position?)
        throws(JournalError) -> Opened
    {
        let file = try open(name, .write)
        let header = try file.readHeader()
        try check(header, follows: position, name)
        let size = try file.size()
        if let footer = try file.readFooter(fileSize: size) {
            _ = try file.readIndex(footer, header, fileSize: size)
            try makeFooterDurable(file, fileSize: size)
            return opened(
                Position(
                    nextSequence: footer.lastSequence + 1, lastTime: footer.lastTime,
                    chain: footer.chainEnd))
        }
        return try resume(file, header)
    }

    /// The writer may have died before the sync of the footer, or because of it: then the
    /// footer may be in memory only. All before it was synced before it was written.
    private func makeFooterDurable(_ file: SegmentFile, fileSize: Int) throws(JournalError) {
        let start = fileSize - SegmentFormat.footerBytes
        let bytes = try file.read(start..<fileSize)
        try JournalError.translating(file.name, offset: start) { () throws(StorageError) in
            try file.file.writeAll(bytes, at: start)
        }
        do throws(StorageError) { try file.file.sync() } catch {
            throw .syncFailed(file: file.name, code: error.code)
        }
    }

    private mutating func resume(_ file: SegmentFile, _ header: SegmentHeader)
        throws(JournalError) -> Opened
    {
        let replay = ChainReplay(startingFrom: header.chainStart, canonicalBytes)
        let scan = try SegmentScan(file, header: header) {
            block, buffer throws(DefectError) in try replay.visit(block, buffer)
        }
        report.blocksChecked = replay.blocks
        report.eventsChecked = replay.events
        let finding = SegmentFinding(place: .lastOpen, scan)
        switch Recovery.verdict(finding) {
        case .stop: throw file.corrupt(finding.offset, finding.defect)
        case .cut: try cut(file, scan, finding.defect)
        case .keep: break
        }
        try JournalError.translating(file.name, offset: scan.end) { () throws(StorageError) in
            try file.file.truncate(to: scan.end)
        }
        let segment = try SegmentWriter.resume(
            file.file, header, scan.index, rawBytes: replay.rawBytes,
            unprovenFrom: min(scan.durableEnd, scan.end),
            preallocationBytes: preallocationBytes)
        let position = Position(
            nextSequence: scan.index.nextSequence, lastTime: scan.index.lastTime,
            chain: replay.events == 0 ? header.chainStart : replay.value)
        return Opened(segment: segment, position: position, chain: replay.chain)
    }
}
