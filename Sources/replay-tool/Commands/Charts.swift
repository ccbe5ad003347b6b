import Engine
import Foundation
import Server

/// Metrics over time as small charts of one line each.
enum Charts {
    private static let width = 60
    private static let blocks = Array("▁▂▃▄▅▆▇█")

    static func print(
        _ reader: LogReader, _ engine: borrowing Engine, to output: inout StandardOutput
    ) throws {
        var series: [[UInt8]: [[String: Any]]] = [:]
        let covered = try reader.forEachStoredRollup { add($0, to: &series) }
        try reader.forEachFoldedRollup(after: covered) { add($0, to: &series) }
        output.line("")
        output.line("METRICS OVER TIME  (min … max over 1 s rollups, window \(window(engine)) bps)")
        for symbol in engine.symbols {
            guard let points = series[symbol], !points.isEmpty else { continue }
            output.line("  \(String(decoding: symbol, as: UTF8.self))")
            for field in fields(points) { output.line("    " + line(field, points)) }
        }
    }

    private static func window(_ engine: borrowing Engine) -> UInt32 {
        engine.configuration.windowsBps[0]
    }

    private static func add(_ rollup: StoredRollup, to series: inout [[UInt8]: [[String: Any]]]) {
        let object = try? JSONSerialization.jsonObject(with: Data(rollup.json)) as? [String: Any]
        if let object { series[rollup.symbol, default: []].append(object) }
    }

    private static func fields(_ points: [[String: Any]]) -> [String] {
        let shares = Set(points.flatMap { $0.keys }).filter { $0.hasSuffix("_share") }.sorted()
        return ["mid", "spread_bps", "hhi", "imbalance"] + (shares.count > 1 ? shares : [])
    }

    /// One field as blocks: each column the mean of its share of the points.
    private static func line(_ field: String, _ points: [[String: Any]]) -> String {
        let values = points.map { ($0[field] as? NSNumber)?.doubleValue }
        let known = values.compactMap { $0 }
        guard let low = known.min(), let high = known.max() else {
            return Ladders.padRight(field, 20) + "no value"
        }
        var text = ""
        let columns = min(width, values.count)
        for column in 0..<columns {
            let slice = values[
                (column * values.count / columns)..<((column + 1) * values.count / columns)]
            let part = slice.compactMap { $0 }
            guard !part.isEmpty else {
                text.append(" ")
                continue
            }
            let mean = part.reduce(0, +) / Double(part.count)
            let share = high > low ? (mean - low) / (high - low) : 0.5
            text.append(blocks[min(7, Int(share * 8))])
        }
        return Ladders.padRight(field, 20) + Ladders.padRight(text, width)
            + "  \(number(low)) … \(number(high))"
    }

    private static func number(_ value: Double) -> String {
        let text = String(format: "%.4f", value)
        return text.contains(".")
            ? String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed()) : text
    }
}
