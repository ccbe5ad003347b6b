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
                    let reason = ["error": OrderText.explain(error, order).description]
                    bytes = Array(((try? jsonLine(reason)) ?? "{}").utf8)
                }
                answers.append((entries[position].line, bytes))
                position += 1
            }
        }
        answer(engine)
        if position < entries.count {
            try reader.forEachBlock(from: engine.sequence + 1) { block throws(LogError) in
                var index = try LogReader.start(of: block, after: engine.sequence)
                while index < block.count, position < entries.count {
                    let target = Int(entries[position].sequence - block.firstSequence)
                    let end = min(block.count, target + 1)
                    try reader.apply(block, index..<end, to: &engine, &outputs)
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
            do {
                let fields = try JSONDecoder().decode(OrderFields.self, from: Data(line))
                let sequence = try reader.sequence(of: try fields.moment())
                entries.append(
                    Entry(line: index, sequence: sequence, order: try fields.order()))
            } catch {
                throw Failure("\(path):\(index + 1): \(OrderFields.reason(error))")
            }
        }
        return entries
    }
}
