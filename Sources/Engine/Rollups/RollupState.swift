/// A mid with the decimals at which it is shown.
struct ShownMid: Equatable {
    var mantissa: Int128
    var decimals: Int

    /// Compares by value.
    static func < (a: ShownMid, b: ShownMid) -> Bool {
        let exponent = max(a.decimals, b.decimals)
        guard let left = PowersOfTen.int128(exponent - a.decimals),
            let right = PowersOfTen.int128(exponent - b.decimals)
        else { return false }
        return a.mantissa * left < b.mantissa * right
    }
}

/// A venue's part of a rollup.
struct RollupVenue: Equatable {
    var venue: Venue
    var share: Int64
    var latency: Int64?
}

/// The second that is open for one consolidated instrument: the values of its last frame, and
/// extremes over all of its frames (`docs/METRICS.md` 4).
struct RollupState: Equatable {
    /// Unix second; −1 while none is open.
    var second: Int64 = -1
    /// Sequence of the last frame.
    var sequence: UInt64 = 0
    /// Frames.
    var count: UInt32 = 0
    var mid: ShownMid?
    var spread: Int64?
    var hhi: Int64 = 0
    var imbalance: Int64 = 0
    var venues: [RollupVenue] = []
    var spreadMin: Int64?
    var spreadMax: Int64?
    var midMin: ShownMid?
    var midMax: ShownMid?

    /// Whether a frame at `time` belongs to a later second than the open one.
    func isClosed(by time: Int64) -> Bool { second >= 0 && time / Timestamp.second > second }

    /// Takes in one frame; the caller has closed an older second before.
    mutating func take(
        _ frame: FrameValues, venues frameVenues: ArraySlice<VenueValues>, time: Int64,
        sequence: UInt64
    ) {
        if second < 0 {
            second = time / Timestamp.second
            count = 0
            spreadMin = nil
            spreadMax = nil
            midMin = nil
            midMax = nil
        }
        self.sequence = sequence
        count &+= 1
        mid = frame.mid.map { ShownMid(mantissa: $0, decimals: frame.midDecimals) }
        spread = frame.spread
        hhi = frame.hhi
        imbalance = frame.imbalance
        venues.removeAll(keepingCapacity: true)
        for venue in frameVenues {
            venues.append(
                RollupVenue(venue: venue.venue, share: venue.share, latency: venue.latency))
        }
        if let mid {
            midMin = midMin.map { mid < $0 ? mid : $0 } ?? mid
            midMax = midMax.map { $0 < mid ? mid : $0 } ?? mid
        }
        if let spread {
            spreadMin = min(spreadMin ?? spread, spread)
            spreadMax = max(spreadMax ?? spread, spread)
        }
    }

    /// Forgets the closed second.
    mutating func close() { second = -1 }
}
