/// An order to be priced against the book of a consolidated instrument.
public struct Order: Equatable, Sendable {
    /// The consolidated instrument.
    public var symbol: [UInt8]
    /// Whether it buys; else it sells.
    public var isBuy: Bool
    /// Quote currency before fees, above 0 and at most 10^9.
    public var notional: Decimal
    /// Taker fees by venue in units of 10^−4 bps; the configured default holds for the others.
    public var fees: [VenueFee]
    /// The venue of the naive baseline; nil for the best raw touch.
    public var naiveVenue: Venue?

    /// An order with default fees.
    public init(symbol: [UInt8], isBuy: Bool, notional: Decimal) {
        self.symbol = symbol
        self.isBuy = isBuy
        self.notional = notional
        fees = []
        naiveVenue = nil
    }

    /// Largest notional of one order.
    public static var notionalMax: Int64 { 1_000_000_000 }
}

/// The taker fee of one venue.
public struct VenueFee: Equatable, Sendable {
    /// The venue.
    public var venue: Venue
    /// Units of 10^−4 bps, within `Fee.range`.
    public var fee: Int64

    /// A fee of `fee` units at `venue`.
    public init(venue: Venue, fee: Int64) {
        self.venue = venue
        self.fee = fee
    }
}

/// Why an order got no answer.
public enum OrderError: UInt8, Error, Sendable {
    /// No consolidated instrument has this name.
    case unknownSymbol = 1
    /// The instrument is inverse: it has frames but no routing.
    case notRoutable = 2
    /// The notional is not above 0 and at most 10^9.
    case badNotional = 3
    /// A fee is outside −100…1000 bps.
    case badFee = 4
    /// The named venue has no usable book here.
    case venueNotUsable = 5
    /// The numbers exceed what can be computed exactly.
    case overflow = 6
}
