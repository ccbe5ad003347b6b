/// Names one book by what the outside world calls it, for groups that are set up by hand.
public struct GroupMember: Equatable, Sendable {
    /// The venue.
    public var venue: Venue
    /// The venue's own symbol.
    public var venueSymbol: [UInt8]

    /// The book of `venueSymbol` at `venue`.
    public init(venue: Venue, venueSymbol: [UInt8]) {
        self.venue = venue
        self.venueSymbol = venueSymbol
    }
}

/// An explicit routing group: a consolidated instrument made by hand, labelled `mixed`
/// (`semantics.md` 3). It takes the place of the default table of the same name.
public struct RoutingGroup: Equatable, Sendable {
    /// The consolidated symbol, e.g. `BTC-USD`.
    public var name: [UInt8]
    /// Members in table order; at most one a venue.
    public var members: [GroupMember]

    /// A group of `members` under `name`.
    public init(name: [UInt8], members: [GroupMember]) {
        self.name = name
        self.members = members
    }
}

/// Everything tunable that changes a result. It is an event at the head of a log, so that a
/// replay needs nothing but the log.
public struct EngineConfiguration: Equatable, Sendable {
    /// Version of the fold: a change that alters any output or digest raises it.
    public static var currentVersion: UInt32 { 1 }

    /// Version of the fold that wrote the log.
    public var engineVersion: UInt32
    /// Clock ticks a second, 1…10.
    public var tickHz: UInt32
    /// Price windows around mid in bps, each once, at most 16; the first is the default window,
    /// the one of rollups.
    public var windowsBps: [UInt32]
    /// Levels a side that the order-book metrics look at.
    public var metricDepth: UInt32
    /// A book without update for longer than this is stale, ns.
    public var staleAfterNanos: Int64
    /// A book crossed in itself for longer than this is invalid, ns.
    public var crossedNanosMax: Int64
    /// A book crossed in itself for more than this many of its own events is invalid.
    public var crossedEventsMax: UInt32
    /// Fee of a venue that the order does not name, in units of 10^−4 bps.
    public var defaultFee: Int64
    /// Explicit routing groups.
    public var groups: [RoutingGroup]

    /// The product's defaults: 2 Hz, windows 50, 10, 25 and 100 bps, depth 10, stale after 3 s.
    public init() {
        engineVersion = EngineConfiguration.currentVersion
        tickHz = 2
        windowsBps = [50, 10, 25, 100]
        metricDepth = 10
        staleAfterNanos = 3 * Timestamp.second
        crossedNanosMax = Timestamp.second
        crossedEventsMax = 10
        defaultFee = 0
        groups = []
    }

    func encode(to writer: inout ByteWriter) {
        writer.put(engineVersion)
        writer.put(tickHz)
        writer.put(UInt8(windowsBps.count))
        for window in windowsBps { writer.put(window) }
        writer.put(metricDepth)
        writer.put(staleAfterNanos)
        writer.put(crossedNanosMax)
        writer.put(crossedEventsMax)
        writer.put(defaultFee)
        writer.put(UInt16(groups.count))
        for group in groups {
            writer.put(text: group.name)
            writer.put(UInt8(group.members.count))
            for member in group.members {
                writer.put(member.venue.rawValue)
                writer.put(text: member.venueSymbol)
            }
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init()
        engineVersion = try reader.integer(UInt32.self)
        tickHz = try reader.integer(UInt32.self)
        guard (1...Limits.tickHzMax).contains(tickHz) else { throw .invalid(.number) }
        try readWindows(&reader)
        metricDepth = try reader.integer(UInt32.self)
        guard (1...1_000).contains(metricDepth) else { throw .invalid(.number) }
        staleAfterNanos = try reader.integer(Int64.self)
        crossedNanosMax = try reader.integer(Int64.self)
        guard staleAfterNanos >= 0, crossedNanosMax >= 0 else { throw .invalid(.number) }
        crossedEventsMax = try reader.integer(UInt32.self)
        defaultFee = try reader.integer(Int64.self)
        guard Fee.range.contains(defaultFee) else { throw .invalid(.number) }
        try readGroups(&reader)
    }

    /// Whether a log may hold this configuration: what the decoder takes, the decoder gives back.
    public func check() throws(CodecError) {
        guard windowsBps.count <= Int(UInt8.max), groups.count <= Int(UInt16.max) else {
            throw .tooLarge(.count)
        }
        for group in groups {
            guard group.members.count <= Int(UInt8.max) else { throw .tooLarge(.count) }
            for text in [group.name] + group.members.map({ $0.venueSymbol }) {
                guard text.count <= Limits.textBytesMax else { throw .tooLarge(.text) }
            }
        }
        var writer = ByteWriter()
        encode(to: &writer)
        let bytes = writer.bytes
        let error = bytes.withUnsafeBufferPointer { buffer -> CodecError? in
            do throws(CodecError) {
                var reader = ByteReader(buffer)
                let back = try EngineConfiguration(from: &reader)
                return back == self ? nil : .invalid(.number)
            } catch {
                return error
            }
        }
        if let error { throw error }
    }

    private mutating func readWindows(_ reader: inout ByteReader) throws(CodecError) {
        let count = Int(try reader.byte())
        guard (1...Limits.windowsMax).contains(count) else { throw .invalid(.count) }
        windowsBps.removeAll()
        for _ in 0..<count {
            let window = try reader.integer(UInt32.self)
            guard (1...9_999).contains(window), !windowsBps.contains(window) else {
                throw .invalid(.number)
            }
            windowsBps.append(window)
        }
    }

    private mutating func readGroups(_ reader: inout ByteReader) throws(CodecError) {
        let count = Int(try reader.integer(UInt16.self))
        guard count <= Limits.groupsMax else { throw .tooLarge(.count) }
        for _ in 0..<count {
            var group = RoutingGroup(name: try reader.name(limit: Limits.textBytesMax), members: [])
            guard !groups.contains(where: { $0.name == group.name }) else { throw .invalid(.text) }
            let members = Int(try reader.byte())
            guard members <= Limits.venuesPerFrameMax else { throw .tooLarge(.count) }
            for _ in 0..<members {
                guard let venue = Venue(rawValue: try reader.byte()) else {
                    throw .invalid(.venue)
                }
                let symbol = try reader.name(limit: Limits.textBytesMax)
                guard !group.members.contains(where: { $0.venue == venue }) else {
                    throw .invalid(.venue)
                }
                group.members.append(GroupMember(venue: venue, venueSymbol: symbol))
            }
            groups.append(group)
        }
    }
}
