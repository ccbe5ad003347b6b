import ArgumentParser
import Engine
import Journal
import Server

/// `rollup`: closed seconds of a log, read from the derived blocks; only the stretch behind the
/// last one is folded.
struct Rollups: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollup", abstract: "1 s rollups, a line each.")

    @OptionGroup var target: JournalArgument
    @Option(name: .long, help: "Consolidated symbol; all when it is not given.")
    var symbol: String?
    @Option(name: .customLong("from"), help: "First second, a time.")
    var from: String?
    @Option(name: .customLong("to"), help: "End, a time, not included.")
    var to: String?
    @Flag(name: .long, help: "Fold the log instead of reading stored rollups.")
    var fold = false

    mutating func run() throws {
        let reader = target.reader
        let from = try from.map(Rollups.time) ?? Int64.min
        let to = try to.map(Rollups.time) ?? Int64.max
        var output = StandardOutput()
        let show = symbol.map { Array($0.utf8) }
        var lastSequence: UInt64 = 0
        func take(_ rollup: StoredRollup) {
            guard rollup.time >= from, rollup.time < to, show == nil || rollup.symbol == show
            else { return }
            if show == nil {
                output.write("{\"symbol\":\"\(String(decoding: rollup.symbol, as: UTF8.self))\",")
                output.write(rollup.json.dropFirst())
            } else {
                output.write(rollup.json)
            }
            output.write("\n")
        }
        if !fold { lastSequence = try reader.forEachStoredRollup(take) }
        try reader.forEachFoldedRollup(after: lastSequence, take)
        output.flush()
    }

    private static func time(_ text: String) throws -> Int64 {
        guard let time = TimeText.nanos(text) else {
            throw ValidationError("'\(text)' is not a time (ISO 8601 or unix)")
        }
        return time
    }
}

extension LogReader {
    /// Hands out the stored rollups in order.
    ///
    /// - Returns: the sequence up to which they cover the log.
    func forEachStoredRollup(_ body: (StoredRollup) throws -> Void) throws -> UInt64 {
        var covered: UInt64 = 0
        let buffer = BlockBuffer()
        let names = try reading { () throws(JournalError) in try journal.segmentNames() }
        for name in names {
            let segment = try reading { () throws(JournalError) in
                try journal.segment(named: name)
            }
            var parts: [[UInt8]] = []
            for entry in segment.entries where entry.kind == BlockKind.rollups.rawValue {
                if isCancelled() { throw LogError.interrupted }
                _ = try reading { () throws(JournalError) in
                    try segment.read(entry, into: buffer)
                }
                parts.append(Array(buffer.payload))
                let head = try DerivedBlock.head(of: parts[0])
                guard parts.count == Int(head.count) else { continue }
                for rollup in try DerivedBlock.rollups(parts) { try body(rollup) }
                covered = head.firstSequence
                parts = []
            }
        }
        return covered
    }

    /// Folds from the newest checkpoint at or before `sequence` and hands out the rollups that
    /// close after it.
    func forEachFoldedRollup(
        after sequence: UInt64, _ body: (StoredRollup) throws -> Void
    ) throws {
        let last = try bounds().upperBound
        guard sequence < last else { return }
        var engine = try checkpoint(notAfter: sequence)
        var outputs = OutputBuffer(wantsFrames: false)
        var collector = DerivedCollector()
        try forEachBlock(from: engine.sequence + 1) { block throws(LogError) in
            let start = Int(engine.sequence + 1 - block.firstSequence)
            try apply(block, start..<block.count, to: &engine, &outputs) { outputs, symbols in
                collector.collect(outputs, symbols: symbols)
            }
            return true
        }
        for rollup in collector.rollups where rollup.sequence > sequence { try body(rollup) }
    }
}
