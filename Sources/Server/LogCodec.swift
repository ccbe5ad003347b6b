public import Engine
public import Journal

/// What the journal stores of the engine's blocks: where the two leaves meet.
public enum LogCodec {
    /// Derives canonical event bytes from a stored payload, for recovery and verification.
    public static let canonicalBytes: CanonicalBytes = { payload, canonical in
        var decoder = BlockDecoder()
        var block = EventBlock()
        try decoder.decode(payload.assumingMemoryBound(to: UInt8.self), into: &block)
        CanonicalEvent.append(block, to: &canonical)
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
