import ArgumentParser
import Engine
import Server

/// `frames`: the frames of a log in the very bytes that are served, a line each.
struct Frames: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Frames in the bytes that are served, a line each.")

    @OptionGroup var target: JournalArgument
    @OptionGroup var range: RangeOptions
    @Option(name: .long, help: "Consolidated symbol; all when it is not given.")
    var symbol: String?
    @Option(name: .long, help: "Window, e.g. 050bps; all when it is not given.")
    var window: String?

    mutating func run() throws {
        let reader = target.reader
        let range = try range.sequences(reader)
        let window = try window.map(Frames.window)
        var engine = try reader.engineBefore(range.lowerBound)
        try check(try reader.engine(after: range.upperBound), window)
        var outputs = OutputBuffer(wantsFrames: true)
        var output = StandardOutput()
        let wanted = symbol.map { Array($0.utf8) }
        try reader.forEachBlock(from: range.lowerBound) { block throws(LogError) in
            let start = try LogReader.start(of: block, after: engine.sequence)
            let end = min(block.count, Int(range.upperBound - block.firstSequence) + 1)
            try reader.apply(block, start..<end, to: &engine, &outputs) { outputs, engine in
                let symbols = engine.symbols
                for frame in outputs.outputs where frame.kind == .frame {
                    if let window, frame.windowBps != window { continue }
                    if let wanted, symbols[frame.symbol] != wanted { continue }
                    output.write(outputs.bytes(of: frame))
                    output.write("\n")
                }
            }
            return engine.sequence < range.upperBound
        }
        output.flush()
    }

    private func check(_ engine: borrowing Engine, _ window: UInt32?) throws {
        if let symbol, !engine.symbols.contains(Array(symbol.utf8)) {
            throw Failure("no symbol \(symbol) in this journal; there are \(names(engine))")
        }
        if let window, !engine.configuration.windowsBps.contains(window) {
            let windows = engine.configuration.windowsBps.map { "\($0)" }.joined(separator: ", ")
            throw Failure("no window of \(window) bps in this journal; there are \(windows)")
        }
    }

    private func names(_ engine: borrowing Engine) -> String {
        let names = engine.symbols.map { String(decoding: $0, as: UTF8.self) }
        return names.isEmpty ? "none" : names.joined(separator: ", ")
    }

    private static func window(_ text: String) throws -> UInt32 {
        guard let window = WindowText.bps(text) else {
            throw ValidationError("'\(text)' is not a window such as 050bps")
        }
        return window
    }
}
