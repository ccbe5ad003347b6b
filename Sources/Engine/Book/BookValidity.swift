/// Why a book may not be used.
public enum InvalidReason: UInt8, CaseIterable, Sendable {
    /// The venue's sequence has a hole.
    case gap = 1
    /// The venue's checksum did not match.
    case checksum = 2
    /// Bid at or above ask for too long.
    case crossed = 3
    /// A number or a count of levels beyond the limits.
    case overflow = 4
    /// A message inside the sequence could not be read.
    case parse = 5
    /// The venue said so.
    case venue = 6

    /// The word in JSON.
    public var word: StaticString {
        switch self {
        case .gap: "gap"
        case .checksum: "checksum"
        case .crossed: "crossed"
        case .overflow: "overflow"
        case .parse: "parse"
        case .venue: "venue"
        }
    }
}

/// State of a book (`semantics.md` 10). *Stale* is derived by the fold and is not one of them.
public enum BookValidity: Equatable, Sendable {
    /// Nothing is known.
    case empty
    /// Waiting for a snapshot, or for the delta that continues it.
    case syncing
    /// Equal to the venue's book.
    case live
    /// Not to be used until the next snapshot.
    case invalid(InvalidReason)

    /// One byte for the codec: 0 empty, 1 syncing, 2 live, 16 + reason.
    var code: UInt8 {
        switch self {
        case .empty: 0
        case .syncing: 1
        case .live: 2
        case .invalid(let reason): 16 + reason.rawValue
        }
    }

    init?(code: UInt8) {
        switch code {
        case 0: self = .empty
        case 1: self = .syncing
        case 2: self = .live
        default:
            guard code > 16, let reason = InvalidReason(rawValue: code - 16) else { return nil }
            self = .invalid(reason)
        }
    }

    /// Appends the word in JSON: `live`, `invalid(gap)` and so on.
    public func append(to bytes: inout [UInt8]) {
        switch self {
        case .empty: Text.append("empty", to: &bytes)
        case .syncing: Text.append("syncing", to: &bytes)
        case .live: Text.append("live", to: &bytes)
        case .invalid(let reason):
            Text.append("invalid(", to: &bytes)
            Text.append(reason.word, to: &bytes)
            bytes.append(0x29)
        }
    }
}
