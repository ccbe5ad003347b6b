import Foundation
import Server

/// Buffered standard output; a closed pipe ends the program quietly.
struct StandardOutput {
    private var bytes: [UInt8] = []

    mutating func write(_ text: String) { write(Array(text.utf8)) }

    mutating func write(_ more: some Sequence<UInt8>) {
        bytes.append(contentsOf: more)
        if bytes.count >= 1 << 16 { flush() }
    }

    mutating func line(_ text: String) { write(text + "\n") }

    mutating func flush() {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes {
                Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { exit(errno == EPIPE ? 0 : ExitCodes.inputOutput) }
            offset += count
        }
        bytes.removeAll(keepingCapacity: true)
    }
}

/// A progress line with rate and time left: on a terminal only, silence in a pipe.
struct Progress {
    private let isShown = isatty(STDERR_FILENO) == 1
    private let start = Date()
    private var lastShown = Date.distantPast
    private let total: Int
    private let unit: String

    /// Progress towards `total` (0: unknown) of `unit`.
    init(total: Int, unit: String) {
        self.total = total
        self.unit = unit
    }

    mutating func update(_ done: Int) {
        guard isShown else { return }
        let now = Date()
        guard now.timeIntervalSince(lastShown) >= 0.2 else { return }
        lastShown = now
        let elapsed = now.timeIntervalSince(start)
        let rate = Double(done) / max(elapsed, 0.001)
        var line = "\r\(grouped(done)) \(unit), \(grouped(Int(rate)))/s"
        if total > 0 {
            let share = min(1, Double(done) / Double(total))
            let filled = Int(share * 30)
            let bar =
                String(repeating: "█", count: filled) + String(repeating: "·", count: 30 - filled)
            let left = Int(Double(max(0, total - done)) / max(rate, 1))
            line =
                "\r[\(bar)] \(Int(share * 100)) %  \(grouped(Int(rate))) \(unit)/s  ETA \(left) s"
        }
        FileHandle.standardError.write(Data((line + "\u{1B}[K").utf8))
    }

    mutating func finish() {
        guard isShown else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }
}

/// A count with blanks between thousands.
func grouped(_ value: some BinaryInteger) -> String {
    var result = ""
    for (index, digit) in String(value).reversed().enumerated() {
        if index > 0, index % 3 == 0, digit != "-" { result.append(" ") }
        result.append(digit)
    }
    return String(result.reversed())
}

/// A JSON object of this program's own reports: keys sorted, one line.
func jsonLine(_ object: [String: Any]) throws -> String {
    let data = try JSONSerialization.data(
        withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data, as: UTF8.self)
}
