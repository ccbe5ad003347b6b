internal import CBenchSupport
internal import Engine
internal import Glibc
internal import Journal
internal import Server
internal import Venues

/// Journals and wire messages of the simulated venues, made as fast as they can be.
enum Simulating {
    /// A journal of `seconds` in `directory`: all feeds and assets, or with `isThin` BTC on Kraken
    /// alone.
    static func journal(_ directory: String, seconds: Int, isThin: Bool) throws {
        var session =
            isThin
            ? RecordedSession([.krakenSpot], assets: [.btc])
            : RecordedSession(RecordedSession.allFeeds)
        let writer = try JournalWriter(
            directory: directory, configuration: .batch, canonicalBytes: LogCodec.canonicalBytes)
        let sequencer = Sequencer(writer: writer)
        try sequencer.begin(
            source: .simulated, configuration: Publishing.configuration,
            at: RecordedSession.start)
        let adapters = try sequencer.receive { session.adapters(&$0) }
        for _ in 0..<seconds {
            for message in session.nextSecond() {
                try sequencer.tick(before: message.receivedAt)
                _ = try sequencer.receive {
                    message.go(to: adapters[message.feed], into: &$0)
                }
            }
        }
        try sequencer.close()
        say("events", sequencer.sequence)
        try Logs.saySizes(directory)
    }

    /// The first `count` messages of one feed, each behind its length (u32), for a simulated venue
    /// in C.
    static func wire(_ feed: String, count: Int, to path: String) throws {
        let known: [String: SimulatedFeed] = [
            "coinbase": .coinbaseAdvanced, "kraken": .krakenSpot, "okx": .okxSpot,
            "bybit": .bybitSpot,
        ]
        guard let feed = known[feed], let file = fopen(path, "w") else {
            fatalError("cannot write \(path)")
        }
        var session = RecordedSession([feed])
        var written = 0
        var seconds = 0
        while written < count {
            seconds += 1
            for message in session.nextSecond() {
                var length = UInt32(message.bytes.count)
                fwrite(&length, 4, 1, file)
                fwrite(message.bytes, message.bytes.count, 1, file)
                written += 1
            }
        }
        fclose(file)
        say("messages", written)
        say("seconds", seconds)
    }

    /// CPU time of each order of $1,000,000 against the books of five simulated venues.
    static func orders(_ directory: String, count: Int) throws {
        let reader = LogReader(directory: directory)
        let engine = try reader.engine(after: try reader.bounds().upperBound)
        let order = Order(
            symbol: Array("BTC-USD".utf8), isBuy: true,
            notional: Decimal(mantissa: 1_000_000, exponent: 0))
        var json: [UInt8] = []
        var seconds: [Double] = []
        for _ in 0..<count {
            let start = bench_cpu_seconds()
            json.removeAll(keepingCapacity: true)
            try engine.execute(order, to: &json)
            seconds.append(bench_cpu_seconds() - start)
        }
        seconds.sort()
        say("execute.p50_us", seconds[count / 2] * 1e6)
        say("execute.p99_us", seconds[count * 99 / 100] * 1e6)
        say("execute.bytes", json.count)
    }
}
