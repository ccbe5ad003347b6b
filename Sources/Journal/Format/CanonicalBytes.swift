/// What the events of a block say about it: the header in front of them has to say the same.
public struct EventFacts: Hashable, Sendable {
    /// Number of events.
    public var count: UInt32
    /// Sequence of the first event.
    public var firstSequence: UInt64
    /// Time of the first event, in ns.
    public var firstTime: Int64
    /// Time of the last event, in ns.
    public var lastTime: Int64

    /// Gathers the facts of one block.
    public init(count: UInt32, firstSequence: UInt64, firstTime: Int64, lastTime: Int64) {
        self.count = count
        self.firstSequence = firstSequence
        self.firstTime = firstTime
        self.lastTime = lastTime
    }
}

/// Derives the canonical bytes of a block's events from its payload, appends them to
/// `canonical`, and returns what the events say. Throws when the payload means nothing.
public typealias CanonicalBytes = (
    _ payload: UnsafeRawBufferPointer, _ canonical: inout [UInt8]
) throws -> EventFacts

extension EventFacts {
    /// Compares with what the block's header says.
    func check(_ header: BlockHeader) throws(DefectError) {
        func compare<Value: Equatable>(_ field: String, _ said: Value, _ found: Value)
            throws(DefectError)
        {
            try require(said == found, .events("\(field): header \(said), events \(found)"))
        }
        try compare("count", header.count, count)
        try compare("first sequence", header.firstSequence, firstSequence)
        try compare("first time", header.firstTime, firstTime)
        try compare("last time", header.lastTime, lastTime)
    }
}
