extension RollupState {
    /// Writes the open second in canonical form.
    func encode(to writer: inout ByteWriter) {
        writer.put(second)
        guard second >= 0 else { return }
        writer.put(sequence)
        writer.put(count)
        RollupState.put(mid, to: &writer)
        RollupState.put(spread, to: &writer)
        writer.put(hhi)
        writer.put(imbalance)
        writer.put(UInt8(venues.count))
        for venue in venues {
            writer.put(venue.venue.rawValue)
            writer.put(venue.share)
            RollupState.put(venue.latency, to: &writer)
        }
        RollupState.put(spreadMin, to: &writer)
        RollupState.put(spreadMax, to: &writer)
        RollupState.put(midMin, to: &writer)
        RollupState.put(midMax, to: &writer)
    }

    /// Reads what `encode` wrote, in a state whose time is `now`.
    init(from reader: inout ByteReader, now: Int64) throws(CodecError) {
        self.init()
        second = try reader.integer(Int64.self)
        guard second >= -1, second <= now / Timestamp.second else { throw .invalid(.order) }
        guard second >= 0 else { return }
        sequence = try reader.integer(UInt64.self)
        count = try reader.integer(UInt32.self)
        mid = try RollupState.mid(&reader)
        spread = try RollupState.number(&reader)
        hhi = try reader.integer(Int64.self)
        imbalance = try reader.integer(Int64.self)
        let venueCount = Int(try reader.byte())
        guard venueCount <= Limits.venuesPerFrameMax else { throw .tooLarge(.count) }
        for _ in 0..<venueCount {
            guard let venue = Venue(rawValue: try reader.byte()) else { throw .invalid(.venue) }
            let share = try reader.integer(Int64.self)
            venues.append(
                RollupVenue(venue: venue, share: share, latency: try RollupState.number(&reader)))
        }
        spreadMin = try RollupState.number(&reader)
        spreadMax = try RollupState.number(&reader)
        midMin = try RollupState.mid(&reader)
        midMax = try RollupState.mid(&reader)
    }

    private static func put(_ value: Int64?, to writer: inout ByteWriter) {
        writer.put(value != nil)
        if let value { writer.put(value) }
    }

    private static func put(_ value: ShownMid?, to writer: inout ByteWriter) {
        writer.put(value != nil)
        guard let value else { return }
        writer.put(value.mantissa)
        writer.put(UInt8(value.decimals))
    }

    private static func number(_ reader: inout ByteReader) throws(CodecError) -> Int64? {
        try reader.flag() ? try reader.integer(Int64.self) : nil
    }

    private static func mid(_ reader: inout ByteReader) throws(CodecError) -> ShownMid? {
        guard try reader.flag() else { return nil }
        let mantissa = try reader.integer(Int128.self)
        let decimals = Int(try reader.byte())
        // A price is below 10^12, and mids are shown with one digit more than prices have.
        guard decimals <= 19, let limit = PowersOfTen.int128(12 + decimals) else {
            throw .invalid(.exponent)
        }
        guard mantissa >= 0, mantissa < limit else { throw .invalid(.number) }
        return ShownMid(mantissa: mantissa, decimals: decimals)
    }
}
