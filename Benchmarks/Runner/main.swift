// The Swift half of `scripts/bench`: prints `name value` lines.
internal import CBenchSupport
internal import Engine
internal import Server

let arguments = CommandLine.arguments
func argument(_ index: Int) -> String {
    guard index < arguments.count else {
        fatalError("benchmarks write|sequence|compact|fold|whole|encode|ingest|sweep|…")
    }
    return arguments[index]
}
func number(_ index: Int) -> Int { Int(argument(index)) ?? 1 }

switch argument(1) {
case "write":
    let set = RecordSet(argument(2))
    _ = try Logs.write(set, to: argument(3))
    say("levels", set.levels)
    try Logs.saySizes(argument(3))
case "sequence":
    let set = RecordSet(argument(2))
    try Logs.sequence(set, to: argument(3), hz: UInt32(number(4)))
    say("levels", set.levels)
    try Logs.saySizes(argument(3))
case "compact":
    try Logs.compact(argument(2))
    try Logs.saySizes(argument(2))
case "encode":
    // encode BIN DIRECTORY: one run, like `limit encode`.
    let set = RecordSet(argument(2))
    let packed = try times(1) { say("pack.bytes", try Logs.pack(set, level: 3).bytes) }
    sayRate("pack", set.levels, packed)
    let parts = try Logs.write(set, to: argument(3))
    say("write", Double(set.levels) / parts.total / 1e6)
    say("write.blocks_ms", parts.blocks * 1e3)
    say("write.columns_ms", parts.columns * 1e3)
    say("write.canonical_ms", parts.canonical * 1e3)
    say("write.append_ms", parts.append * 1e3)
case "fold":
    // fold DIRECTORY LEVELS RUNS
    let levels = number(3), runs = number(4)
    var metrics = TouchMetrics()
    sayRate("same", levels, try times(runs) { metrics = try Folding.sameWork(argument(2)) })
    say("rows", metrics.rows)
    say("sum", metrics.sum)
    sayRate("apply", levels, try times(runs) { try Folding.fold(argument(2)) })
    sayRate("decode", levels, try times(runs) { try Folding.decode(argument(2)) })
    sayRate("read", levels, try times(runs) { try Folding.read(argument(2)) })
    sayRate("books", levels, try Folding.applyAlone(argument(2), runs: runs))
case "same":
    for _ in 0..<number(3) { _ = try Folding.sameWork(argument(2)) }
case "books":
    _ = try Folding.applyAlone(argument(2), runs: number(3))
case "whole":
    // whole DIRECTORY LEVELS RUNS: all metrics, without and with frames.
    let levels = number(3), runs = number(4)
    sayRate("metrics", levels, try times(runs) { try Folding.fold(argument(2)) })
    sayRate("frames", levels, try times(runs) { try Folding.fold(argument(2), frames: true) })
case "ingest":
    var ingest = Ingest(argument(2))
    var result = Ingest.Result()
    let seconds = (0..<number(3)).map { _ -> Double in
        result = ingest.run()
        return result.seconds
    }.sorted()
    say("ingest.s", seconds[seconds.count / 2])
    say("ingest.messages", Double(ingest.lines.count) / seconds[seconds.count / 2] / 1e6)
    say("ingest.mb", Double(ingest.bytes) / seconds[seconds.count / 2] / 1e6)
    say("adapter.s", median((0..<number(3)).map { _ in ingest.run(folding: false).seconds }))
    say("state", String(UInt64(bitPattern: result.state), radix: 16))
    say("deltas", result.deltas)
    say("outside", result.outside)
    say("unused", result.unused)
case "ingest-only":
    var ingest = Ingest(argument(2))
    for _ in 0..<number(3) { _ = ingest.run() }
case "sweep":
    Sweeping.bare(dollars: Int64(number(2)), runs: number(3))
    try Sweeping.execute(dollars: Int64(number(2)), runs: number(3))
case "allocations":
    try Allocations.run(same: argument(2), whole: argument(3), lines: argument(4), number(5))
case "seek":
    try Seeking.run(argument(2), count: number(3))
case "once":
    say("digest", "\(try Folding.fold(argument(2)))")
    say("peak_kib", bench_peak_kib())
case "publish":
    // publish DIRECTORY SECONDS PAIRS
    try Publishing.run(argument(2), seconds: number(3), pairs: number(4))
case "simulate":
    // simulate DIRECTORY SECONDS whole|thin
    try Simulating.journal(argument(2), seconds: number(3), isThin: argument(4) == "thin")
case "wire":
    // wire FEED COUNT FILE
    try Simulating.wire(argument(2), count: number(3), to: argument(4))
case "orders":
    try Simulating.orders(argument(2), count: number(3))
default:
    fatalError("unknown measurement \(argument(1))")
}
