public import Engine
public import Journal

/// Why a log gives no answer.
public enum LogError: Error {
    /// The journal itself.
    case journal(JournalError)
    /// A payload that is intact but means nothing to this engine; segment and sequence.
    case codec(CodecError, segment: String, sequence: UInt64)
    /// There is no event yet.
    case empty
    /// The asked sequence lies outside; what there is.
    case sequenceOutside(asked: UInt64, oldest: UInt64, newest: UInt64)
    /// The asked time lies before the first event, ns.
    case timeBefore(asked: Int64, oldest: Int64)
    /// The log was written by another version of the fold.
    case otherEngine(UInt32)
    /// The caller asked to stop.
    case interrupted
}

/// Reads a journal as events: seeks by sequence and by time, and folds to any moment.
public final class LogReader {
    /// The journal underneath.
    public let journal: JournalReader
    private let buffer = BlockBuffer()
    private var decoder = BlockDecoder()
    /// A cursor that stands behind a block of which the horizon left out some: it has ended.
    private weak var cut: BlockCursor?
    /// Asked before each block; true ends the work with `interrupted`.
    public var isCancelled: () -> Bool = { false }
    /// The last event that is there for the reader's user, whatever the journal holds.
    public var horizon: () -> UInt64 = { .max }

    /// Reads what `journal` reads.
    public init(journal: JournalReader) { self.journal = journal }

    /// Reads the journal in `directory`.
    public convenience init(directory: String) {
        self.init(journal: JournalReader(directory: directory))
    }

    /// First and last sequence; throws `empty` where there is no event.
    public func bounds() throws(LogError) -> ClosedRange<UInt64> {
        let bounds = try reading { () throws(JournalError) in try journal.bounds() }
        guard let bounds, bounds.lowerBound <= horizon() else { throw .empty }
        return bounds.clamped(to: 0...horizon())
    }

    /// Decodes every block of events from the one that holds `sequence` on, and hands it to
    /// `body` until that returns false.
    public func forEachBlock(
        from sequence: UInt64, _ body: (borrowing EventBlock) throws(LogError) -> Bool
    ) throws(LogError) {
        let cursor = try reading { () throws(JournalError) in
            try journal.blocks(fromSequence: sequence, includingDerived: false)
        }
        var block = EventBlock()
        while try next(cursor, into: &block) != nil {
            guard try body(block) else { return }
        }
    }

    /// Reads the next block of the cursor; events are decoded into `block`.
    public func next(
        _ cursor: BlockCursor, into block: inout EventBlock
    ) throws(LogError) -> BlockHeader? {
        if isCancelled() { throw .interrupted }
        if let cut, cut === cursor { return nil }
        let header = try reading { () throws(JournalError) in try cursor.next(into: buffer) }
        guard let header else { return nil }
        if header.kind == BlockKind.events.rawValue {
            try decode(header, cursor.segmentName ?? "", into: &block)
            guard isThere(&block, cursor) else { return nil }
        }
        return header
    }

    /// Cuts off what lies behind the horizon; false where that is everything.
    private func isThere(_ block: inout EventBlock, _ cursor: BlockCursor) -> Bool {
        let horizon = horizon()
        let isWhole = horizon >= block.sequence(at: block.count - 1)
        if isWhole { return true }
        cut = cursor
        guard block.firstSequence <= horizon else { return false }
        let count = horizon - block.firstSequence
        var part = EventBlock()
        part.firstSequence = block.firstSequence
        for index in 0...Int(count) { part.append(copyOf: block, at: index) }
        block = part
        return true
    }

    /// Applies events of `block` in slices, so that outputs never pile up, and hands each slice's
    /// outputs, and the state behind it, to `take`: behind every clock tick a slice ends. Events
    /// that do not follow the state are corruption, not a trap.
    public func apply(
        _ block: borrowing EventBlock, _ range: Range<Int>, to engine: inout Engine,
        _ outputs: inout OutputBuffer,
        _ take: (borrowing OutputBuffer, borrowing Engine) -> Void = { _, _ in }
    ) throws(LogError) {
        guard !range.isEmpty else { return }
        guard block.sequence(at: range.lowerBound) == engine.sequence + 1,
            block.headers[range.lowerBound].time >= engine.time
        else {
            throw .codec(.invalid(.order), segment: "", sequence: block.firstSequence)
        }
        var start = range.lowerBound
        while start < range.upperBound {
            let end = LogReader.sliceEnd(block, start..<min(range.upperBound, start + 128))
            engine.apply(block, range: start..<end, into: &outputs)
            if !outputs.outputs.isEmpty { take(outputs, engine) }
            outputs.clear()
            start = end
        }
        guard engine.configuration.engineVersion == EngineConfiguration.currentVersion else {
            throw .otherEngine(engine.configuration.engineVersion)
        }
    }

    /// Where the events behind `sequence` begin in a block that goes on from there. One that does
    /// not is corruption.
    public static func start(
        of block: borrowing EventBlock, after sequence: UInt64
    ) throws(LogError) -> Int {
        guard block.firstSequence <= sequence + 1,
            sequence + 1 - block.firstSequence <= UInt64(block.count)
        else {
            throw .codec(.invalid(.order), segment: "", sequence: block.firstSequence)
        }
        return Int(sequence + 1 - block.firstSequence)
    }

    /// The end of `range`, or what stands behind its first clock tick.
    static func sliceEnd(_ block: borrowing EventBlock, _ range: Range<Int>) -> Int {
        for index in range where block.headers[index].kind == EventKind.clockTick.rawValue {
            return index + 1
        }
        return range.upperBound
    }

    /// The payload of the block that was read last.
    public var payload: [UInt8] { Array(buffer.payload) }

    private func decode(
        _ header: BlockHeader, _ segment: String, into block: inout EventBlock
    ) throws(LogError) {
        do throws(CodecError) {
            try decoder.decode(buffer.payload.assumingMemoryBound(to: UInt8.self), into: &block)
            guard block.firstSequence == header.firstSequence,
                block.count == Int(header.count), block.headers[0].time == header.firstTime,
                block.headers[block.count - 1].time == header.lastTime
            else { throw .invalid(.order) }
        } catch {
            throw .codec(error, segment: segment, sequence: header.firstSequence)
        }
    }

    /// Runs `body` and names its errors as the journal's.
    public func reading<Result>(
        _ body: () throws(JournalError) -> Result
    ) throws(LogError) -> Result {
        do throws(JournalError) { return try body() } catch { throw .journal(error) }
    }
}
