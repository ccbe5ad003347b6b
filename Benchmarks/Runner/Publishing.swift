internal import CBenchSupport
internal import Engine
internal import Glibc
internal import Journal
internal import Server
internal import Venues

/// Raw messages to published frames, as the live core does it, without sockets: ticks that are due,
/// adapter, sequencer (stamp, fold, frames), journal with group commits of 50 ms, and a copy of each
/// frame as the hub makes it. One thread.
struct Publishing {
    /// What one pass cost and led to.
    struct Result {
        var seconds = 0.0
        var events: UInt64 = 0
        var frames = 0
        var frameBytes = 0
        var unused = 0
        var allocations: UInt64 = 0
        var counted = 0
    }

    private static let flushNanos: Int64 = 50_000_000
    let session: RecordedSession
    let messages: [RecordedSession.Message]

    init(seconds: Int) {
        var session = RecordedSession(RecordedSession.allFeeds)
        var messages: [RecordedSession.Message] = []
        for _ in 0..<seconds { messages += session.nextSecond() }
        self.session = session
        self.messages = messages
    }

    static var configuration: EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.tickHz = 4
        configuration.windowsBps = [50, 10, 25, 100]
        return configuration
    }

    /// The adapters alone: the events go into a block that is emptied when it is full.
    func adaptersAlone() -> Result {
        var result = Result()
        var block = EventBlock()
        block.firstSequence = 1
        let adapters = session.adapters(&block)
        let start = bench_cpu_seconds()
        for (index, message) in messages.enumerated() {
            let isCounted = index >= messages.count / 2
            let before = isCounted ? bench_allocations() : 0
            if message.go(to: adapters[message.feed], into: &block) != .used { result.unused += 1 }
            if block.count >= 1_024 {
                result.events += UInt64(block.count)
                block.clear()
            }
            if isCounted {
                result.allocations += bench_allocations() - before
                result.counted += 1
            }
        }
        result.seconds = bench_cpu_seconds() - start
        return result
    }

    /// The whole way, into a new journal in `directory`.
    func published(_ directory: String) throws -> Result {
        var result = Result()
        let shown = Shown()
        let writer = try JournalWriter(
            directory: directory, configuration: JournalConfiguration(),
            canonicalBytes: LogCodec.canonicalBytes)
        var policy = SequencerPolicy()
        policy.wantsTrades = true
        let sequencer = Sequencer(writer: writer, policy: policy) { shown.take($0) }
        try sequencer.begin(
            source: .simulated, configuration: Publishing.configuration,
            at: RecordedSession.start)
        let adapters = try sequencer.receive { session.adapters(&$0) }
        var flushAt = Int64.max
        let start = bench_cpu_seconds()
        for (index, message) in messages.enumerated() {
            let isCounted = index >= messages.count / 2
            let before = isCounted ? bench_allocations() : 0
            let now = message.receivedAt
            while try sequencer.tickOnce(before: now) { try sequencer.flush() }
            if now >= flushAt {
                try sequencer.flush()
                flushAt = .max
            }
            let outcome = try sequencer.receive {
                message.go(to: adapters[message.feed], into: &$0)
            }
            if outcome != .used { result.unused += 1 }
            flushAt = min(flushAt, now + Publishing.flushNanos)
            try writer.tick(nowNanos: UInt64(now))
            if isCounted {
                result.allocations += bench_allocations() - before
                result.counted += 1
            }
        }
        try sequencer.flush()
        result.seconds = bench_cpu_seconds() - start
        result.events = sequencer.sequence
        (result.frames, result.frameBytes) = (shown.frames, shown.bytes)
        try sequencer.close()
        return result
    }

    /// Copies what is published.
    private final class Shown {
        var frames = 0
        var bytes = 0

        func take(_ outputs: borrowing OutputBuffer) {
            for output in outputs.outputs where output.kind == .frame {
                let copy = Array(outputs.bytes(of: output))
                frames += 1
                bytes += copy.count
            }
        }
    }

    /// Both ways in turn, `pairs` times.
    static func run(_ directory: String, seconds: Int, pairs: Int) throws {
        let publishing = Publishing(seconds: seconds)
        let count = Double(publishing.messages.count)
        say("messages", publishing.messages.count)
        let bytes = publishing.messages.reduce(0) { $0 + $1.bytes.count }
        say("bytes", Double(bytes) / count)
        for pair in 0..<pairs {
            let alone = publishing.adaptersAlone()
            let whole = try publishing.published("\(directory)/\(pair)")
            say("pair.\(pair).adapters", alone.seconds / count * 1e9)
            say("pair.\(pair).published", whole.seconds / count * 1e9)
            guard pair == pairs - 1 else { continue }
            say("adapter.allocations", Double(alone.allocations) / Double(alone.counted))
            say("published.allocations", Double(whole.allocations) / Double(whole.counted))
            say("unused", alone.unused)
            say("events", whole.events)
            say("frames", whole.frames)
            say("frame.bytes", Double(whole.frameBytes) / Double(max(1, whole.frames)))
        }
    }
}
