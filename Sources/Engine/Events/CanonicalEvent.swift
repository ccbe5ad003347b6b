/// The canonical bytes of an event: what the journal's hash chain covers, independent of blocks,
/// columns and compression. All integers little-endian.
///
/// ```
/// u64 sequence · i64 time · i64 received at · u8 kind · then by kind
///   bookSnapshot, bookDelta  u32 book · u8 flags · i64 source time · i64 first · i64 last
///                            u32 bids · u32 asks · (i64 price · i64 size) each, bids first
///   trade                    u32 book · u8 flags · i64 source time · i64 id · i64 id
///                            i64 price · i64 size
///   clockTick                nothing
///   every other kind         u32 length · the fields of the kind
/// ```
public enum CanonicalEvent {
    /// Appends the canonical bytes of the event at `index` of `block`.
    public static func append(_ block: borrowing EventBlock, at index: Int, to out: inout [UInt8]) {
        let header = block.headers[index]
        put(block.sequence(at: index), to: &out)
        put(UInt64(bitPattern: header.time), to: &out)
        put(UInt64(bitPattern: header.receivedAt), to: &out)
        out.append(header.kind)
        guard let kind = EventKind(rawValue: header.kind) else {
            preconditionFailure("a block holds an unknown kind")
        }
        if kind.isColumnar {
            appendBook(block, header, isTrade: kind == .trade, to: &out)
        } else if kind != .clockTick {
            put32(header.bodyCount, to: &out)
            let start = Int(header.bodyStart)
            out.append(contentsOf: block.bodies.bytes[start..<start + Int(header.bodyCount)])
        }
    }

    /// Appends the canonical bytes of all events of `block`.
    public static func append(_ block: borrowing EventBlock, to out: inout [UInt8]) {
        out.reserveCapacity(out.count + block.count * 64 + block.levels.count * 16)
        var index = 0
        while index < block.count {
            append(block, at: index, to: &out)
            index &+= 1
        }
    }

    private static func appendBook(
        _ block: borrowing EventBlock, _ header: EventHeader, isTrade: Bool, to out: inout [UInt8]
    ) {
        put32(block.books[Int(header.book)], to: &out)
        out.append(header.flags)
        put(UInt64(bitPattern: header.source), to: &out)
        put(UInt64(bitPattern: header.first), to: &out)
        put(UInt64(bitPattern: header.last), to: &out)
        if !isTrade {
            put32(header.bidCount, to: &out)
            put32(header.askCount, to: &out)
        }
        let start = Int(header.levelStart)
        block.levels.withUnsafeBufferPointer { levels in
            let slice = UnsafeBufferPointer(rebasing: levels[start..<start + header.levelCount])
            // Levels lie in memory as two little-endian integers, which is the canonical form.
            out.append(contentsOf: UnsafeRawBufferPointer(slice))
        }
    }

    @inline(__always) private static func put(_ value: UInt64, to out: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { out.append(contentsOf: $0) }
    }

    @inline(__always) private static func put32(_ value: UInt32, to out: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { out.append(contentsOf: $0) }
    }
}
