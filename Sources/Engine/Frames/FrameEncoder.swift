/// Frames as the exact bytes that are served; a replay compares them byte for byte.
enum FrameEncoder {
    /// Longest frame on `/ws/stream` (requirement S0.3).
    static let bytesMax = 2_048

    /// Appends the frame of `values`.
    static func append(
        _ values: FrameValues, venues: ArraySlice<VenueValues>, symbol: [UInt8], time: Int64,
        sequence: UInt64, digest: Digest, to bytes: inout [UInt8]
    ) {
        let start = bytes.count
        bytes.append(0x7b)
        JSONText.key("ts", isFirst: true, to: &bytes)
        bytes.append(0x22)
        Timestamp.appendISO(time, to: &bytes)
        bytes.append(0x22)
        JSONText.key("symbol", to: &bytes)
        JSONText.string(symbol, to: &bytes)
        JSONText.key("window_bps", to: &bytes)
        JSONText.small(Int64(values.windowBps), decimals: 0, to: &bytes)
        JSONText.key("mid", to: &bytes)
        JSONText.number(values.mid, decimals: values.midDecimals, to: &bytes)
        JSONText.key("hhi", to: &bytes)
        JSONText.small(values.hhi, decimals: 4, to: &bytes)
        JSONText.key("imbalance", to: &bytes)
        JSONText.small(values.imbalance, decimals: 4, to: &bytes)
        JSONText.key("venues", to: &bytes)
        bytes.append(0x5b)
        var isFirst = true
        for venue in venues {
            if !isFirst { bytes.append(0x2c) }
            isFirst = false
            append(venue, to: &bytes)
        }
        bytes.append(0x5d)
        JSONText.key("spread_bps", to: &bytes)
        JSONText.number(values.spread, decimals: 1, to: &bytes)
        JSONText.key("seq", to: &bytes)
        DecimalText.append(sequence, to: &bytes)
        JSONText.key("digest", to: &bytes)
        bytes.append(0x22)
        digest.appendHex(to: &bytes)
        bytes.append(0x22)
        bytes.append(0x7d)
        precondition(bytes.count - start <= bytesMax, "a frame stays within 2,048 bytes")
    }

    private static func append(_ venue: VenueValues, to bytes: inout [UInt8]) {
        bytes.append(0x7b)
        JSONText.key("venue", isFirst: true, to: &bytes)
        JSONText.string(venue.venue.id, to: &bytes)
        JSONText.key("spread_bps", to: &bytes)
        JSONText.number(venue.spread, decimals: 1, to: &bytes)
        JSONText.key("share", to: &bytes)
        JSONText.small(venue.share, decimals: 3, to: &bytes)
        JSONText.key("latency_ms", to: &bytes)
        JSONText.number(venue.latency, decimals: 0, to: &bytes)
        JSONText.key("stale", to: &bytes)
        JSONText.bool(venue.isStale, to: &bytes)
        bytes.append(0x7d)
    }
}
