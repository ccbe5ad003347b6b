public import Engine

/// Why a message of a venue cannot be used. Wrong input is data: it is counted and kept as a
/// `rejectedMessage`; it never stops the program.
public enum WireError: UInt8, Error, CaseIterable, Sendable {
    /// The text ends inside a value.
    case truncated = 1
    /// A byte that the grammar does not allow here.
    case unexpectedByte
    /// A control character inside a string.
    case controlByte
    /// A backslash with an unknown letter, bad hex digits or half a surrogate pair.
    case badEscape
    /// Not UTF-8.
    case badUTF8
    /// Something follows the last value.
    case trailingBytes
    /// A key stands twice in one object.
    case duplicateKey
    /// A key of an object that is read, or a symbol, is written with escapes.
    case escapedKey
    /// Nested deeper than `WireLimits.depthMax`.
    case tooDeep
    /// A string, an id, a count of keys or of levels, or the message itself is beyond its limit.
    case tooLarge
    /// A number that breaks the rules of `reliability.md` section 3.
    case badNumber
    /// A time that is not RFC 3339.
    case badTime
    /// A price or size outside its range, or with more than 18 digits.
    case outOfRange
    /// A field that the message needs is missing or has another type.
    case missingField
    /// A kind of message that the adapter does not know.
    case unknownMessage
    /// A symbol that no table explains.
    case unknownSymbol
    /// A symbol that no definition can hold, or one more than the limits allow: it has no book, so
    /// what is said of it changes none.
    case undefinable

    /// Whether it speaks of a symbol that can have no book here.
    var isOfNoBook: Bool { self == .unknownSymbol || self == .undefinable }

    /// The word of the journal for this error.
    public var reason: RejectReason {
        switch self {
        case .truncated, .unexpectedByte, .controlByte, .badEscape, .badUTF8, .trailingBytes,
            .duplicateKey, .escapedKey:
            .malformed
        case .tooDeep, .tooLarge, .undefinable: .tooLarge
        case .badNumber, .badTime: .badNumber
        case .outOfRange: .outOfRange
        case .missingField: .missingField
        case .unknownMessage: .unknownMessage
        case .unknownSymbol: .unknownSymbol
        }
    }
}

/// Bounds of what is read from a venue; beyond them a message is refused, never cut.
public enum WireLimits {
    /// Bytes of one message (V.13).
    public static var messageBytesMax: Int { 16 << 20 }
    /// Nested objects and arrays.
    public static var depthMax: Int { 32 }
    /// Bytes of a string on the wire.
    public static var stringBytesMax: Int { 4_096 }
    /// Bytes of a symbol or another id.
    public static var idBytesMax: Int { 128 }
    /// Keys in an object that is read.
    public static var keysMax: Int { 128 }
}
