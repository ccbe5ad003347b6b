import ArgumentParser
import Engine
import Foundation
import Journal
import Server

/// `bench`: how fast this machine reads and folds a journal.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How fast this machine reads and folds a journal (CPU time, medians).")

    @OptionGroup var target: JournalArgument
    @Option(name: .long, help: "Runs of each measurement.") var runs = 5
    @Flag(name: .long, help: "One JSON object.") var json = false

    mutating func run() throws {
        guard (1...100).contains(runs) else { throw ValidationError("--runs is 1 to 100") }
        let reader = target.reader
        let bounds = try reader.bounds()
        let levels = try Bench.levels(reader, bounds)
        let decode = try median { try Bench.decode(reader, bounds) }
        let fold = try median { try Bench.fold(reader, bounds, wantsFrames: false) }
        let frames = try median { try Bench.fold(reader, bounds, wantsFrames: true) }
        let seek = try median { try Bench.seek(reader, bounds) } / 10
        var output = StandardOutput()
        let millions = Double(levels) / 1e6
        if json {
            output.line(
                try jsonLine([
                    "events": bounds.count, "level_updates": levels,
                    "decode_m_updates_s": millions / decode, "fold_m_updates_s": millions / fold,
                    "fold_frames_m_updates_s": millions / frames, "seek_ms": seek * 1_000,
                    "peak_mib": Bench.peakMiB,
                ]))
        } else {
            func rate(_ seconds: Double) -> String { String(format: "%.1f", millions / seconds) }
            output.line("\(grouped(bounds.count)) events, \(grouped(levels)) level updates")
            output.line("read + decode            \(rate(decode)) M level updates/s")
            output.line("read + decode + fold     \(rate(fold)) M level updates/s")
            output.line("the same with frames     \(rate(frames)) M level updates/s")
            output.line("seek to a random event   \(String(format: "%.2f", seek * 1_000)) ms")
            output.line("peak memory              \(Bench.peakMiB) MiB")
        }
        output.flush()
    }

    /// Median CPU seconds of the runs.
    private func median(_ body: () throws -> Void) throws -> Double {
        var times: [Double] = []
        for _ in 0..<runs {
            let start = Bench.cpuSeconds
            try body()
            times.append(Bench.cpuSeconds - start)
        }
        return times.sorted()[runs / 2]
    }

    static var cpuSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static var peakMiB: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1_024
    }

    private static func levels(
        _ reader: LogReader, _ bounds: ClosedRange<UInt64>
    ) throws -> Int {
        var levels = 0
        try reader.forEachBlock(from: bounds.lowerBound) { block throws(LogError) in
            levels += block.levels.count
            return true
        }
        return levels
    }

    private static func decode(_ reader: LogReader, _ bounds: ClosedRange<UInt64>) throws {
        try reader.forEachBlock(from: bounds.lowerBound) { _ throws(LogError) in true }
    }

    private static func fold(
        _ reader: LogReader, _ bounds: ClosedRange<UInt64>, wantsFrames: Bool
    ) throws {
        var engine = try reader.engineBefore(bounds.lowerBound)
        var outputs = OutputBuffer(wantsFrames: wantsFrames)
        try reader.forEachBlock(from: bounds.lowerBound) { block throws(LogError) in
            engine.apply(block, into: &outputs)
            outputs.clear()
            return true
        }
    }

    private static func seek(_ reader: LogReader, _ bounds: ClosedRange<UInt64>) throws {
        var state: UInt64 = 42
        for _ in 0..<10 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let sequence = bounds.lowerBound + (state >> 33) % UInt64(bounds.count)
            _ = try reader.engine(after: sequence)
        }
    }
}
