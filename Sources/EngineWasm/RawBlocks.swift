import Engine

/// Walks raw blocks that lie one behind the other: what is left of a segment when it is
/// decompressed and its skippable frames are gone.
///
/// Only length, version and kind are looked at here; the decoders check the rest.
struct RawBlocks {
    private var rest: UnsafeBufferPointer<UInt8>

    init(_ bytes: UnsafeBufferPointer<UInt8>) { rest = bytes }

    /// The next block and its kind, nil behind the last one. A kind that this program does not
    /// know is a derived one, and harmless.
    mutating func next() throws(Status) -> (raw: UnsafeBufferPointer<UInt8>, kind: UInt16)? {
        guard rest.count > 0 else { return nil }
        guard rest.count >= BlockHead.byteCount else { throw Status(.truncated) }
        let length =
            UInt32(rest[0]) | UInt32(rest[1]) << 8 | UInt32(rest[2]) << 16
            | UInt32(rest[3]) << 24
        // Compared before it becomes an Int, which has 32 bits here.
        guard length >= UInt32(BlockHead.byteCount) else { throw Status(.invalid(.block)) }
        guard length <= UInt32(Limits.blockBytesMax) else { throw Status(.tooLarge(.block)) }
        guard Int(length) <= rest.count else { throw Status(.truncated) }
        let version = UInt16(rest[4]) | UInt16(rest[5]) << 8
        guard version == BlockHead.currentVersion else { throw Status(.unknownVersion(version)) }
        let kind = UInt16(rest[6]) | UInt16(rest[7]) << 8
        let raw = UnsafeBufferPointer(rebasing: rest[..<Int(length)])
        rest = UnsafeBufferPointer(rebasing: rest[Int(length)...])
        return (raw, kind)
    }
}
