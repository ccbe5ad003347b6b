/// Rollups as the exact bytes that are stored and served.
enum RollupEncoder {
    /// Appends the point of a closed second.
    static func append(_ rollup: RollupState, to bytes: inout [UInt8]) {
        bytes.append(0x7b)
        JSONText.key("t", isFirst: true, to: &bytes)
        DecimalText.append(rollup.second, to: &bytes)
        JSONText.key("hhi", to: &bytes)
        JSONText.small(rollup.hhi, decimals: 4, to: &bytes)
        JSONText.key("spread_bps", to: &bytes)
        JSONText.number(rollup.spread, decimals: 1, to: &bytes)
        for venue in rollup.venues {
            Text.append(",\"", to: &bytes)
            Text.append(venue.venue.id, to: &bytes)
            Text.append("_share\":", to: &bytes)
            JSONText.small(venue.share, decimals: 3, to: &bytes)
        }
        for venue in rollup.venues {
            Text.append(",\"latency_", to: &bytes)
            Text.append(venue.venue.id, to: &bytes)
            Text.append("\":", to: &bytes)
            JSONText.number(venue.latency, decimals: 0, to: &bytes)
        }
        JSONText.key("mid", to: &bytes)
        append(rollup.mid, to: &bytes)
        JSONText.key("imbalance", to: &bytes)
        JSONText.small(rollup.imbalance, decimals: 4, to: &bytes)
        JSONText.key("seq", to: &bytes)
        DecimalText.append(rollup.sequence, to: &bytes)
        JSONText.key("n", to: &bytes)
        DecimalText.append(Int64(rollup.count), to: &bytes)
        appendExtremes(rollup, to: &bytes)
        bytes.append(0x7d)
    }

    private static func appendExtremes(_ rollup: RollupState, to bytes: inout [UInt8]) {
        JSONText.key("spread_bps_min", to: &bytes)
        JSONText.number(rollup.spreadMin, decimals: 1, to: &bytes)
        JSONText.key("spread_bps_max", to: &bytes)
        JSONText.number(rollup.spreadMax, decimals: 1, to: &bytes)
        JSONText.key("mid_min", to: &bytes)
        append(rollup.midMin, to: &bytes)
        JSONText.key("mid_max", to: &bytes)
        append(rollup.midMax, to: &bytes)
    }

    private static func append(_ mid: ShownMid?, to bytes: inout [UInt8]) {
        JSONText.number(mid?.mantissa, decimals: mid?.decimals ?? 0, to: &bytes)
    }
}
