public import Engine
public import NIOCore
import Synchronization

/// The fan-out: takes what the live core concluded and hands it to every event loop once. The
/// streams of a loop are written to on it, without locks and without tasks.
///
/// ```
/// core's thread          publish ── encode once per followed channel
///                           │ execute, once per loop and tick
/// loop 1 … n             HubShard.deliver ── write to each stream
/// ```
public final class Hub: OutputSink {
    private struct State {
        /// Streams that follow each channel, over all loops; none with 0.
        var followers: [StreamChannel: Int] = [:]
        /// Sequence of the last frame that was published.
        var lastSequence: UInt64 = 0
        var framesEncoded: UInt64 = 0
        /// How often the present was moved.
        var moves = 0
    }

    private let state = Mutex(State())
    private let shards: [(loop: any EventLoop, shard: NIOLoopBoundBox<HubShard>)]

    /// A hub over the loops of `group`.
    public init(group: any EventLoopGroup) {
        shards = group.makeIterator().map { loop in
            (loop, NIOLoopBoundBox.makeBoxSendingValue(HubShard(), eventLoop: loop))
        }
    }

    /// Takes the frames of accepted events; called on the core's thread, never waits.
    public func publish(_ outputs: borrowing OutputBuffer, _ engine: borrowing Engine) {
        guard let last = outputs.outputs.last(where: { $0.kind == .frame }) else { return }
        // In one step with the subscriptions: who follows before it gets these frames, who
        // follows after it knows up to where it has to read the log.
        let followed = state.withLock { state in
            precondition(last.sequence > state.lastSequence, "frames are published in order")
            state.lastSequence = last.sequence
            return state.followers
        }
        var frames: [StreamFrame] = []
        StreamMaker.make(outputs, engine, followed.keys) { frames.append($0) }
        guard !frames.isEmpty else { return }
        let count = UInt64(frames.count)
        state.withLock { $0.framesEncoded += count }
        let made = frames
        for (loop, shard) in shards { loop.execute { shard.value.deliver(made) } }
    }

    /// The present is moved to behind the event `sequence`; every stream is told.
    func move(to sequence: UInt64) {
        state.withLock { state in
            state.lastSequence = sequence
            state.moves += 1
        }
        for (loop, shard) in shards { loop.execute { shard.value.move(to: sequence) } }
    }

    /// Whether every stream that follows the present has taken what it was sent; not on a loop.
    func hasRoom() -> Bool {
        shards.allSatisfy { loop, shard in
            (try? loop.submit { shard.value.hasRoom }.wait()) ?? true
        }
    }

    /// How often the present was moved.
    var moves: Int { state.withLock { $0.moves } }

    /// Sequence of the last frame that was published.
    var lastSequence: UInt64 { state.withLock { $0.lastSequence } }

    /// Frames that were made into WebSocket frames.
    var framesEncoded: UInt64 { state.withLock { $0.framesEncoded } }

    /// Channels that somebody follows.
    var channelCount: Int { state.withLock { $0.followers.count } }

    /// Streams in all.
    var followerCount: Int { state.withLock { $0.followers.values.reduce(0, +) } }

    /// Whether `channel` may be followed: of channels that are made for their followers alone
    /// there are at most `limit`. Handshakes at the same moment may pass it together.
    func canMake(_ channel: StreamChannel, limit: Int) -> Bool {
        guard channel.topic.isMade else { return true }
        return state.withLock { state in
            state.followers[channel] != nil
                || state.followers.keys.count { $0.topic.isMade } < limit
        }
    }

    /// Lets `stream` follow its channel from now on; on its loop.
    ///
    /// - Returns: the last sequence of which frames may not be delivered to it any more.
    func follow(_ stream: StreamSession, on loop: any EventLoop) -> UInt64 {
        shard(of: loop).add(stream)
        return state.withLock { state in
            state.followers[stream.channel, default: 0] += 1
            return state.lastSequence
        }
    }

    /// Lets go of `stream`; on its loop.
    func leave(_ stream: StreamSession, on loop: any EventLoop) {
        guard shard(of: loop).remove(stream) else { return }
        state.withLock { state in
            let count = state.followers[stream.channel, default: 0]
            precondition(count > 0, "who leaves has followed")
            state.followers[stream.channel] = count > 1 ? count - 1 : nil
        }
    }

    private func shard(of loop: any EventLoop) -> HubShard {
        guard let found = shards.first(where: { $0.loop === loop }) else {
            preconditionFailure("a stream lives on a loop of the hub's group")
        }
        return found.shard.value
    }
}

/// The streams of one event loop. Never touched off that loop.
final class HubShard {
    private var streams: [StreamChannel: [StreamSession]] = [:]

    func add(_ stream: StreamSession) {
        stream.place = streams[stream.channel, default: []].count
        streams[stream.channel, default: []].append(stream)
    }

    /// Takes a stream out; false where it is not in.
    func remove(_ stream: StreamSession) -> Bool {
        let place = stream.place
        guard place >= 0, let last = streams[stream.channel]?.popLast() else { return false }
        if last !== stream {
            streams[stream.channel]?[place] = last
            last.place = place
        }
        stream.place = -1
        if streams[stream.channel]?.isEmpty == true { streams[stream.channel] = nil }
        return true
    }

    var hasRoom: Bool { streams.values.allSatisfy { $0.allSatisfy(\.hasRoom) } }

    func move(to sequence: UInt64) {
        for stream in streams.values.flatMap(\.self) where stream.place >= 0 {
            stream.moved(to: sequence)
        }
    }

    /// Writes frames to everybody who follows their channels.
    func deliver(_ frames: [StreamFrame]) {
        var shard: ConnectionShard?
        for frame in frames {
            // A stream that ends meanwhile is missing from the table, not from this list.
            guard let list = streams[frame.channel] else { continue }
            for stream in list where stream.place >= 0 { stream.deliver(frame) }
            shard = shard ?? list.first?.shard
        }
        shard?.relieve()
    }
}
