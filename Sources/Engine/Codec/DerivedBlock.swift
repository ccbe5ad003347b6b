/// Raw blocks that repeat nothing but what the events say: checkpoints, rollups, frame marks.
public enum DerivedBlock {
    /// Cuts `body` into raw blocks "part i of n".
    static func parts(
        _ kind: BlockKind, sequence: UInt64, time: Int64, body: [UInt8], partBytesMax: Int
    ) -> [[UInt8]] {
        let count = max(1, (body.count + partBytesMax - 1) / partBytesMax)
        var result: [[UInt8]] = []
        for part in 0..<count {
            let start = part * partBytesMax
            let end = min(body.count, start + partBytesMax)
            var head = BlockHead(kind: kind, firstSequence: sequence)
            head.length = UInt32(BlockHead.byteCount + end - start)
            head.count = UInt32(count)
            head.levelCount = UInt32(part)
            head.firstTime = time
            head.lastTime = time
            var writer = ByteWriter()
            head.encode(to: &writer)
            writer.bytes.append(contentsOf: body[start..<end])
            result.append(writer.bytes)
        }
        return result
    }

    /// Joins the parts of one derived thing; they must be complete and in order.
    static func joined(
        _ parts: [[UInt8]], kind: BlockKind
    ) throws(CodecError) -> (head: BlockHead, body: [UInt8]) {
        guard let first = parts.first else { throw .truncated }
        let head = try self.head(of: first)
        guard head.kind == kind, Int(head.count) == parts.count else { throw .invalid(.count) }
        var body: [UInt8] = []
        for (index, part) in parts.enumerated() {
            let own = try self.head(of: part)
            guard own.kind == kind, own.count == head.count, Int(own.levelCount) == index,
                own.firstSequence == head.firstSequence, own.lastTime == head.lastTime,
                own.firstTime == own.lastTime, own.bookCount == 0, own.shapeCount == 0,
                own.columnCount == 0
            else { throw .invalid(.order) }
            body.append(contentsOf: part[BlockHead.byteCount...])
        }
        return (head, body)
    }

    /// The head of a raw block.
    public static func head(of raw: [UInt8]) throws(CodecError) -> BlockHead {
        let result = raw.withUnsafeBufferPointer { buffer -> Result<BlockHead, CodecError> in
            do throws(CodecError) {
                return .success(try BlockHead(buffer))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

extension DerivedBlock {
    /// The last complete run among `parts`, which were written at one place: a writer that died
    /// may have left an incomplete one before or behind it. Empty when none is complete.
    public static func lastRun(of parts: [[UInt8]]) throws(CodecError) -> [[UInt8]] {
        var best: [[UInt8]] = []
        var open: [[UInt8]] = []
        for part in parts {
            let head = try self.head(of: part)
            if head.levelCount == 0 { open = [] }
            open.append(part)
            if open.count == Int(head.count), Int(head.levelCount) == open.count - 1 { best = open }
        }
        return best
    }
}
