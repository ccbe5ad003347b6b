public import Engine

/// A time during which a venue cannot be reached: silence, then a new connection and snapshot.
public struct SimulatedOutage: Equatable, Sendable {
    /// The feed that goes down.
    public let feed: SimulatedFeed
    /// Nanoseconds since the start of the session.
    public let offsetNanos: Int64
    /// How long until the connection is back, in nanoseconds.
    public let durationNanos: Int64

    /// `feed` is down from `offsetNanos` for `durationNanos`.
    public init(feed: SimulatedFeed, offsetNanos: Int64, durationNanos: Int64) {
        self.feed = feed
        self.offsetNanos = offsetNanos
        self.durationNanos = durationNanos
    }
}

/// A time during which one venue trades away from the others, far enough to be crossed
/// against them. The shift grows and falls over `rampNanos`.
public struct SimulatedDislocation: Equatable, Sendable {
    /// The venue whose prices are shifted.
    public let venue: Venue
    /// Nanoseconds since the start of the market.
    public let offsetNanos: Int64
    /// How long it lasts, ramps included, in nanoseconds.
    public let durationNanos: Int64
    /// The full shift, in millionths of the price; may be negative.
    public let shiftPpm: Int64

    /// Time from no shift to the full one and back.
    static var rampNanos: Int64 { 500_000_000 }

    /// `venue` is shifted by `shiftPpm` from `offsetNanos` for `durationNanos`.
    public init(venue: Venue, offsetNanos: Int64, durationNanos: Int64, shiftPpm: Int64) {
        self.venue = venue
        self.offsetNanos = offsetNanos
        self.durationNanos = durationNanos
        self.shiftPpm = shiftPpm
    }

    /// The shift in ppm at `elapsedNanos` since the start of the market.
    func shiftPpm(at elapsedNanos: Int64) -> Int64 {
        let since = elapsedNanos - offsetNanos
        let distance = min(since, durationNanos - since)
        guard distance > 0 else { return 0 }
        return shiftPpm * min(distance, Self.rampNanos) / Self.rampNanos
    }
}
