/// Why a setting cannot be taken: one line with its name, its value and the rule.
public struct SettingError: Error, CustomStringConvertible, Equatable, Sendable {
    /// The line.
    public let description: String

    /// `name` may not be `value`: `rule`.
    public init(_ name: String, _ value: String, _ rule: String) {
        description = "\(name): '\(value)' \(rule)"
    }
}

/// One thing that can be set: by the environment, by a flag of the same meaning, or not at all.
public struct Setting: Sendable {
    /// Name in the environment.
    public let name: String
    /// What it is when nobody sets it, as text; empty: nothing.
    public let standard: String
    /// What it is for, in one line.
    public let purpose: String
    let apply: @Sendable (inout Settings, String) throws -> Void

    init(
        _ name: String, _ standard: String, _ purpose: String,
        _ apply: @escaping @Sendable (inout Settings, String) throws -> Void
    ) {
        self.name = name
        self.standard = standard
        self.purpose = purpose
        self.apply = apply
    }
}

/// Text to values, each with the rule that it breaks.
enum SettingText {
    static func whole(
        _ name: String, _ text: String, _ range: ClosedRange<Int>
    ) throws -> Int {
        guard let value = Int(text), range.contains(value) else {
            throw SettingError(
                name, text, "is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    static func flag(_ name: String, _ text: String) throws -> Bool {
        switch text.lowercased() {
        case "true", "1", "yes": return true
        case "false", "0", "no": return false
        default: throw SettingError(name, text, "is neither true nor false")
        }
    }

    /// Parts between commas, each once, without spaces around them.
    static func list(_ name: String, _ text: String) throws -> [String] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map {
            $0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        }.map { String($0) }
        guard !parts.isEmpty, !parts.contains("") else {
            throw SettingError(name, text, "is not a list with commas")
        }
        guard Set(parts).count == parts.count else {
            throw SettingError(name, text, "names something twice")
        }
        return parts
    }

    static func address(_ name: String, _ text: String, _ schemes: [String]) throws -> String {
        guard schemes.contains(where: { text.hasPrefix($0 + "://") }), SocketAddress(text) != nil
        else {
            let forms = schemes.map { $0 + "://HOST[:PORT][/PATH]" }.joined(separator: " or ")
            throw SettingError(name, text, "is no address of the form \(forms)")
        }
        return text
    }

    static func host(_ name: String, _ text: String) throws -> String {
        let isPlain = text.utf8.allSatisfy {
            ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a)
                || $0 == 0x2e || $0 == 0x2d || $0 == 0x3a
        }
        guard !text.isEmpty, text.utf8.count <= 253, isPlain else {
            throw SettingError(name, text, "is no host name or address")
        }
        return text
    }
}
