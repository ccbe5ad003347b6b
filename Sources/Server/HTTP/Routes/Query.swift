import Engine

/// The parameters of a request, after unknown, repeated and doubtful ones were refused.
struct Query: Equatable, Sendable {
    private var values: [String: String] = [:]

    /// Longest value.
    private static let valueBytesMax = 160

    /// Reads what stands behind the question mark, for a route that knows `parameters`.
    init(_ text: Substring?, _ parameters: [Parameter]) throws(HTTPFailure) {
        for pair in (text ?? "").split(separator: "&", omittingEmptySubsequences: true) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard parameters.contains(where: { $0.name == name }) else {
                let known = parameters.map(\.name).joined(separator: ", ")
                throw .field(
                    Query.shown(name), "unknown",
                    known.isEmpty ? "there are no parameters here" : "the parameters are \(known)")
            }
            guard values[name] == nil else { throw .field(name, "repeated", "it stands twice") }
            values[name] = try Query.value(name, parts.count > 1 ? parts[1] : "")
        }
        for parameter in parameters where parameter.isRequired && values[parameter.name] == nil {
            throw .field(parameter.name, "missing", "it is needed")
        }
    }

    /// The value of a parameter, where it was given.
    subscript(_ name: String) -> String? { values[name] }

    /// Letters that names of the registry are made of; everything else is refused unread.
    private static func value(_ name: String, _ text: Substring) throws(HTTPFailure) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else { throw .field(name, "form", "a percent sign is no escape") }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard (1...valueBytesMax).contains(bytes.count), bytes.allSatisfy(isNameByte) else {
            throw .field(name, "form", "1 to 160 letters, digits and . : _ @ / -")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x2d...0x3a, 0x40...0x5a, 0x5f, 0x61...0x7a: true
        default: false
        }
    }

    /// A name from outside as it may stand in an answer.
    private static func shown(_ name: String) -> String {
        String(decoding: name.utf8.prefix(64).filter(isNameByte), as: UTF8.self)
    }
}

extension Query {
    /// A sequence, from `lowest` on.
    func sequence(_ name: String, from lowest: UInt64) throws(HTTPFailure) -> UInt64? {
        guard let text = values[name] else { return nil }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = UInt64(text),
            value >= lowest, value < UInt64(Int64.max)
        else { throw .field(name, "sequence", "a whole number from \(lowest) on") }
        return value
    }

    /// A time, ns.
    func time(_ name: String) throws(HTTPFailure) -> Int64? {
        guard let text = values[name] else { return nil }
        guard let time = TimeText.nanos(text) else {
            throw .field(name, "time", "unix seconds, milliseconds, or ISO 8601 with Z")
        }
        return time
    }

    /// A decimal number above zero, without trailing zeros.
    func positive(_ name: String) throws(HTTPFailure) -> Decimal? {
        guard let text = values[name] else { return nil }
        guard let value = try? DecimalText.parse(Array(text.utf8)), value.mantissa > 0 else {
            throw .field(name, "range", "a decimal number above 0")
        }
        return value.trimmed
    }

    /// The stretch `[from, to)`, ns, of at most `spanMax`.
    func times(spanMax: Int64) throws(HTTPFailure) -> Range<Int64> {
        guard let from = try time("from"), let to = try time("to") else {
            throw .field("from", "missing", "from and to are needed")
        }
        guard from <= to else { throw .field("to", "order", "it lies before from") }
        guard to - from <= spanMax else {
            throw .field("to", "span", "at most \(spanMax / (3_600 * Timestamp.second)) hours")
        }
        return from..<to
    }

    /// A whole number of a range.
    func number(_ name: String, in range: ClosedRange<Int>) throws(HTTPFailure) -> Int? {
        guard let text = values[name] else { return nil }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text),
            range.contains(value)
        else {
            throw .field(
                name, "range", "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}
