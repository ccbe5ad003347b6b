public import Engine
public import Journal

/// What the journal stores of the engine's blocks: where the two leaves meet.
public enum LogCodec {
    /// Derives canonical event bytes from a stored payload, and what its events say of
    /// themselves, for recovery, verification and rewriting.
    public static var canonicalBytes: CanonicalBytes {
        var decoder = BlockDecoder()
        var block = EventBlock()
        return { payload, canonical in
            try decoder.decode(payload.assumingMemoryBound(to: UInt8.self), into: &block)
            CanonicalEvent.append(block, to: &canonical)
            guard block.count > 0 else {
                return EventFacts(count: 0, firstSequence: 0, firstTime: 0, lastTime: 0)
            }
            return EventFacts(
                count: UInt32(block.count), firstSequence: block.firstSequence,
                firstTime: block.headers[0].time,
                lastTime: block.headers[block.count - 1].time)
        }
    }

    /// The block that stores `events`, which `encoder` has just encoded.
    ///
    /// - Precondition: there is at least one event.
    public static func stored(_ events: borrowing EventBlock, by encoder: BlockEncoder) -> Block {
        Block(
            kind: BlockKind.events.rawValue, firstSequence: events.firstSequence,
            count: UInt32(events.count), firstTime: events.headers[0].time,
            lastTime: events.headers[events.count - 1].time, payload: encoder.output.bytes,
            cuts: encoder.cuts)
    }

    /// A derived block that stands before the event `nextSequence`.
    static func derived(
        _ kind: BlockKind, _ raw: [UInt8], nextSequence: UInt64, time: Int64
    ) -> Block {
        Block(
            kind: kind.rawValue, firstSequence: nextSequence, count: 0, firstTime: time,
            lastTime: time, payload: raw, cuts: [])
    }
}
