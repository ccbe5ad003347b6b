public import Engine

/// One record of a recording: when it was received, and whether it is a message of the venue.
///
/// Only messages make the clock tick (`semantics.md` 7); a recorder's header, connect and send
/// records are none.
public struct CaptureRecord: Equatable, Sendable {
    /// When it was received, ns; 0 where the record has no time.
    public var receivedAt: Int64
    /// Whether it came from the venue, by socket or REST.
    public var isMessage: Bool
}

/// Reads one recording line by line and drives the adapters of its session.
///
/// ```
/// push(line) ─► record?   receive time first, nothing is consumed
/// apply(record, into: &block) ─► outcome
/// …
/// finish() ─► record?     the last rows of a CSV
/// ```
///
/// A record must be applied, or is skipped, before the next line is pushed. In a CSV a message is
/// complete only when the next one begins, so `push` then speaks of the rows before this line.
public final class CaptureReader {
    /// The format of the recording.
    public let format: CaptureFormat
    private let lines: any CaptureLines

    /// A reader for a recording of `format` whose books continue those of `session`.
    public init(format: CaptureFormat, session: CaptureSession) {
        self.format = format
        switch format {
        case .jsonLines: lines = JSONLinesReader(session: session)
        case .receivedLines: lines = ReceivedLinesReader(session: session)
        case .levelCSV: lines = LevelCSVReader(session: session)
        case .binanceCSV: lines = BinanceCSVReader(session: session)
        }
    }

    /// Lines of reports and comments that were skipped.
    public var skippedLines: Int { lines.skippedLines }

    /// Best bid and ask of the record that was applied last, where it had them.
    public var touch: TouchObservation? { lines.touch }

    /// Takes the next line, without its end, and gives the record that it completes.
    public func push(_ line: UnsafeBufferPointer<UInt8>) -> CaptureRecord? {
        let isCRLF = line.last == 0x0d
        let text = isCRLF ? ByteText.slice(line, 0, line.count - 1) : line
        return lines.push(text)
    }

    /// Takes the end of the recording and gives the record that it completes.
    public func finish() -> CaptureRecord? { lines.finish() }

    /// Applies the record that `push` or `finish` gave last.
    public func apply(_ record: CaptureRecord, into block: inout EventBlock) -> Outcome {
        lines.apply(record, into: &block)
    }
}

/// A format's part of `CaptureReader`.
protocol CaptureLines: AnyObject {
    var skippedLines: Int { get }
    var touch: TouchObservation? { get }
    func push(_ line: Bytes) -> CaptureRecord?
    func finish() -> CaptureRecord?
    func apply(_ record: CaptureRecord, into block: inout EventBlock) -> Outcome
}
