/// Segment file names: the first sequence in twenty digits, then `.zst`.
public enum SegmentName {
    /// The name of the segment that starts at `firstSequence`.
    public static func name(firstSequence: UInt64) -> String {
        let digits = String(firstSequence)
        return String(repeating: "0", count: 20 - digits.count) + digits + ".zst"
    }

    /// The first sequence a name stands for; nil when it is not the name of a segment.
    public static func firstSequence(of name: String) -> UInt64? {
        let bytes = Array(name.utf8)
        guard bytes.count == 24, name.hasSuffix(".zst") else { return nil }
        guard bytes[..<20].allSatisfy({ (48...57).contains($0) }) else { return nil }
        guard let value = UInt64(name.prefix(20)), value >= 1 else { return nil }
        return value
    }

    /// Where a rewritten segment is built before it is renamed over the original.
    static func temporary(of name: String) -> String { name + temporarySuffix }

    /// The segment that a name is the temporary of; nil when it is something else.
    static func segment(ofTemporary name: String) -> String? {
        guard name.hasSuffix(temporarySuffix) else { return nil }
        let segment = String(name.dropLast(temporarySuffix.count))
        return firstSequence(of: segment) == nil ? nil : segment
    }

    /// Where bytes go that recovery cuts away.
    static func cut(of name: String, offset: Int, wallNanos: Int64) -> String {
        "\(name).cut-\(offset)-\(wallNanos)"
    }

    static let temporarySuffix = ".tmp"
    /// The file whose lock makes a process the single writer.
    static let lock = "lock"
}
