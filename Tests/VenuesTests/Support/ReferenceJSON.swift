/// A slow, plain JSON reader written from RFC 8259 and `reliability.md` section 3 alone: text to
/// tree by recursive descent over an array. It shares no code with the scanner.
enum ReferenceJSON: Equatable {
    case null
    case bool(Bool)
    case number([UInt8])
    case string([UInt8])
    case array([ReferenceJSON])
    case object([(key: [UInt8], value: ReferenceJSON)])

    struct Refused: Error {}

    static func == (a: ReferenceJSON, b: ReferenceJSON) -> Bool {
        String(describing: a) == String(describing: b)
    }

    /// The tree of `text`, or nil when it is refused.
    static func parse(_ text: [UInt8]) -> ReferenceJSON? {
        var parser = Parser(text: text)
        guard let value = try? parser.value(depth: 1) else { return nil }
        parser.space()
        return parser.at == text.count ? value : nil
    }

    subscript(_ key: String) -> ReferenceJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == Array(key.utf8) }?.value
    }

    /// Whether a key stands twice, or is written with an escape, in this object.
    var hasBadKeys: Bool {
        guard case .object(let members) = self else { return true }
        for (index, member) in members.enumerated() {
            if member.key.contains(0x5c) { return true }
            if members[..<index].contains(where: { $0.key == member.key }) { return true }
        }
        return false
    }

    private struct Parser {
        let text: [UInt8]
        var at = 0

        mutating func space() {
            while at < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[at]) { at += 1 }
        }

        private mutating func next() throws -> UInt8 {
            guard at < text.count else { throw Refused() }
            defer { at += 1 }
            return text[at]
        }

        private mutating func need(_ byte: UInt8) throws {
            space()
            guard try next() == byte else { throw Refused() }
        }

        mutating func value(depth: Int) throws -> ReferenceJSON {
            space()
            guard at < text.count else { throw Refused() }
            switch text[at] {
            case 0x7b: return try object(depth)
            case 0x5b: return try array(depth)
            case 0x22: return .string(try string())
            case 0x74: return try word("true", .bool(true))
            case 0x66: return try word("false", .bool(false))
            case 0x6e: return try word("null", .null)
            default: return .number(try number())
            }
        }

        private mutating func word(_ word: String, _ value: ReferenceJSON) throws -> ReferenceJSON {
            for byte in word.utf8 where try next() != byte { throw Refused() }
            return value
        }

        private mutating func object(_ depth: Int) throws -> ReferenceJSON {
            guard depth <= 32 else { throw Refused() }
            try need(0x7b)
            var members: [(key: [UInt8], value: ReferenceJSON)] = []
            space()
            if at < text.count, text[at] == 0x7d {
                at += 1
                return .object([])
            }
            while true {
                space()
                let key = try string()
                try need(0x3a)
                members.append((key, try value(depth: depth + 1)))
                space()
                let byte = try next()
                if byte == 0x7d { return .object(members) }
                guard byte == 0x2c else { throw Refused() }
            }
        }

        private mutating func array(_ depth: Int) throws -> ReferenceJSON {
            guard depth <= 32 else { throw Refused() }
            try need(0x5b)
            var elements: [ReferenceJSON] = []
            space()
            if at < text.count, text[at] == 0x5d {
                at += 1
                return .array([])
            }
            while true {
                elements.append(try value(depth: depth + 1))
                space()
                let byte = try next()
                if byte == 0x5d { return .array(elements) }
                guard byte == 0x2c else { throw Refused() }
            }
        }

        /// The inside of a string as it stands on the wire.
        private mutating func string() throws -> [UInt8] {
            guard try next() == 0x22 else { throw Refused() }
            let start = at
            var units: [UInt32] = []
            while true {
                let byte = try next()
                if byte == 0x22 { break }
                if byte < 0x20 { throw Refused() }
                if byte == 0x5c {
                    units.append(try escape())
                } else {
                    if let last = units.last, (0xd800..<0xdc00).contains(last) { throw Refused() }
                    units.append(0)
                }
            }
            let raw = Array(text[start..<at - 1])
            guard raw.count <= 4_096, String(validating: raw, as: UTF8.self) != nil else {
                throw Refused()
            }
            try checkSurrogates(units)
            return raw
        }

        private func checkSurrogates(_ units: [UInt32]) throws {
            var index = 0
            while index < units.count {
                if (0xd800..<0xdc00).contains(units[index]) {
                    guard index + 1 < units.count, (0xdc00..<0xe000).contains(units[index + 1])
                    else { throw Refused() }
                    index += 1
                } else if (0xdc00..<0xe000).contains(units[index]) {
                    throw Refused()
                }
                index += 1
            }
        }

        private mutating func escape() throws -> UInt32 {
            let letter = try next()
            if Array("\"\\/bfnrt".utf8).contains(letter) { return 0 }
            guard letter == 0x75 else { throw Refused() }
            var digits: [UInt8] = []
            for _ in 0..<4 { digits.append(try next()) }
            let hex = Array("0123456789abcdefABCDEF".utf8)
            guard digits.allSatisfy(hex.contains),
                let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
            else { throw Refused() }
            return unit
        }

        private mutating func number() throws -> [UInt8] {
            let start = at
            if at < text.count, text[at] == 0x2d { at += 1 }
            if at < text.count, text[at] == 0x30 { at += 1 } else { try digits() }
            if at < text.count, text[at] == 0x2e {
                at += 1
                try digits()
            }
            if at < text.count, text[at] == 0x65 || text[at] == 0x45 {
                at += 1
                if at < text.count, text[at] == 0x2b || text[at] == 0x2d { at += 1 }
                try digits()
            }
            return Array(text[start..<at])
        }

        private mutating func digits() throws {
            let start = at
            while at < text.count, (0x30...0x39).contains(text[at]) { at += 1 }
            guard at > start else { throw Refused() }
        }
    }
}
