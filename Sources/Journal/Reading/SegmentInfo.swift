/// What there is to say about one segment without decoding it.
public struct SegmentInfo: Hashable, Sendable {
    /// How a segment ended.
    public enum State: String, Hashable, Sendable {
        /// It will never change again.
        case sealed
        /// It is, or was, the one being written.
        case open
        /// It was closed after a write error; the next segment continues it.
        case abandoned
    }

    /// The file's name.
    public var name: String
    /// Sequence of the first event.
    public var firstSequence: UInt64
    /// Sequence of the last event; `firstSequence - 1` when there is none.
    public var lastSequence: UInt64
    /// Number of events.
    public var events: UInt64
    /// Time of the first event, in ns; nil when there is none.
    public var firstTime: Int64?
    /// Time of the last event, in ns; nil when there is none.
    public var lastTime: Int64?
    /// Bytes of the file, or of its intact part while it is not sealed.
    public var bytes: Int
    /// Number of blocks, derived ones included.
    public var blocks: Int
    /// The chain value the segment starts from.
    public var chainStart: ChainValue
    /// The chain value after its last event.
    public var chainEnd: ChainValue
    /// How it ended.
    public var state: State
    /// The offset up to which it is known to be durable.
    public var durableEnd: Int
    /// In an unsealed segment: what is wrong with the bytes after the last intact block. A
    /// torn tail is normal after a crash, and while a writer is at work.
    public var tornTail: Defect?
}

/// A segment in a listing: described, or named with the reason why it cannot be.
public struct SegmentListing: Hashable, Sendable {
    /// The file's name.
    public var name: String
    /// The segment; nil when it is unreadable.
    public var info: SegmentInfo?
    /// What is wrong with it, or with its place after the segment before.
    public var problem: JournalError?
}
