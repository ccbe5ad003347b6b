// What is torn is copied aside before it is cut: nothing is destroyed silently.

extension JournalOpening {
    /// Removes a last segment that never got an intact header, if nothing in it was durable.
    mutating func removeUnfinished(
        _ file: SegmentFile, _ defect: Defect, _ error: JournalError
    ) throws(JournalError) {
        let tail = try SegmentTail.read(file, from: 0, fileSize: try file.size())
        var finding = SegmentFinding(place: .lastOpen, header: .bad)
        finding.durable = tail.durableEnd > 0 ? .lost : .intact
        guard Recovery.verdict(finding) == .cut else { throw error }
        let copy = try copyAside(file, 0..<tail.dataEnd)
        try JournalError.translating(file.name) { () throws(StorageError) in
            try storage.unlink(file.name)
            try storage.syncFolder()
        }
        report.cuts.append(
            .init(
                segment: file.name, offset: 0, bytes: tail.dataEnd, defect: defect, copy: copy,
                removedFile: true))
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
        try JournalError.translating(name) { () throws(StorageError) in
            try copy.file.sync()
            try storage.syncFolder()
        }
        return name
    }
}
