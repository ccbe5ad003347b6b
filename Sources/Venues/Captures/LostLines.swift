import Engine

/// A line of a recording that was unreadable, with its first bytes.
struct LostLine {
    let error: WireError
    let evidence: [UInt8]
}

/// Lines that were unreadable before their recording spoke of a connection, or before it had a
/// time: they belong to no block yet, and are said with the first message that has one.
struct LostLines {
    private(set) var all: [LostLine] = []

    /// Lines beyond this count are counted by their outcome alone.
    static var linesMax: Int { 1_024 }

    var isEmpty: Bool { all.isEmpty }

    /// Hands out each line.
    func forEach(_ take: (WireError, Bytes) -> Void) {
        for line in all { line.evidence.withUnsafeBufferPointer { take(line.error, $0) } }
    }

    /// Keeps a line and gives its outcome.
    mutating func keep(_ error: WireError, _ line: Bytes) -> Outcome {
        if all.count < LostLines.linesMax {
            let evidence = Array(line.prefix(Limits.rejectedBytesMax))
            all.append(LostLine(error: error, evidence: evidence))
        }
        return .rejected(error.reason)
    }

    /// Adds the lines of another place.
    mutating func add(_ other: LostLines) {
        all += other.all.prefix(LostLines.linesMax - all.count)
    }
}
