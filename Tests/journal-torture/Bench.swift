internal import Glibc
internal import Journal

/// Measures one thread's CPU time: best of five runs, in MB/s of raw bytes.
struct Bench {
    let folder: String
    private let rounds = 5
    private let blocks = 64
    private let rawBytes = 256 << 10

    /// Columns of pseudo-random deltas that compress about as market data does.
    private func payload(_ seed: UInt64) -> [UInt8] {
        var state = seed
        return (0..<rawBytes).map { position in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let noise = UInt8(truncatingIfNeeded: state >> 60)
            return position % 4 == 0 ? noise &* 3 : (position % 4 == 1 ? noise & 3 : 0)
        }
    }

    func run() throws {
        let payloads = (0..<8).map { payload(UInt64($0 + 1)) }
        // About 16 canonical bytes for each 8 raw ones.
        let canonical = [UInt8](repeating: 7, count: rawBytes * 2)
        measureParts(payloads, canonical)
        let cuts = [0, 8].map { count in
            (1..<max(count, 1)).map { $0 * rawBytes / count }
        }
        for (cut, policy) in [(cuts[0], SyncPolicy.os), (cuts[1], .os)] {
            try measureAppend(payloads, canonical, cut, policy)
        }
        try measureRead()
        try measureRecovery(canonical)
        try measureDurable()
    }

    private func report(_ name: String, _ bytes: Int, _ body: () throws -> Void) rethrows {
        var best = Double.infinity
        for _ in 0..<rounds {
            let start = Self.cpuSeconds()
            try body()
            best = min(best, Self.cpuSeconds() - start)
        }
        let rate = Double(bytes) / best / 1e6
        print("\(name): \(Int(rate)) MB/s, \(Int(best * 1e9 / Double(blocks))) ns a block")
    }

    static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func measureParts(_ payloads: [[UInt8]], _ canonical: [UInt8]) {
        let total = blocks * rawBytes
        var sum: UInt32 = 0
        report("crc32c", total) {
            for number in 0..<blocks {
                payloads[number % 8].withUnsafeBytes { sum ^= Checksum.crc32c($0) }
            }
        }
        let chain = HashChain(startingFrom: .zero)
        report("sha256 of canonical bytes (their own MB/s)", blocks * canonical.count) {
            for _ in 0..<blocks { canonical.withUnsafeBytes { chain.update($0) } }
        }
        print("(\(sum & 1), \(chain.value.bytes[0] & 1))")
    }

    private func measureAppend(
        _ payloads: [[UInt8]], _ canonical: [UInt8], _ cuts: [Int], _ policy: SyncPolicy
    ) throws {
        var run = 0
        var stored = 0
        try report("append, \(cuts.count) cuts", blocks * rawBytes) {
            run += 1
            let writer = try open("\(folder)/append-\(cuts.count)-\(run)", policy)
            for number in 0..<blocks {
                try append(writer, payloads[number % 8], canonical, cuts)
            }
            stored = writer.segmentBytes
        }
        print("  stored \(stored) of \(blocks * rawBytes) bytes")
    }

    private func open(_ folder: String, _ policy: SyncPolicy) throws -> JournalWriter {
        let configuration = JournalConfiguration(
            syncPolicy: policy, segmentBytes: 1 << 30,
            preallocationBytes: policy == .os ? 0 : 4 << 20)
        return try JournalWriter(directory: folder, configuration: configuration) { _, _ in
            Self.facts(1)
        }
    }

    /// What `append` says of the block that starts at `first`; its payload is noise.
    private static func facts(_ first: UInt64) -> EventFacts {
        EventFacts(
            count: 1_000, firstSequence: first, firstTime: Int64(first), lastTime: Int64(first))
    }

    private func append(
        _ writer: JournalWriter, _ payload: [UInt8], _ canonical: [UInt8], _ cuts: [Int]
    ) throws {
        let first = writer.lastSequence + 1
        let block = Block(
            firstSequence: first, count: 1_000, firstTime: Int64(first),
            lastTime: Int64(first), payload: payload, cuts: cuts)
        try canonical.withUnsafeBytes { try writer.append(block, canonical: $0) }
    }

    private func measureRead() throws {
        let reader = JournalReader(directory: "\(folder)/append-0-1")
        let buffer = BlockBuffer()
        for decoding in [true, false] {
            try report(decoding ? "read" : "read, not decoded", blocks * rawBytes) {
                let cursor = try reader.allBlocks()
                while try cursor.next(into: buffer, decoding: decoding) != nil {}
            }
        }
    }

    /// Opening an unsealed segment after a kill: read, decode, hash, compare.
    private func measureRecovery(_ canonical: [UInt8]) throws {
        try report("recover an unsealed segment", blocks * rawBytes) {
            var next: UInt64 = 1
            let writer = try JournalWriter(
                directory: "\(folder)/append-0-2", configuration: .batch
            ) { _, bytes in
                bytes += canonical
                defer { next += 1_000 }
                return Self.facts(next)
            }
            precondition(writer.recovery.blocksChecked == blocks)
        }
    }

    /// Wall time of an acknowledged append under `always`, small and large.
    private func measureDurable() throws {
        for bytes in [256, 4 << 10, 64 << 10] {
            let writer = try open("\(folder)/durable-\(bytes)", .always)
            let payload = (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 7_919 &* $0 >> 3) }
            var nanos: [Int] = []
            for _ in 0..<300 {
                var start = timespec(), end = timespec()
                clock_gettime(CLOCK_MONOTONIC, &start)
                try append(writer, payload, payload, [])
                clock_gettime(CLOCK_MONOTONIC, &end)
                nanos.append(
                    (end.tv_sec - start.tv_sec) * 1_000_000_000 + end.tv_nsec - start.tv_nsec)
            }
            nanos.sort()
            print(
                "durable append of \(bytes) bytes: p50 \(nanos[150] / 1_000) us,",
                "p99 \(nanos[297] / 1_000) us")
        }
    }
}
