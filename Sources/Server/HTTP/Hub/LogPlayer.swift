import Engine
import Journal
import NIOCore

/// Some frames of the log, in order.
struct StreamStep: Sendable {
    /// The frames, finished.
    var frames: [StreamFrame] = []
    /// The last event of the log, where it was reached: there is no more for the moment.
    var endsAt: UInt64?
    /// The oldest event that is left, where what should have come is gone.
    var truncatedTo: UInt64?
}

/// Plays the past of a stream: opened once, then step by step.
protocol StreamPlaying: AnyObject {
    /// Whether to give up; asked before each block.
    func cancel(when isCancelled: @escaping () -> Bool)
    /// Goes to the first wanted frame.
    func open() throws(LogError)
    /// The next frames.
    func step() throws(LogError) -> StreamStep
    /// Lets go of what it holds of the log, until the next step: it may be long.
    func rest()
}

/// Plays one channel of a log that is being written: folds from the nearest checkpoint and makes
/// the messages anew, which gives the bytes that were served. Not thread-safe; each step may run on
/// another thread.
final class LogPlayer: StreamPlaying {
    private let reader: LogReader
    private let channel: StreamChannel
    /// Frames from this event on are wanted.
    private var first: UInt64
    private var engine = Engine()
    private var isOpen = false
    private var follower: LogFollower
    private var outputs = OutputBuffer(wantsFrames: true)
    private var truncatedTo: UInt64?

    /// Frames, bytes and events after which a step ends, so that no stream keeps a thread for
    /// long, and events that are folded in one go.
    private static let framesPerStep = 32
    private static let bytesPerStep = 32 << 10
    private let eventsPerStep: Int
    private static let eventsPerSlice = 64

    /// A player of the messages of `channel` from the event `first` on, up to what `horizon` says.
    init(
        directory: String, channel: StreamChannel, first: UInt64,
        eventsPerStep: Int = 65_536, horizon: @escaping () -> UInt64 = { .max }
    ) {
        reader = LogReader(directory: directory)
        reader.horizon = horizon
        follower = LogFollower(reader)
        self.channel = channel
        self.first = first
        self.eventsPerStep = eventsPerStep
    }

    /// Whether to give up; asked before each block.
    func cancel(when isCancelled: @escaping () -> Bool) { reader.isCancelled = isCancelled }

    /// Folds up to the first wanted frame.
    func open() throws(LogError) {
        let bounds = try reader.bounds()
        guard first <= bounds.upperBound + 1 else {
            throw .sequenceOutside(
                asked: first, oldest: bounds.lowerBound, newest: bounds.upperBound)
        }
        if first < bounds.lowerBound {
            truncatedTo = bounds.lowerBound
            first = bounds.lowerBound
        }
        if case .depth = channel.topic {
            engine = try reader.engine(after: first - 1, trades: &outputs)
        } else {
            engine = try reader.engine(after: first - 1)
        }
        follower.restart()
        isOpen = true
    }

    /// The next frames.
    func step() throws(LogError) -> StreamStep {
        do throws(LogError) { return try read() } catch {
            guard case .journal(.truncated(let oldest)) = error else { throw error }
            // Retention has passed while it was played.
            first = max(engine.sequence + 1, oldest)
            truncatedTo = oldest
            isOpen = false
            return try read()
        }
    }

    func rest() { follower.restart() }

    private func read() throws(LogError) -> StreamStep {
        if !isOpen { try open() }
        var step = StreamStep()
        step.truncatedTo = truncatedTo
        truncatedTo = nil
        var bytes = 0
        let end = engine.sequence + UInt64(eventsPerStep)
        while step.frames.count < LogPlayer.framesPerStep, bytes < LogPlayer.bytesPerStep,
            engine.sequence < end
        {
            guard try follower.hasEvents(after: engine.sequence) else {
                step.endsAt = engine.sequence
                return step
            }
            let end = min(follower.block.count, follower.index + LogPlayer.eventsPerSlice)
            try reader.apply(
                follower.block, follower.index..<end, to: &engine, &outputs
            ) { outputs, engine in
                StreamMaker.make(outputs, engine, CollectionOfOne(channel)) { frame in
                    bytes += frame.bytes.readableBytes
                    step.frames.append(frame)
                }
            }
            follower.index = end
        }
        return step
    }
}
