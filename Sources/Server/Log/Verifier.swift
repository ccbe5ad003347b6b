public import Engine
public import Journal

/// What a verification found.
public struct VerifyReport: Sendable {
    /// Segments whose bytes, index and chain were checked.
    public var segments = 0
    /// Blocks that were read.
    public var blocks = 0
    /// Events that were folded.
    public var events: UInt64 = 0
    /// Checkpoints that were compared byte for byte.
    public var checkpoints = 0
    /// Stored rollups that were compared byte for byte.
    public var rollups = 0
    /// Frames whose hash was compared.
    public var frames = 0
    /// The chain value after the last event that was folded.
    public var chainHead = ChainValue.zero
    /// The digest after the last event.
    public var digest = Digest(high: 0, low: 0)
    /// What the fold does not repeat, each in one line; at most `differencesMax`.
    public var differences: [String] = []
    /// Differences in all.
    public var differenceCount = 0

    static let differencesMax = 20

    mutating func differs(_ line: @autoclosure () -> String) {
        differenceCount += 1
        if differences.count < VerifyReport.differencesMax { differences.append(line()) }
    }
}

/// Proves that a log says what was kept of it: bytes, chain, and that the fold gives the stored
/// checkpoints, rollups and frames.
public final class Verifier {
    private let log: LogReader
    private var report = VerifyReport()
    private var collector = DerivedCollector()
    private var parts: [[UInt8]] = []
    private let onProgress: (UInt64) -> Void

    /// A verifier of `log`; `onProgress` gets the sequence that was reached.
    public init(_ log: LogReader, onProgress: @escaping (UInt64) -> Void = { _ in }) {
        self.log = log
        self.onProgress = onProgress
    }

    /// Verifies the events of `range` and the segments that they lie in.
    ///
    /// - Throws: `LogError.journal(.corrupt)` with segment and offset at the first bad byte.
    public func run(_ range: ClosedRange<UInt64>) throws(LogError) -> VerifyReport {
        try checkBytes(range)
        report.chainHead = try log.chain(after: range.upperBound)
        try fold(range)
        return report
    }

    private func checkBytes(_ range: ClosedRange<UInt64>) throws(LogError) {
        let listing = try log.reading { () throws(JournalError) in try log.journal.listing() }
        for segment in listing {
            if let problem = segment.problem { throw .journal(problem) }
            if log.isCancelled() { throw .interrupted }
            guard let info = segment.info, info.firstSequence <= range.upperBound,
                info.lastSequence >= range.lowerBound
            else { continue }
            let verified = try log.reading { () throws(JournalError) in
                try log.journal.verify(
                    segment: segment.name, canonicalBytes: LogCodec.canonicalBytes)
            }
            report.segments += 1
            report.blocks += verified.blocks
        }
    }

    private func fold(_ range: ClosedRange<UInt64>) throws(LogError) {
        var engine = try log.checkpoint(notAfter: range.lowerBound - 1)
        let first = engine.sequence + 1
        let cursor = try log.reading { () throws(JournalError) in
            try log.journal.blocks(fromSequence: first, includingDerived: true)
        }
        var block = EventBlock()
        var outputs = OutputBuffer(wantsFrames: true)
        while let header = try log.next(cursor, into: &block) {
            if header.kind != BlockKind.events.rawValue {
                // Derived blocks of the state from which the fold starts prove nothing.
                if engine.sequence >= first { try compare(log.payload, header, engine) }
                continue
            }
            if engine.sequence >= range.upperBound { break }
            let start = try LogReader.start(of: block, after: engine.sequence)
            let end = min(block.count, Int(range.upperBound - block.firstSequence) + 1)
            try log.apply(block, start..<end, to: &engine, &outputs) { outputs, engine in
                collector.collect(outputs, symbols: engine.symbols)
            }
            report.events += UInt64(end - start)
            onProgress(engine.sequence)
            if end < block.count { break }
        }
        report.digest = engine.digest
    }

    private func compare(
        _ payload: [UInt8], _ header: BlockHeader, _ engine: borrowing Engine
    ) throws(LogError) {
        do throws(CodecError) {
            let head = try DerivedBlock.head(of: payload)
            if head.levelCount == 0 { parts = [] }
            parts.append(payload)
            guard parts.count == Int(head.count) else { return }
            switch head.kind {
            case .checkpoint: compareCheckpoint(engine)
            case .rollups: compareRollups(try DerivedBlock.rollups(parts))
            case .frameMarks: compareMarks(try DerivedBlock.frameMarks(parts), engine)
            case .events: throw .invalid(.block)
            }
            parts = []
        } catch {
            throw .codec(error, segment: "", sequence: header.firstSequence)
        }
    }

    private func compareCheckpoint(_ engine: borrowing Engine) {
        report.checkpoints += 1
        if Checkpoint.encode(engine) == parts { return }
        let stored: String
        do throws(CodecError) {
            stored = Verifier.hex(try Checkpoint.decode(parts).digest)
        } catch {
            stored = "unreadable"
        }
        report.differs(
            "checkpoint after seq \(engine.sequence): stored digest \(stored), the fold gives "
                + Verifier.hex(engine.digest))
    }

    private func compareRollups(_ stored: [StoredRollup]) {
        let folded = collector.rollups
        report.rollups += stored.count
        for index in 0..<max(stored.count, folded.count) {
            let left = index < stored.count ? stored[index] : nil
            let right = index < folded.count ? folded[index] : nil
            if left == right { continue }
            let name = String(decoding: (left ?? right)?.symbol ?? [], as: UTF8.self)
            report.differs(
                "rollup \(name): stored \(Verifier.text(left?.json)), the fold gives "
                    + Verifier.text(right?.json))
        }
        collector.clearRollups()
    }

    private func compareMarks(_ stored: [FrameMark], _ engine: borrowing Engine) {
        let folded = collector.marks
        let symbols = engine.symbols
        report.frames += stored.count
        for index in 0..<max(stored.count, folded.count) {
            let left = index < stored.count ? stored[index] : nil
            let right = index < folded.count ? folded[index] : nil
            if left == right { continue }
            guard let mark = left ?? right else { continue }
            let symbol = Int(mark.symbol) < symbols.count ? symbols[Int(mark.symbol)] : []
            report.differs(
                "frame \(String(decoding: symbol, as: UTF8.self)) \(mark.windowBps) bps at seq "
                    + "\(mark.sequence): its bytes are not the ones that were kept")
        }
        collector.clearMarks()
    }

    private static func text(_ json: [UInt8]?) -> String {
        json.map { String(decoding: $0, as: UTF8.self) } ?? "nothing"
    }

    private static func hex(_ digest: Digest) -> String {
        var bytes: [UInt8] = []
        digest.appendHex(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
