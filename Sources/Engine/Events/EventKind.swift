/// The closed list of facts that a journal may hold. Raw values are part of the format.
public enum EventKind: UInt8, CaseIterable, Sendable {
    /// A recording begins.
    case sessionStart = 1
    /// Everything tunable that changes a result.
    case configuration = 2
    /// An instrument of a venue and the meaning of its numbers.
    case instrumentDefinition = 3
    /// A connection or a book changed its state.
    case venueStatus = 4
    /// A book is replaced.
    case bookSnapshot = 5
    /// Levels of a book are set or removed.
    case bookDelta = 6
    /// A trade was reported.
    case trade = 7
    /// A position was closed by force.
    case liquidation = 8
    /// A funding rate.
    case funding = 9
    /// Contracts outstanding.
    case openInterest = 10
    /// A mark or index price.
    case markPrice = 11
    /// A quote of a prediction market.
    case predictionTick = 12
    /// An event on a chain.
    case onChainEvent = 13
    /// The clock reached the next tick of the UTC grid.
    case clockTick = 14
    /// The wall clock was stepped.
    case clockStep = 15
    /// The clock stood still for a while.
    case clockGap = 16
    /// A message that could not be used.
    case rejectedMessage = 17
    /// A delivery that came too late to be folded.
    case lateEvent = 18

    /// Whether the event carries its fields in the columns of books and trades.
    var isColumnar: Bool {
        self == .bookSnapshot || self == .bookDelta || self == .trade
    }
}

/// Flags of a book or trade event. Unknown bits are refused.
public struct EventFlags: OptionSet, Sendable, BitwiseCopyable {
    /// The bits.
    public let rawValue: UInt8

    /// Flags from their bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A snapshot that needs a bridging delta before the book is live (a REST snapshot).
    public static let needsBridge = EventFlags(rawValue: 1)
    /// The venue's checksum over this book was right.
    public static let checksumPassed = EventFlags(rawValue: 2)
    /// The venue's checksum over this book was wrong.
    public static let checksumFailed = EventFlags(rawValue: 4)
    /// The bids of this snapshot were cut to a count of levels.
    public static let bidsCut = EventFlags(rawValue: 8)
    /// The asks of this snapshot were cut to a count of levels.
    public static let asksCut = EventFlags(rawValue: 16)
    /// The taker bought.
    public static let takerBuy = EventFlags(rawValue: 32)
    /// The taker sold.
    public static let takerSell = EventFlags(rawValue: 64)

    /// All bits that have a meaning.
    static let all = EventFlags(rawValue: 127)

    /// The taker's side that these flags carry.
    public var takerSide: TakerSide {
        contains(.takerBuy) ? .buy : contains(.takerSell) ? .sell : .unknown
    }
}

/// Names one book: an instrument as seen through one connection.
public struct BookKey: Hashable, Sendable, BitwiseCopyable {
    /// `instrument << 16 | connection`.
    public let rawValue: UInt32

    /// The book of `instrument` on `connection`.
    public init(instrument: UInt16, connection: UInt16) {
        rawValue = UInt32(instrument) << 16 | UInt32(connection)
    }

    /// The book with this raw value.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Index of the instrument definition.
    public var instrument: UInt16 { UInt16(truncatingIfNeeded: rawValue >> 16) }

    /// Index of the connection.
    public var connection: UInt16 { UInt16(truncatingIfNeeded: rawValue) }
}
