import Engine

/// Thins one-second points: of each step the last point, whose values were served, with the
/// count of ticks and the extremes over the whole step (`semantics.md` 22).
struct RollupSteps {
    private let nanos: Int64
    private var points: [[UInt8]] = []
    private var open: OpenStep?

    /// The end of a point, which speaks of its second as a whole.
    private struct OpenStep {
        var number: Int64
        /// The last point up to `"n":`.
        var front: [UInt8]
        var ticks: Int64
        /// `spread_bps_min`, `spread_bps_max`, `mid_min`, `mid_max`; nil for null.
        var extremes: [Decimal?]
    }

    /// Steps of so many seconds, on the grid of the unix epoch.
    init(seconds: Int64) { nanos = seconds * Timestamp.second }

    /// Takes the next point.
    ///
    /// - Throws: `invalid` for a point that does not end with its count and extremes.
    mutating func add(_ rollup: StoredRollup) throws(CodecError) {
        guard nanos > Timestamp.second else { return points.append(rollup.json) }
        let number = rollup.time / nanos
        guard var next = RollupSteps.parts(rollup.json, number) else {
            throw .invalid(.text)
        }
        if let before = open {
            if before.number == number {
                let (ticks, overflow) = next.ticks.addingReportingOverflow(before.ticks)
                if overflow { throw .invalid(.count) }
                next.ticks = ticks
                for index in next.extremes.indices {
                    next.extremes[index] = RollupSteps.extreme(
                        before.extremes[index], next.extremes[index], isMinimum: index % 2 == 0)
                }
            } else {
                points.append(RollupSteps.encode(before))
            }
        }
        open = next
    }

    /// All points.
    mutating func finish() -> [[UInt8]] {
        if let open { points.append(RollupSteps.encode(open)) }
        open = nil
        return points
    }

    private static let keys = ["spread_bps_min", "spread_bps_max", "mid_min", "mid_max"]

    private static func parts(_ json: [UInt8], _ number: Int64) -> OpenStep? {
        let text = String(decoding: json, as: UTF8.self)
        let form =
            #/
            (.*),"n":(\d+),
            "spread_bps_min":([^,]+),"spread_bps_max":([^,]+),
            "mid_min":([^,]+),"mid_max":([^,}]+)}
            /#
        guard let match = text.wholeMatch(of: form)?.output, let ticks = Int64(match.2) else {
            return nil
        }
        let extremes = [match.3, match.4, match.5, match.6].map { value in
            try? DecimalText.parse(Array(value.utf8))
        }
        return OpenStep(
            number: number, front: Array(match.1.utf8), ticks: ticks, extremes: extremes)
    }

    private static func extreme(_ a: Decimal?, _ b: Decimal?, isMinimum: Bool) -> Decimal? {
        guard let a else { return b }
        guard let b else { return a }
        return isLess(a, b) == isMinimum ? a : b
    }

    private static func isLess(_ a: Decimal, _ b: Decimal) -> Bool {
        let exponent = Int(max(a.exponent, b.exponent))
        return Int128(a.mantissa) * Int128(PowersOfTen.int64(exponent - Int(a.exponent)))
            < Int128(b.mantissa) * Int128(PowersOfTen.int64(exponent - Int(b.exponent)))
    }

    private static func encode(_ step: OpenStep) -> [UInt8] {
        var bytes = step.front
        bytes += Array(",\"n\":\(step.ticks)".utf8)
        for (key, value) in zip(keys, step.extremes) {
            bytes += Array(",\"\(key)\":".utf8)
            if let value {
                DecimalText.append(value, to: &bytes)
            } else {
                bytes += Array("null".utf8)
            }
        }
        bytes.append(0x7d)
        return bytes
    }
}
