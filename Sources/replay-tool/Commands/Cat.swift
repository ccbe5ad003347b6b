import ArgumentParser
import Engine
import Server

/// `cat`: events as JSON lines.
struct Cat: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Events as JSON lines.")

    @OptionGroup var target: JournalArgument
    @OptionGroup var range: RangeOptions

    mutating func run() throws {
        let reader = target.reader
        let range = try range.sequences(reader)
        var engine = try reader.engineBefore(range.lowerBound)
        var outputs = OutputBuffer(wantsFrames: false)
        var output = StandardOutput()
        var line: [UInt8] = []
        try reader.forEachBlock(from: range.lowerBound) { block throws(LogError) in
            let start = try LogReader.start(of: block, after: engine.sequence)
            for index in start..<block.count {
                guard block.sequence(at: index) <= range.upperBound else {
                    return false
                }
                try reader.apply(block, index..<index + 1, to: &engine, &outputs)
                line.removeAll(keepingCapacity: true)
                do throws(CodecError) {
                    try EventText.append(block, at: index, engine, to: &line)
                } catch {
                    throw .codec(error, segment: "", sequence: block.sequence(at: index))
                }
                line.append(0x0a)
                output.write(line)
            }
            return engine.sequence < range.upperBound
        }
        output.flush()
    }
}

extension LogReader {
    /// The state before the event `sequence`.
    func engineBefore(_ sequence: UInt64) throws(LogError) -> Engine {
        let first = try bounds().lowerBound
        if sequence > first { return try engine(after: sequence - 1) }
        return try checkpoint(notAfter: sequence - 1)
    }
}
