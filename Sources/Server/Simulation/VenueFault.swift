import Venues

/// A fault that a simulated venue is told to have, for a while: `binance=down@30s+10s`,
/// `okx=drop:20@5s+60s` (20 of a thousand messages).
public struct VenueFault: Equatable, Sendable {
    /// What goes wrong.
    public enum Kind: String, CaseIterable, Sendable {
        /// It cannot be reached; open sockets are closed.
        case down
        /// Open sockets stay open and say nothing (half-open).
        case silent
        /// Open sockets are closed once, at the start.
        case disconnect
        /// A connection ends at any byte of a message.
        case cut
        /// The venue closes sockets that are ten seconds old, as it does at its age limit.
        case age
        /// Messages are lost, doubled, late, overtaken, damaged, cut; numbers and checksums lie.
        case drop, duplicate, delay, reorder, corrupt, truncate, sequence, checksum
        /// REST answers are those of a minute ago.
        case stale
        /// REST requests are answered by 429, or by 418.
        case limited, banned
    }

    /// The feed's name.
    public var feed: String
    /// What goes wrong.
    public var kind: Kind
    /// How many of a thousand messages.
    public var perMille: Int
    /// When it begins, ns after the start.
    public var offsetNanos: Int64
    /// How long it lasts, ns.
    public var durationNanos: Int64

    /// Why a fault cannot be read: the rule.
    public struct Malformed: Error, CustomStringConvertible {
        /// One line.
        public let description: String
    }

    /// Reads `FEED=KIND[:PERMILLE]@START+LENGTH`, times in whole seconds.
    public init(_ text: String) throws(Malformed) {
        let form = "FEED=KIND[:PERMILLE]@STARTs+LENGTHs"
        func malformed(_ rule: String) -> Malformed {
            Malformed(description: "VENUE_FAULTS: '\(text)' \(rule); the form is \(form)")
        }
        let sides = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard sides.count == 2 else { throw malformed("names no feed") }
        let parts = sides[1].split(separator: "@", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw malformed("says no time") }
        let kind = parts[0].split(separator: ":", maxSplits: 1).map(String.init)
        guard let known = kind.first.flatMap({ Kind(rawValue: $0) }) else {
            let all = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw malformed("has none of the kinds \(all)")
        }
        let times = parts[1].split(separator: "+", maxSplits: 1).map(String.init)
        guard times.count == 2, let start = Self.seconds(times[0]),
            let length = Self.seconds(times[1])
        else { throw malformed("has no times of 0 to 86400 s") }
        var rate = 1_000
        if kind.count == 2 {
            guard let number = Int(kind[1]), (1...1_000).contains(number) else {
                throw malformed("has no rate of 1 to 1000")
            }
            rate = number
        }
        feed = sides[0]
        self.kind = known
        perMille = rate
        offsetNanos = start * 1_000_000_000
        durationNanos = length * 1_000_000_000
    }

    private static func seconds(_ text: String) -> Int64? {
        let digits = text.hasSuffix("s") ? text.dropLast() : text[...]
        guard let value = Int64(digits), (0...86_400).contains(value) else { return nil }
        return value
    }

    /// The fault of a plan of messages that this is; nil when it is of another sort.
    var message: FaultPlan.Fault? {
        switch kind {
        case .drop: .drop
        case .duplicate: .duplicate
        case .delay: .delay
        case .reorder: .reorder
        case .corrupt: .corrupt
        case .truncate: .truncate
        case .sequence: .wrongSequence
        case .checksum: .wrongChecksum
        case .down, .silent, .disconnect, .cut, .age, .stale, .limited, .banned: nil
        }
    }

    /// Whether it has been in force, `elapsed` ns after the start.
    func isOver(_ elapsed: Int64) -> Bool { elapsed - offsetNanos >= max(durationNanos, 1) }

    /// Whether it is in force `elapsed` ns after the start.
    func isOn(_ elapsed: Int64) -> Bool {
        elapsed >= offsetNanos && elapsed - offsetNanos < max(durationNanos, 1)
    }
}
