import Engine

/// The state after the last accepted event, kept as what it takes to fold it again: the newest
/// checkpoint in the log, and the blocks that the log took since.
///
/// A segment that replaces a damaged one has to open with this state, while the engine has gone
/// on already: it applied the very block that was refused. Cost: the raw bytes of the events
/// since the last checkpoint stay in memory, which the policy bounds by level updates and event
/// time (some MiB by default); no copy, no work while nothing fails. A fold of as much happens
/// once for each damaged segment. A second engine at every block would double the fold.
struct AcceptedState {
    private var checkpoint: [[UInt8]] = []
    private var events: [[UInt8]] = []

    /// The log took all parts of a checkpoint.
    mutating func accept(checkpoint parts: [[UInt8]]) {
        checkpoint = parts
        events.removeAll(keepingCapacity: true)
    }

    /// The log took a block of events.
    mutating func accept(events payload: [UInt8]) { events.append(payload) }

    /// Folds the state. The bytes are our own: that they mean nothing is a broken invariant.
    func folded() -> Engine {
        var engine = Engine()
        var outputs = OutputBuffer(wantsFrames: false)
        var decoder = BlockDecoder()
        var block = EventBlock()
        do throws(CodecError) {
            if !checkpoint.isEmpty { engine = try Checkpoint.decode(checkpoint) }
            for payload in events {
                try payload.withUnsafeBufferPointer { bytes throws(CodecError) in
                    try decoder.decode(bytes, into: &block)
                }
                engine.apply(block, into: &outputs)
                outputs.clear()
            }
        } catch {
            preconditionFailure("the sequencer's own bytes mean nothing: \(error)")
        }
        return engine
    }
}
