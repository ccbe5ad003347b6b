import ArgumentParser
import Engine
import Foundation
import Journal
import Server

/// The exit codes of every program (`semantics.md`).
enum ExitCodes {
    static let differs: Int32 = 1
    static let tornTail: Int32 = 2
    static let corruption: Int32 = 3
    static let unknownVersion: Int32 = 4
    static let inputOutput: Int32 = 5
    static let usage: Int32 = 64
    static let syncFailure: Int32 = 74
    static let interrupted: Int32 = 130
}

/// A command that changes a journal: where it fails, only it knows what was done before.
protocol ChangesJournal {}

/// An error with the one line that is printed and the exit code that follows.
struct Failure: Error, CustomStringConvertible {
    let description: String
    let code: Int32

    init(_ description: String, code: Int32 = ExitCodes.inputOutput) {
        self.description = description
        self.code = code
    }

    /// Prints what went wrong in one line and ends the program.
    /// `isReading` says that the command changes nothing, whatever happens.
    static func exit(_ error: any Error, isReading: Bool) -> Never {
        var failure = Failure(error) ?? Failure((error as NSError).localizedDescription)
        if isReading, failure.code == ExitCodes.corruption {
            failure = Failure(
                failure.description + "; nothing was changed", code: failure.code)
        }
        if !failure.description.isEmpty {
            FileHandle.standardError.write(Data("replay-tool: \(failure.description)\n".utf8))
        }
        Foundation.exit(failure.code)
    }

    /// The failure that an error of the project's modules means; nil for others.
    init?(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as LogError: self.init(log: error)
        case let error as FieldError: self.init(error.description, code: ExitCodes.usage)
        case let error as JournalError: self.init(journal: error)
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
                "\(TimeText.iso(asked)) is before the journal's first event at "
                    + TimeText.iso(oldest))
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
}

/// Ctrl-C stops long work at the next message; what was written stays a valid journal.
enum Signals {
    nonisolated(unsafe) private static var flag: sig_atomic_t = 0

    static var isInterrupted: Bool { flag != 0 }

    static func prepare() {
        // A program started without its three standard files must not write a journal into them.
        var opened: Int32 = 0
        while opened <= 2 {
            opened = open("/dev/null", O_RDWR)
            if opened < 0 || opened > 2 { break }
        }
        if opened > 2 { close(opened) }
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGINT) { _ in Signals.flag = 1 }
        signal(SIGTERM) { _ in Signals.flag = 1 }
        // Who started us may have blocked them, and a mask outlives exec.
        var wanted = sigset_t()
        sigemptyset(&wanted)
        sigaddset(&wanted, SIGINT)
        sigaddset(&wanted, SIGTERM)
        pthread_sigmask(Int32(SIG_UNBLOCK), &wanted, nil)
    }
}
