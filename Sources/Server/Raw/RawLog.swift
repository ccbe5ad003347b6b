import Engine
public import Journal

/// A raw capture as a journal: the same segments, checksums and hash chain, with blocks whose
/// records mean nothing to the fold.
///
/// A block: u32 length of all, u16 kind 64, u64 number of the first record, u32 count, u16 version,
/// i64 first and last time, then the records. Little-endian.
public enum RawLog {
    static let kind: UInt16 = 64
    static let version: UInt16 = 1
    static let headBytes = 36

    /// Derives the canonical bytes of a raw block, which are its records.
    public static var canonicalBytes: CanonicalBytes {
        { payload, canonical in
            let head = try RawLog.head(payload)
            try RawLog.forEachRecord(payload) { _ in }
            canonical.append(contentsOf: payload[headBytes...])
            return head
        }
    }

    static func head(
        _ payload: UnsafeRawBufferPointer
    ) throws(CodecError) -> EventFacts {
        guard payload.count >= headBytes else { throw .truncated }
        func number<Number: FixedWidthInteger>(_ at: Int, _: Number.Type) -> Number {
            Number(littleEndian: payload.loadUnaligned(fromByteOffset: at, as: Number.self))
        }
        guard number(4, UInt16.self) == kind else { throw .invalid(.block) }
        guard number(18, UInt16.self) == version else {
            throw .unknownVersion(number(18, UInt16.self))
        }
        guard Int(number(0, UInt32.self)) == payload.count else { throw .invalid(.block) }
        return EventFacts(
            count: number(14, UInt32.self), firstSequence: number(6, UInt64.self),
            firstTime: number(20, Int64.self), lastTime: number(28, Int64.self))
    }

    static func forEachRecord(
        _ payload: UnsafeRawBufferPointer, _ body: (RawRecord) throws -> Void
    ) throws {
        let head = try head(payload)
        var position = headBytes
        for _ in 0..<head.count { try body(try RawRecord(payload, &position)) }
        guard position == payload.count else { throw CodecError.invalid(.block) }
    }
}

/// Writes a raw capture: records gather in blocks until they are flushed.
final class RawWriter {
    /// Records that become one block.
    private struct Gathered {
        var records = ByteWriter()
        var count: UInt32 = 0
        var firstTime: Int64?
        var lastTime: Int64 = 0
    }

    private let writer: JournalWriter
    private var full: [Gathered] = []
    private var open = Gathered()

    /// Bytes of a block, about: one record more fits the journal's limit.
    private static let blockBytes = 1 << 20

    /// A capture in the empty journal of `writer`.
    init(writer: JournalWriter) {
        precondition(writer.lastSequence == 0, "a raw capture is of one run")
        self.writer = writer
    }

    /// Keeps a record; long bytes become parts in front of it.
    func append(_ record: RawRecord) {
        switch record {
        case .message(let line, let bytes, let at) where bytes.count > RawRecord.bytesMax:
            put(.message(line, cut(bytes), at: at))
        case .answer(let line, let path, let bytes, let at) where bytes.count > RawRecord.bytesMax:
            put(.answer(line, path: path, cut(bytes), at: at))
        default: put(record)
        }
    }

    /// Keeps the front of `bytes` as parts and gives what is left.
    private func cut(_ bytes: [UInt8]) -> [UInt8] {
        var rest = bytes[...]
        while rest.count > RawRecord.bytesMax {
            put(.part(Array(rest.prefix(RawRecord.bytesMax))))
            rest = rest.dropFirst(RawRecord.bytesMax)
        }
        return Array(rest)
    }

    private func put(_ record: RawRecord) {
        record.encode(to: &open.records)
        open.count += 1
        if let time = record.time {
            open.lastTime = max(open.lastTime, time)
            open.firstTime = open.firstTime ?? time
        }
        if open.records.bytes.count >= RawWriter.blockBytes { endBlock() }
    }

    private func endBlock() {
        guard open.count > 0 else { return }
        full.append(open)
        open = Gathered()
    }

    /// Journals what was kept; what failed stays kept. A damaged segment is replaced on the way
    /// (F.6).
    func flush() throws(JournalError) {
        endBlock()
        while let next = full.first {
            do throws(JournalError) {
                try write(next)
                full.removeFirst()
            } catch {
                switch error {
                case .segmentReplaced: continue
                case .noOpenSegment: try writer.roll()
                default: throw error
                }
            }
        }
        if writer.shouldRoll { try writer.roll() }
    }

    private func write(_ gathered: Gathered) throws(JournalError) {
        // Times in a journal never decrease; those of records may.
        let first = max(gathered.firstTime ?? gathered.lastTime, writer.lastTime ?? 0)
        let last = max(first, gathered.lastTime)
        let canonical = gathered.records.bytes
        var block = ByteWriter()
        block.put(UInt32(RawLog.headBytes + canonical.count))
        block.put(RawLog.kind)
        block.put(writer.lastSequence + 1)
        block.put(gathered.count)
        block.put(RawLog.version)
        block.put(first)
        block.put(last)
        block.bytes.append(contentsOf: canonical)
        let stored = Block(
            firstSequence: writer.lastSequence + 1, count: gathered.count, firstTime: first,
            lastTime: last, payload: block.bytes)
        try canonical.withUnsafeBufferPointer { bytes throws(JournalError) in
            try writer.append(stored, canonical: UnsafeRawBufferPointer(bytes))
        }
    }

    /// Journals what was kept and seals.
    func close() throws(JournalError) {
        try flush()
        try writer.close()
    }
}
