import HTTPTypes

/// The fields of a JSON body that is an object, after unknown ones were refused.
struct BodyFields {
    private var values: [String: JSONValue] = [:]

    /// Reads `body`, which may have the fields `known`.
    init(_ body: [UInt8], _ known: [String]) throws(HTTPFailure) {
        for member in try BodyFields.members(body) {
            guard known.contains(member.key) else {
                throw .field(
                    member.key, "unknown", "the fields are \(known.joined(separator: ", "))")
            }
            values[member.key] = member.value
        }
    }

    /// The members of the object that a body has to be.
    static func members(_ body: [UInt8]) throws(HTTPFailure) -> [JSONMember] {
        do throws(JSONError) { return try StrictJSON.object(body) } catch {
            throw HTTPFailure(
                .badRequest, "json", "no JSON object: \(error.message) at byte \(error.offset)")
        }
    }

    /// Whether the field was given.
    func has(_ name: String) -> Bool { values[name] != nil }

    /// A text; nil where it was not given.
    func string(_ name: String) throws(HTTPFailure) -> String? {
        guard let value = values[name] else { return nil }
        guard case .string(let text) = value else { throw .field(name, "type", "a string") }
        return text
    }

    /// A number as it was written, or a text.
    func text(_ name: String) throws(HTTPFailure) -> String? {
        switch values[name] {
        case nil: return nil
        case .number(let text), .string(let text): return text
        default: throw .field(name, "type", "a number or a string")
        }
    }

    /// A whole number of a range.
    func number(_ name: String, in range: ClosedRange<UInt64>) throws(HTTPFailure) -> UInt64? {
        guard let value = values[name] else { return nil }
        guard case .number(let text) = value, let number = UInt64(text), range.contains(number)
        else {
            throw .field(
                name, "range", "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
