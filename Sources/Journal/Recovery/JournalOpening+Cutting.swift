// What is torn is copied aside before it is cut: nothing is destroyed silently.

extension JournalOpening {
    /// A last segment that was torn while it was being made.
    struct Unfinished {
        var file: SegmentFile
        var tail: SegmentTail
        var firstSequence: UInt64
        var defect: Defect
        /// What to throw when it must not be removed.
        var error: JournalError
    }

    /// Looks whether the last file is one that never got an intact header. Changes nothing.
    /// - Throws: `corrupt` when it must not be removed: something in it was durable, or the
    ///   segment before it does not end where it begins.
    func unfinishedLast(_ names: [String]) throws(JournalError) -> Unfinished? {
        guard let name = names.last, let first = SegmentName.firstSequence(of: name) else {
            return nil
        }
        let file = try open(name, .read)
        do throws(JournalError) { _ = try file.readHeader() } catch {
            guard case .corrupt(_, _, let defect) = error else { throw error }
            switch defect {
            case .short, .magic, .headerChecksum: break
            default: throw error
            }
            let tail = try SegmentTail.read(file, from: 0, fileSize: try file.size())
            var finding = SegmentFinding(place: .lastOpen, header: .bad)
            finding.durable = tail.durableEnd > 0 ? .lost : .intact
            guard Recovery.verdict(finding) == .cut else { throw error }
            guard try endsBefore(first, names.dropLast().last) else { throw error }
            return Unfinished(
                file: file, tail: tail, firstSequence: first, defect: defect, error: error)
        }
        return nil
    }

    /// Whether the journal without its last file ends where that file begins. An unsealed
    /// segment may hold more: a block whose write failed, and that was not accepted.
    private func endsBefore(_ sequence: UInt64, _ previous: String?) throws(JournalError) -> Bool {
        guard let previous else { return sequence == 1 }
        let info = try SegmentReader(storage: storage, name: previous).info
        let next = info.lastSequence + 1
        return info.state == .sealed ? next == sequence : next >= sequence
    }

    /// Removes an unfinished last segment; the journal now ends at `position`.
    mutating func remove(_ unfinished: Unfinished, after position: Position) throws(JournalError) {
        guard position.nextSequence >= unfinished.firstSequence else { throw unfinished.error }
        let file = unfinished.file
        let copy = try copyAside(file, 0..<unfinished.tail.dataEnd)
        try JournalError.translating(file.name) { () throws(StorageError) in
            try storage.unlink(file.name)
        }
        try JournalError.syncingFolder(storage)
        report.cuts.append(
            .init(
                segment: file.name, offset: 0, bytes: unfinished.tail.dataEnd,
                defect: unfinished.defect, copy: copy, removedFile: true))
    }

    /// Copies a torn tail aside and reports it; the caller cuts.
    mutating func cut(_ file: SegmentFile, _ scan: SegmentScan, _ defect: Defect)
        throws(JournalError)
    {
        let copy = try copyAside(file, scan.end..<scan.tail.dataEnd)
        report.cuts.append(
            .init(
                segment: file.name, offset: scan.end, bytes: scan.tail.dataEnd - scan.end,
                defect: defect, copy: copy, removedFile: false))
    }

    /// Copies bytes that are about to be cut, durably. Nothing is destroyed silently.
    private func copyAside(_ file: SegmentFile, _ range: Range<Int>)
        throws(JournalError) -> String?
    {
        if range.isEmpty { return nil }
        let name = SegmentName.cut(
            of: file.name, offset: range.lowerBound, wallNanos: storage.wallNanos())
        let copy = try open(name, .createOrOpen)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let bytes = try file.read(offset..<min(range.upperBound, offset + 1 << 20))
            guard !bytes.isEmpty else { throw file.corrupt(offset, .short) }
            try JournalError.translating(name) { () throws(StorageError) in
                try copy.file.writeAll(bytes, at: offset - range.lowerBound)
            }
            offset += bytes.count
        }
        do throws(StorageError) { try copy.file.sync() } catch {
            throw .syncFailed(file: name, code: error.code)
        }
        try JournalError.syncingFolder(storage)
        return name
    }
}
