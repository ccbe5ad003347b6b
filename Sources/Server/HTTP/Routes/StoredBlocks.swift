import Engine
import HTTPTypes
import Journal
import NIOCore

/// Blocks of the journal in the bytes of the disk, or decoded: a stretch of whole blocks, cut
/// where an answer would become too large.
struct StoredBlocks {
    private var bytes: [UInt8] = []
    private var ranges: [String] = []
    private var firstSequence: UInt64 = 0
    private var lastSequence: UInt64 = 0
    private var checkpoint: UInt64?
    private let isStored: Bool
    private let limit: Int

    /// Reads the blocks that contain `sequences`.
    ///
    /// - Throws: `LogError`, `JournalError`.
    init(
        _ reader: LogReader, _ sequences: ClosedRange<UInt64>, withCheckpoint: Bool,
        isStored: Bool, _ limits: HTTPLimits
    ) throws {
        self.isStored = isStored
        limit = isStored ? limits.storedBytes : limits.decodedBytes
        let bounds = try reader.bounds()
        guard sequences.lowerBound <= bounds.upperBound else {
            throw LogError.sequenceOutside(
                asked: sequences.lowerBound, oldest: bounds.lowerBound, newest: bounds.upperBound)
        }
        var from = sequences.lowerBound
        if withCheckpoint, let run = try newestCheckpoint(reader, before: from) {
            from = run.nextSequence
            checkpoint = run.nextSequence - 1
            let buffer = BlockBuffer()
            try add(run.entries, of: run.segment, to: buffer)
        }
        firstSequence = from
        let stretch = from...max(from, sequences.upperBound)
        // Decoded they are larger still.
        for range in try reader.journal.storedRanges(of: stretch, limit: limit) {
            if reader.isCancelled() { throw LogError.interrupted }
            guard try add(range, reader) else { return }
        }
    }

    /// The newest complete checkpoint that leaves out no event from `sequence` on.
    private func newestCheckpoint(
        _ reader: LogReader, before sequence: UInt64
    ) throws -> DerivedRun? {
        var next = sequence
        while var run = try reader.journal.newestRun(
            ofKind: BlockKind.checkpoint.rawValue, atOrBefore: next)
        {
            let parts = try reader.payloads(of: run)
            if let count = try DerivedBlock.completeCount(parts) {
                run.entries = Array(run.entries[count])
                return run
            }
            guard run.nextSequence > 1 else { return nil }
            next = run.nextSequence - 1
        }
        return nil
    }

    /// Adds a range of one segment; false when the answer is full.
    private mutating func add(_ range: StoredRange, _ reader: LogReader) throws -> Bool {
        let segment = try reader.journal.segment(named: range.segment)
        let entries = segment.entries.filter {
            range.bytes.contains($0.offset) && $0.end <= range.bytes.upperBound
        }
        let buffer = BlockBuffer()
        var taken: [BlockEntry] = []
        for entry in entries {
            let start = bytes.count
            try append(entry, of: segment, buffer)
            // One block at least, or nobody could ever read it.
            if bytes.count > limit, lastSequence > 0 {
                bytes.removeLast(bytes.count - start)
                note(taken, segment)
                return false
            }
            if firstSequence > entry.firstSequence { firstSequence = entry.firstSequence }
            if !entry.isDerived { lastSequence = entry.nextSequence - 1 }
            taken.append(entry)
        }
        note(taken, segment)
        return true
    }

    private mutating func add(
        _ entries: [BlockEntry], of segment: SegmentReader, to buffer: BlockBuffer
    ) throws {
        for entry in entries { try append(entry, of: segment, buffer) }
        note(entries, segment)
    }

    private mutating func append(
        _ entry: BlockEntry, of segment: SegmentReader, _ buffer: BlockBuffer
    ) throws {
        _ = try segment.read(entry, into: buffer, decoding: !isStored)
        bytes.append(contentsOf: isStored ? buffer.stored : buffer.payload)
    }

    private mutating func note(_ entries: [BlockEntry], _ segment: SegmentReader) {
        guard let first = entries.first, let last = entries.last else { return }
        ranges.append("\(segment.info.name);bytes=\(first.offset)-\(last.end - 1)")
    }

    /// The answer, with headers that say what its bytes are.
    func answer(source: String) -> Answer {
        var headers = [
            HeaderField("Content-Type", "application/octet-stream"),
            HeaderField("Vary", "Accept-Encoding"),
            HeaderField("Tapefold-First-Seq", "\(firstSequence)"),
            HeaderField("Tapefold-Last-Seq", "\(lastSequence)"),
            HeaderField("Tapefold-Ranges", ranges.joined(separator: ", ")),
            HeaderField("Tapefold-Source", source),
        ]
        if let checkpoint {
            headers.append(HeaderField("Tapefold-Checkpoint-Seq", "\(checkpoint)"))
        }
        if isStored { headers.append(HeaderField("Content-Encoding", "zstd")) }
        return Answer(status: .ok, headers: headers, body: ByteBuffer(bytes: bytes))
    }
}

extension DerivedBlock {
    /// Where the last complete run stands among `parts`, which were written at one place.
    static func completeCount(_ parts: [[UInt8]]) throws(CodecError) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        for (index, part) in parts.enumerated() {
            let head = try self.head(of: part)
            if head.levelCount == 0 { start = index }
            if index - start + 1 == Int(head.count), Int(head.levelCount) == index - start {
                best = start..<index + 1
            }
        }
        return best
    }
}
