internal import CBenchSupport
internal import Glibc

/// CPU seconds of `runs` runs, ascending.
func times(_ runs: Int, _ body: () throws -> Void) rethrows -> [Double] {
    var result: [Double] = []
    for _ in 0..<runs {
        let start = bench_cpu_seconds()
        try body()
        result.append(bench_cpu_seconds() - start)
    }
    return result.sorted()
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// Prints one figure for `scripts/bench`.
func say(_ name: String, _ value: some CustomStringConvertible) { print("\(name) \(value)") }

/// Level updates a second of sorted times, median, least and most, in millions.
func sayRate(_ name: String, _ levels: Int, _ seconds: [Double]) {
    say(name, Double(levels) / seconds[seconds.count / 2] / 1e6)
    say("\(name).min", Double(levels) / seconds[seconds.count - 1] / 1e6)
    say("\(name).max", Double(levels) / seconds[0] / 1e6)
}
