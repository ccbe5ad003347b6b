internal import CBenchSupport
internal import Engine
internal import Journal
internal import Server

/// Heap allocations an event, counted in the second half of a run: the steady state.
enum Allocations {
    static func run(same: String, whole: String, lines: String, _ tracing: Int) throws {
        try count("fold", same, frames: false, tracing)
        try count("ticks", whole, frames: false, tracing)
        try count("frames", whole, frames: true, tracing)
        guard lines != "-" else { return }
        var messages = Ingest(lines)
        let ingest = messages.run(counting: true, tracing: Int32(tracing))
        say("adapter.messages", ingest.counted)
        say("adapter.allocations", ingest.allocationsAdapter)
        say("adapter.fold_allocations", ingest.allocationsFold)
    }

    private static func count(
        _ name: String, _ directory: String, frames: Bool, _ tracing: Int
    ) throws {
        let reader = LogReader(directory: directory)
        let bounds = try reader.bounds()
        var engine = Engine()
        var outputs = OutputBuffer(wantsFrames: frames)
        var applied: UInt64 = 0
        var decoded: UInt64 = 0
        var events = 0
        var ticks = 0
        var blocks = 0
        var last: UInt64 = 0
        try reader.forEachBlock(from: 1) { block throws(LogError) in
            let isCounted = engine.sequence > bounds.upperBound / 2
            if isCounted, events == 0 { bench_trace(Int32(tracing), name) }
            let before = bench_allocations()
            if isCounted, last > 0 { decoded += before - last }
            engine.apply(block, into: &outputs)
            let after = bench_allocations()
            outputs.clear()
            if isCounted {
                applied += after - before
                events += block.count
                blocks += 1
                for header in block.headers where header.kind == EventKind.clockTick.rawValue {
                    ticks += 1
                }
            }
            last = bench_allocations()
            return true
        }
        bench_trace(0, "")
        say("\(name).events", events)
        say("\(name).clock_ticks", ticks)
        say("\(name).blocks", blocks)
        say("\(name).apply_allocations", applied)
        say("\(name).decode_allocations", decoded)
    }
}

/// Folding to a random sequence from the newest checkpoint before it.
enum Seeking {
    static func run(_ directory: String, count: Int) throws {
        let reader = LogReader(directory: directory)
        let bounds = try reader.bounds()
        var state: UInt64 = 42
        var seconds: [Double] = []
        for _ in 0..<count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let sequence = bounds.lowerBound + (state >> 33) % UInt64(bounds.count)
            let start = bench_cpu_seconds()
            let engine = try reader.engine(after: sequence)
            seconds.append(bench_cpu_seconds() - start)
            precondition(engine.sequence == sequence)
        }
        seconds.sort()
        say("seek.median_ms", seconds[count / 2] * 1e3)
        say("seek.p99_ms", seconds[count * 99 / 100] * 1e3)
    }
}
