import Engine
import Foundation
import Journal

/// The exit codes of every program (`semantics.md`).
public enum ExitCodes {
    /// Something differs from what was kept.
    public static let differs: Int32 = 1
    /// The tail of the journal is torn.
    public static let tornTail: Int32 = 2
    /// The journal is damaged.
    public static let corruption: Int32 = 3
    /// A format or engine version that this program does not know.
    public static let unknownVersion: Int32 = 4
    /// Input or output failed.
    public static let inputOutput: Int32 = 5
    /// The command or a setting is wrong.
    public static let usage: Int32 = 64
    /// The disk did not take what had to be durable.
    public static let syncFailure: Int32 = 74
    /// Stopped by a signal.
    public static let interrupted: Int32 = 130
}

/// An error with the one line that is printed and the exit code that follows.
public struct Failure: Error, CustomStringConvertible {
    /// The line.
    public let description: String
    /// The exit code.
    public let code: Int32

    /// A failure that says `description`.
    public init(_ description: String, code: Int32 = ExitCodes.inputOutput) {
        self.description = description
        self.code = code
    }

    /// Prints what went wrong in one line and ends the program.
    /// `isReading` says that the command changes nothing, whatever happens.
    public static func exit(
        _ error: any Error, program: String = "replay-tool", isReading: Bool
    ) -> Never {
        var failure = Failure(error) ?? Failure((error as NSError).localizedDescription)
        if isReading, failure.code == ExitCodes.corruption {
            failure = Failure(
                failure.description + "; nothing was changed", code: failure.code)
        }
        if !failure.description.isEmpty {
            FileHandle.standardError.write(Data("\(program): \(failure.description)\n".utf8))
        }
        Foundation.exit(failure.code)
    }

    /// The failure that an error of the project's modules means; nil for others.
    public init?(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as LogError: self.init(log: error)
        case let error as FieldError: self.init(error.description, code: ExitCodes.usage)
        case let error as JournalError: self.init(journal: error)
        case let error as LiveError: self.init(error.description)
        case let error as SettingError: self.init(error.description, code: ExitCodes.usage)
        case let error as HTTPConfigurationError:
            self.init(error.description, code: ExitCodes.usage)
        case let error as VenueFault.Malformed:
            self.init(error.description, code: ExitCodes.usage)
        case let error as CodecError:
            self.init("bytes that mean nothing: \(error)", code: ExitCodes.corruption)
        default: return nil
        }
    }

    private init(log error: LogError) {
        switch error {
        case .journal(let error): self.init(journal: error)
        case .codec(let error, let segment, let sequence):
            if case .unknownVersion(let version) = error {
                self.init(
                    "segment \(segment), sequence \(sequence): block codec version \(version) "
                        + "is newer than this program", code: ExitCodes.unknownVersion)
            } else {
                self.init(
                    "segment \(segment), sequence \(sequence): the block means nothing (\(error))",
                    code: ExitCodes.corruption)
            }
        case .empty: self.init("the journal holds no event")
        case .interrupted: self.init("interrupted", code: ExitCodes.interrupted)
        case .sequenceOutside(let asked, let oldest, let newest):
            self.init("sequence \(asked) is not in the journal, which holds \(oldest)…\(newest)")
        case .timeBefore(let asked, let oldest):
            self.init(
                "\(Failure.iso(asked)) is before the journal's first event at "
                    + Failure.iso(oldest))
        case .otherEngine(let version):
            self.init(
                "the log was written by engine version \(version), this program is "
                    + "\(EngineConfiguration.currentVersion)", code: ExitCodes.unknownVersion)
        }
    }

    private init(journal error: JournalError) {
        switch error {
        case .corrupt(let segment, let offset, let defect):
            self.init(
                "corruption in segment \(segment) at offset \(offset): \(defect); "
                    + "restore the segment from a copy",
                code: ExitCodes.corruption)
        case .unknownVersion(let segment, let version, let supported):
            self.init(
                "segment \(segment) has format version \(version); this program reads up to "
                    + "\(supported)", code: ExitCodes.unknownVersion)
        case .syncFailed(let file, let code):
            self.init("sync of \(file) failed with errno \(code)", code: ExitCodes.syncFailure)
        case .locked(let holder): self.init("another process writes this journal: \(holder)")
        case .truncated(let oldest):
            self.init("retention has passed: the oldest sequence is \(oldest)")
        case .beyondEnd(let last): self.init("beyond the end: the last sequence is \(last)")
        case .noSpace(let operation, let file, _, let code):
            self.init("\(operation) \(file): \(String(cString: strerror(code)))")
        case .io(let operation, let file, _, let code):
            self.init("\(operation) \(file): \(String(cString: strerror(code)))")
        default: self.init("\(error)")
        }
    }

    private static func iso(_ time: Int64) -> String {
        var bytes: [UInt8] = []
        Timestamp.appendISO(time, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
