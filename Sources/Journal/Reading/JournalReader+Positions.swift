// Position-based access: derived blocks by kind, and stored bytes to be sent as they are.

/// Derived blocks of one kind that were appended at one sequence, in order.
public struct DerivedRun {
    /// The segment they lie in; read them through it.
    public var segment: SegmentReader
    /// Their places. An interrupted run may precede a complete one at the same sequence.
    public var entries: [BlockEntry]
    /// The sequence of the event that follows them.
    public var nextSequence: UInt64
}

/// A block-aligned piece of one segment.
public struct StoredRange: Hashable, Sendable {
    /// The segment's file name.
    public var segment: String
    /// Offsets in the file, in bytes.
    public var bytes: Range<Int>
    /// Sequence of the first event in it.
    public var firstSequence: UInt64
    /// Sequence of the last event in it.
    public var lastSequence: UInt64
}

extension JournalReader {
    /// The newest run of derived blocks of `kind` whose following event is `sequence` or an
    /// older one: what a fold that wants to apply `sequence` starts from. Ask with `s + 1`
    /// for the newest state that may be used to reach the state after `s`. Nil when retention
    /// or the start of the journal leave none.
    /// - Throws: `corrupt`, `unknownVersion`, `io`.
    public func newestRun(ofKind kind: UInt16, atOrBefore sequence: UInt64)
        throws(JournalError) -> DerivedRun?
    {
        precondition(kind != Block.events)
        let names = try segmentNames()
        for number in names.indices.reversed() {
            guard SegmentName.firstSequence(of: names[number]) ?? 0 <= sequence else { continue }
            let segment = try openSegment(names, number)
            let newest = segment.entries.last {
                $0.kind == kind && $0.firstSequence <= sequence
            }
            guard let newest else { continue }
            let run = segment.entries.filter {
                $0.kind == kind && $0.firstSequence == newest.firstSequence
            }
            return DerivedRun(
                segment: segment, entries: run, nextSequence: newest.firstSequence)
        }
        return nil
    }

    /// Where the blocks lie that contain the events `sequences`, one range per segment; derived
    /// blocks in between are part of it. Beyond the end it stops at the end, and behind the range
    /// with which there are `limit` bytes or more.
    /// - Throws: `truncated`, `beyondEnd`, `corrupt`, `io`.
    public func storedRanges(
        of sequences: ClosedRange<UInt64>, limit: Int = .max
    ) throws(JournalError) -> [StoredRange] {
        let names = try segmentNames()
        guard var number = try Self.number(of: sequences.lowerBound, in: names) else {
            return []
        }
        var ranges: [StoredRange] = []
        var bytes = 0
        while number < names.count, bytes < limit,
            SegmentName.firstSequence(of: names[number]) ?? 0 <= sequences.upperBound
        {
            let segment = try openSegment(names, number)
            if let range = segment.storedRange(of: sequences) {
                ranges.append(range)
                bytes += range.bytes.count
            }
            number += 1
        }
        return ranges
    }

    /// Appends the bytes of `range` to `bytes`, as they lie on disk.
    /// - Throws: `noSegment`, `corrupt`, `io`.
    public func readStored(_ range: StoredRange, into bytes: inout [UInt8])
        throws(JournalError)
    {
        let segment = try segment(named: range.segment)
        guard range.bytes.upperBound <= segment.index.end else {
            throw .noSegment(name: range.segment, needed: "the range \(range.bytes)")
        }
        try segment.readStored(range.bytes, into: &bytes)
    }
}

extension SegmentReader {
    /// The bytes of the blocks that contain events of `sequences`; nil when none does.
    func storedRange(of sequences: ClosedRange<UInt64>) -> StoredRange? {
        let first = index.firstEntry { $0.nextSequence > sequences.lowerBound }
        let end = index.firstEntry { $0.firstSequence > sequences.upperBound }
        let last = entries[..<end].lastIndex { !$0.isDerived }
        guard let last, first <= last else { return nil }
        return StoredRange(
            segment: info.name, bytes: entries[first].offset..<entries[last].end,
            firstSequence: entries[first].firstSequence,
            lastSequence: entries[last].nextSequence - 1)
    }
}
