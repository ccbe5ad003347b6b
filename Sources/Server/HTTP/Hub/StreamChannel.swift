import Engine
import NIOCore

/// What a stream carries, one message a clock tick.
enum StreamTopic: Hashable, Sendable {
    /// The frames of one window (S0.3).
    case frames(windowBps: UInt32)
    /// The consolidated book in price buckets, and the trades (S0.10).
    case depth(step: Decimal, levels: Int)
    /// The order-book monitor's frames of one venue (S1.6).
    case book(venue: Venue, levels: Int)

    /// Whether its messages are made for it alone, on the core's thread: the fold makes frames
    /// anyway.
    var isMade: Bool {
        if case .frames = self { false } else { true }
    }
}

/// One stream of messages.
struct StreamChannel: Hashable, Sendable {
    /// Consolidated symbol.
    var symbol: [UInt8]
    /// What of it.
    var topic: StreamTopic
}

/// A message of a channel as a WebSocket frame, made once for all who follow it.
struct StreamFrame: Sendable {
    /// Its channel.
    var channel: StreamChannel
    /// Sequence of its tick.
    var sequence: UInt64
    /// Time of its tick, ns.
    var time: Int64
    /// The WebSocket frame.
    var bytes: ByteBuffer
}
