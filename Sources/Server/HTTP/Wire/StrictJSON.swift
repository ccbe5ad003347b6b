/// A value of JSON. Numbers keep their digits: they are read by the product's own parser.
enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])
}

/// A key of an object and what it stands for.
struct JSONMember: Equatable, Sendable {
    var key: String
    var value: JSONValue
}

/// Why bytes are not the JSON that is taken here.
struct JSONError: Error, Equatable {
    /// In words.
    var message: String
    /// Where, in bytes.
    var offset: Int
}

/// JSON of clients (RFC 8259), without anything that two parsers could read in two ways: no
/// duplicate keys, no lone surrogates, no bytes behind the value, UTF-8 alone; bounded depth and
/// text (`reliability.md` 3).
struct StrictJSON {
    private static let depthMax = 32
    private static let textBytesMax = 4 << 10
    private static let membersMax = 256

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The object that `bytes` are.
    static func object(_ bytes: [UInt8]) throws(JSONError) -> [JSONMember] {
        guard case .object(let members) = try value(bytes) else {
            throw JSONError(message: "not an object", offset: 0)
        }
        return members
    }

    /// The value that `bytes` are.
    static func value(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var check = UTF8Check()
        guard bytes.withUnsafeBytes({ check.take($0) }), check.isWhole else {
            throw JSONError(message: "not UTF-8", offset: 0)
        }
        var reader = StrictJSON(bytes)
        let value = try reader.value()
        reader.skipBlanks()
        guard reader.position == bytes.count else {
            throw reader.error("bytes behind the value")
        }
        return value
    }

    private func error(_ message: String) -> JSONError {
        JSONError(message: message, offset: position)
    }

    private mutating func skipBlanks() {
        while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) {
            position += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        skipBlanks()
        guard position < bytes.count else { throw error("the value is missing") }
        switch bytes[position] {
        case 0x7b: return .object(try object())
        case 0x5b: return .array(try array())
        case 0x22: return .string(try string())
        case 0x2d, 0x30...0x39: return .number(try number())
        default:
            for (word, value) in [
                ("null", JSONValue.null), ("true", .bool(true)), ("false", .bool(false)),
            ] where bytes[position...].starts(with: word.utf8) {
                position += word.utf8.count
                return value
            }
            throw error("no value begins like this")
        }
    }

    private mutating func enter() throws(JSONError) {
        depth += 1
        position += 1
        guard depth <= StrictJSON.depthMax else { throw error("nested too deeply") }
        skipBlanks()
    }

    private mutating func object() throws(JSONError) -> [JSONMember] {
        try enter()
        defer { depth -= 1 }
        var members: [JSONMember] = []
        if take(0x7d) { return members }
        while true {
            skipBlanks()
            guard position < bytes.count, bytes[position] == 0x22 else {
                throw error("a key is a string")
            }
            let key = try string()
            guard !members.contains(where: { $0.key == key }) else {
                throw error("the key '\(key)' stands twice")
            }
            skipBlanks()
            guard take(0x3a) else { throw error("a colon is missing") }
            members.append(JSONMember(key: key, value: try value()))
            guard members.count <= StrictJSON.membersMax else { throw error("too many members") }
            skipBlanks()
            if take(0x7d) { return members }
            guard take(0x2c) else { throw error("a comma is missing") }
        }
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        try enter()
        defer { depth -= 1 }
        var values: [JSONValue] = []
        if take(0x5d) { return values }
        while true {
            values.append(try value())
            guard values.count <= StrictJSON.membersMax else { throw error("too many members") }
            skipBlanks()
            if take(0x5d) { return values }
            guard take(0x2c) else { throw error("a comma is missing") }
        }
    }

    private mutating func number() throws(JSONError) -> String {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case 0x30...0x39, 0x2b, 0x2d, 0x2e, 0x45, 0x65: position += 1
            default:
                return try number(from: start)
            }
        }
        return try number(from: start)
    }

    private func number(from start: Int) throws(JSONError) -> String {
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        let form = /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+\-]?[0-9]+)?/
        guard text.utf8.count <= 64, text.wholeMatch(of: form) != nil else {
            throw error("not a number")
        }
        return text
    }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case 0x22: return String(decoding: text, as: UTF8.self)
            case 0x5c: try escape(&text)
            case 0..<0x20: throw error("a control character in a string")
            default: text.append(byte)
            }
            guard text.count <= StrictJSON.textBytesMax else { throw error("a string is too long") }
        }
        throw error("a string has no end")
    }

    private mutating func escape(_ text: inout [UInt8]) throws(JSONError) {
        guard position < bytes.count else { throw error("a string has no end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case 0x22, 0x5c, 0x2f: text.append(byte)
        case 0x62: text.append(0x08)
        case 0x66: text.append(0x0c)
        case 0x6e: text.append(0x0a)
        case 0x72: text.append(0x0d)
        case 0x74: text.append(0x09)
        case 0x75:
            let first = try unit()
            var value = UInt32(first)
            if (0xd800...0xdbff).contains(first) {
                guard take(0x5c), take(0x75) else { throw error("a lone surrogate") }
                let second = try unit()
                guard (0xdc00...0xdfff).contains(second) else { throw error("a lone surrogate") }
                value = 0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(value) else { throw error("a lone surrogate") }
            text += Array(String(Character(scalar)).utf8)
        default: throw error("no escape begins like this")
        }
    }

    private mutating func unit() throws(JSONError) -> UInt16 {
        guard position + 4 <= bytes.count else { throw error("an escape has no end") }
        let digits = bytes[position..<position + 4]
        guard digits.allSatisfy({ $0 != 0x2b && $0 != 0x2d }),
            let value = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw error("an escape has four hexadecimal digits") }
        position += 4
        return value
    }
}
