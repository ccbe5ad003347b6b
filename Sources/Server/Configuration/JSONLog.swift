import Engine
import Foundation
public import Logging
import Synchronization

/// Structured logs: one JSON object a line, with time, level, message and fields.
public struct JSONLog: LogHandler {
    /// Fields of every line of this logger.
    public var metadata: Logger.Metadata = [:]
    /// The least important line that is written.
    public var logLevel: Logger.Level = .info
    private let label: String
    private let target: JSONLogTarget

    /// A handler for lines of `label`.
    public init(label: String, level: Logger.Level, target: JSONLogTarget) {
        self.label = label
        self.target = target
        logLevel = level
    }

    /// One field of every line.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line.
    public func log(event: LogEvent) {
        var fields: [String: String] = [
            "ts": JSONLog.now(), "level": "\(event.level)", "logger": label,
            "message": "\(event.message)",
        ]
        for (key, value) in metadata { fields[key] = "\(value)" }
        for (key, value) in event.metadata ?? [:] { fields[key] = "\(value)" }
        guard
            var line = try? JSONSerialization.data(
                withJSONObject: fields, options: [.sortedKeys, .withoutEscapingSlashes])
        else { return }
        line.append(0x0a)
        target.write(line)
    }

    private static func now() -> String {
        var bytes: [UInt8] = []
        Timestamp.appendISO(Int64(Date().timeIntervalSince1970 * 1_000) * 1_000_000, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Where log lines go: standard error, or a file that is appended to.
public final class JSONLogTarget: Sendable {
    private let file: Mutex<FileHandle>

    /// Standard error.
    public init() { file = Mutex(.standardError) }

    /// A file; made when it is not there, with access for its owner alone.
    ///
    /// - Throws: `SettingError`.
    public init(path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw SettingError(
                "LOG_FILE", path, "cannot be written: \(String(cString: strerror(errno)))")
        }
        file = Mutex(FileHandle(fileDescriptor: descriptor, closeOnDealloc: true))
    }

    func write(_ line: Data) {
        file.withLock { try? $0.write(contentsOf: line) }
    }
}
