import Engine
import Foundation
import Server

/// Many orders against one log in a single pass.
enum OrderFile {
    private struct Entry {
        var line: Int
        var sequence: UInt64
        var order: Order
    }

    static func run(
        _ path: String, _ reader: LogReader, to output: inout StandardOutput
    ) throws {
        var entries = try read(path, reader)
        entries.sort { ($0.sequence, $0.line) < ($1.sequence, $1.line) }
        guard let first = entries.first else { return }
        var engine = try reader.engine(after: first.sequence)
        var outputs = OutputBuffer(wantsFrames: false)
        var answers: [(line: Int, bytes: [UInt8])] = []
        var position = 0
        func answer(_ engine: borrowing Engine) {
            while position < entries.count, entries[position].sequence == engine.sequence {
                var bytes: [UInt8] = []
                let order = entries[position].order
                do throws(OrderError) {
                    try engine.execute(order, to: &bytes)
                } catch {
                    bytes = Array("{\"error\":\"\(OrderText.explain(error, order))\"}".utf8)
                }
                answers.append((entries[position].line, bytes))
                position += 1
            }
        }
        answer(engine)
        if position < entries.count {
            try reader.forEachBlock(from: engine.sequence + 1) { block throws(LogError) in
                var index = Int(engine.sequence + 1 - block.firstSequence)
                while index < block.count, position < entries.count {
                    let target = Int(entries[position].sequence - block.firstSequence)
                    let end = min(block.count, target + 1)
                    engine.apply(block, range: index..<end, into: &outputs)
                    outputs.clear()
                    index = end
                    answer(engine)
                }
                return position < entries.count
            }
        }
        answers.sort { $0.line < $1.line }
        for (_, bytes) in answers {
            output.write(bytes)
            output.write("\n")
        }
    }

    private static func read(_ path: String, _ reader: LogReader) throws -> [Entry] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure("\(path): not readable")
        }
        var entries: [Entry] = []
        for (index, line) in data.split(separator: 0x0a).enumerated() {
            guard
                let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
            else { throw Failure("\(path):\(index + 1): not a JSON object") }
            entries.append(try entry(object, index, "\(path):\(index + 1)", reader))
        }
        return entries
    }

    private static func entry(
        _ object: [String: Any], _ line: Int, _ place: String, _ reader: LogReader
    ) throws -> Entry {
        func text(_ key: String) -> String? {
            guard let value = object[key], !(value is NSNull) else { return nil }
            return (value as? String) ?? (value as? NSNumber).map { "\($0)" }
        }
        guard let symbol = text("symbol"), let side = text("side"),
            let notional = text("notional")
        else { throw Failure("\(place): symbol, side and notional are needed") }
        var moment = Moment.end
        if let sequence = text("at_seq").flatMap(UInt64.init) { moment = .sequence(sequence) }
        if let time = (text("at_time") ?? text("at_ts_ns")).flatMap(TimeText.nanos) {
            moment = .time(time)
        }
        let fees = try (object["fees"] as? [String: Any] ?? [:])
            .sorted { $0.key < $1.key }
            .map { try OrderText.fee($0.key, "\($0.value)") }
        return Entry(
            line: line, sequence: try reader.sequence(of: moment),
            order: try OrderText.order(
                symbol: symbol, side: side, notional: notional, fees: fees, venue: text("venue")))
    }
}
