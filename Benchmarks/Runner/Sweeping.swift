internal import CBenchSupport
internal import EngineInside

/// The ladders of `limit sor`: two venues with a thousand asks, and a sweep of dollars over them.
enum Sweeping {
    static var asks: [[(price: Int64, size: Int64)]] {
        var state: UInt64 = 88_172_645_463_325_252
        func random() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        let magnitudes: [UInt64] = [100_000, 1_000_000, 10_000_000, 100_000_000]
        var result: [[(price: Int64, size: Int64)]] = []
        for venue in 0..<2 {
            var price = Int64(9_700_000 + venue * 3)
            var side: [(price: Int64, size: Int64)] = []
            for index in 0..<1_000 {
                // gcc evaluates the divided number before its divisor.
                let value = random()
                let size = Int64(value % magnitudes[Int(random() & 3)]) + 1
                side.append((price, size))
                price += 1 + Int64(random() % (index < 20 ? 7 : index < 200 ? 40 : 160))
            }
            result.append(side)
        }
        return result
    }

    static func bare(dollars: Int64, runs: Int) {
        let probe = SweepProbe(asks: asks, fees: [10_000, 25_000])
        let times = 5_000
        var answer = SweepProbe.Answer()
        let bare = cpuMedian(runs) { answer = probe.run(dollars: dollars, times: times) }
        say("sweep.ns", bare / Double(times) * 1e9)
        say("sweep.levels", answer.levels)
        say("sweep.checksum", String(answer.checksum, radix: 16))
        let before = bench_allocations()
        _ = probe.run(dollars: dollars, times: 100)
        say("sweep.allocations", Double(bench_allocations() - before) / 100)
    }

    /// Median CPU seconds.
    private static func cpuMedian(_ runs: Int, _ body: () -> Void) -> Double {
        median(times(runs, body))
    }
}
