import ArgumentParser
import Engine
import Server

/// The journal that a command reads.
struct JournalArgument: ParsableArguments {
    @Argument(help: "Folder of the journal.")
    var journal: String

    var reader: LogReader {
        let reader = LogReader(directory: journal)
        reader.isCancelled = { Signals.isInterrupted }
        return reader
    }
}

/// A stretch of a journal, by sequence or time.
struct RangeOptions: ParsableArguments {
    @Option(name: .customLong("from"), help: "First sequence, or a time (ISO 8601 or unix).")
    var from: String?

    @Option(name: .customLong("to"), help: "Last sequence, or a time, ends included.")
    var to: String?

    /// First and last sequence of the stretch.
    func sequences(_ reader: LogReader) throws -> ClosedRange<UInt64> {
        let bounds = try reader.bounds()
        let first = try from.map { try RangeOptions.first($0, reader) } ?? bounds.lowerBound
        let last = try to.map { try RangeOptions.last($0, reader) } ?? bounds.upperBound
        guard first <= last else { throw Failure("the stretch from \(first) to \(last) is empty") }
        return first...last
    }

    private static func first(_ text: String, _ reader: LogReader) throws -> UInt64 {
        if let sequence = sequence(text) { return try reader.sequence(of: .sequence(sequence)) }
        let bounds = try reader.bounds()
        do {
            return min(try reader.sequence(of: .time(try time(text) - 1)) + 1, bounds.upperBound)
        } catch LogError.timeBefore {
            return bounds.lowerBound
        }
    }

    private static func last(_ text: String, _ reader: LogReader) throws -> UInt64 {
        if let sequence = sequence(text) { return try reader.sequence(of: .sequence(sequence)) }
        return try reader.sequence(of: .time(try time(text)))
    }

    /// Whole numbers below 10^9 are sequences; unix times are larger.
    private static func sequence(_ text: String) -> UInt64? {
        guard let value = UInt64(text), value < 1_000_000_000 else { return nil }
        return value
    }

    private static func time(_ text: String) throws -> Int64 {
        guard let time = TimeText.nanos(text) else {
            throw ValidationError("'\(text)' is neither a sequence nor a time")
        }
        return time
    }
}

/// The moment that a command looks at.
struct MomentOptions: ParsableArguments {
    @Option(name: [.customLong("seq"), .customLong("at-seq")], help: "After this sequence.")
    var sequence: UInt64?

    @Option(
        name: [.customLong("time"), .customLong("at-time")],
        help: "After the last event at or before this time (ISO 8601 or unix).")
    var time: String?

    func moment() throws -> Moment {
        switch (sequence, time) {
        case (nil, nil): return .end
        case (let sequence?, nil): return .sequence(sequence)
        case (nil, let text?):
            guard let time = TimeText.nanos(text) else {
                throw ValidationError("'\(text)' is not a time (ISO 8601 or unix)")
            }
            return .time(time)
        default: throw ValidationError("give a sequence or a time, not both")
        }
    }
}
