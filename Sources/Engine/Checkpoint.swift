/// Everything that `apply` may ever read, as a run of derived blocks "part i of n"
/// (`semantics.md` 30): a fold from a checkpoint equals a fold from zero.
///
/// ```
/// body   u32 length · small state · then per book, by ascending key, bids and asks:
///        varint count · prices as zigzag deltas, best first · sizes · sequence − inserted at
/// part   block head (count = n, levelCount = i) · a slice of the body
/// ```
public enum Checkpoint {
    /// Bytes of the body in one part.
    static var partBytesMax: Int { 4 << 20 }

    /// The parts of a checkpoint of `engine`, each a raw block.
    public static func encode(_ engine: borrowing Engine) -> [[UInt8]] {
        var state = ByteWriter()
        engine.encodeSmallState(to: &state)
        var body = ByteWriter()
        body.put(UInt32(state.bytes.count))
        body.bytes.append(contentsOf: state.bytes)
        for slot in engine.bookOrder {
            append(engine.books[slot].book.bids, engine.sequence, to: &body)
            append(engine.books[slot].book.asks, engine.sequence, to: &body)
        }
        return DerivedBlock.parts(
            .checkpoint, sequence: engine.sequence, time: engine.time, body: body.bytes,
            partBytesMax: partBytesMax)
    }

    /// The engine whose checkpoint consists of `parts`, in order.
    public static func decode(_ parts: [[UInt8]]) throws(CodecError) -> Engine {
        let (head, body) = try DerivedBlock.joined(parts, kind: .checkpoint)
        guard head.firstSequence <= UInt64(Int64.max) else { throw .invalid(.order) }
        var engine = Engine()
        engine.sequence = head.firstSequence
        let error = body.withUnsafeBufferPointer { buffer -> CodecError? in
            do throws(CodecError) {
                try read(buffer, into: &engine)
                return nil
            } catch {
                return error
            }
        }
        if let error { throw error }
        guard engine.time == head.lastTime else { throw .invalid(.order) }
        return engine
    }

    private static func append(
        _ side: borrowing BookSide, _ sequence: UInt64, to body: inout ByteWriter
    ) {
        body.putVarint(UInt64(side.count))
        var last: Int64 = 0
        side.visit { level in
            body.putSigned(level.price &- last)
            last = level.price
            return true
        }
        side.visit { level in
            body.putVarint(UInt64(bitPattern: level.size))
            return true
        }
        side.visit { level in
            body.putVarint(sequence &- level.insertedAt)
            return true
        }
    }

    private static func read(
        _ bytes: UnsafeBufferPointer<UInt8>, into engine: inout Engine
    ) throws(CodecError) {
        var reader = ByteReader(bytes)
        let length = try reader.length()
        guard length <= reader.remaining else { throw .truncated }
        let start = reader.position
        var state = ByteReader(reader, range: start..<start + length)
        try engine.decodeSmallState(&state)
        try state.finish()
        var levels = ByteReader(reader, range: start + length..<reader.end)
        for slot in engine.bookOrder {
            let bounds = engine.books[slot].bounds
            let bids = try kept(&levels, engine.sequence, bounds)
            let asks = try kept(&levels, engine.sequence, bounds)
            for level in bids { engine.books[slot].book.bids.load(level) }
            for level in asks { engine.books[slot].book.asks.load(level) }
        }
        try levels.finish()
    }

    private static func kept(
        _ reader: inout ByteReader, _ sequence: UInt64, _ bounds: LevelBounds
    ) throws(CodecError) -> [KeptLevel] {
        let count = try reader.varint()
        guard count <= UInt64(Limits.levelsPerSideMax), count <= UInt64(reader.remaining) else {
            throw .tooLarge(.count)
        }
        var levels: [KeptLevel] = []
        levels.reserveCapacity(Int(count))
        var last: Int64 = 0
        for _ in 0..<count {
            last = last &+ (try reader.signed())
            guard last > 0, last.magnitude < Decimal.mantissaLimit else { throw .invalid(.level) }
            levels.append(KeptLevel(price: last, size: 0, insertedAt: 0))
        }
        for index in levels.indices {
            let size = try reader.varint()
            guard size > 0, size < Decimal.mantissaLimit else { throw .invalid(.level) }
            levels[index].size = Int64(size)
            guard bounds.allow(price: levels[index].price, size: Int64(size)) else {
                throw .invalid(.level)
            }
        }
        for index in levels.indices {
            let age = try reader.varint()
            guard age < sequence else { throw .invalid(.order) }
            levels[index].insertedAt = sequence - age
        }
        return levels
    }
}
