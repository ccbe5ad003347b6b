/// Turns the raw bytes of an events block back into events.
///
/// The bytes are untrusted: every length, index and number is checked, and an error leaves the
/// target block empty. Its buffers are reused.
public struct BlockDecoder {
    private var contexts: [BookContext] = []
    private var sizeCaches: [UInt64] = []
    private var shapes: [EventShape] = []

    /// A decoder with empty buffers.
    public init() {}

    /// Decodes `raw` into `block`, whose former content is forgotten.
    public mutating func decode(
        _ raw: UnsafeBufferPointer<UInt8>, into block: inout EventBlock
    ) throws(CodecError) {
        block.books.removeAll(keepingCapacity: true)
        block.bodies.clear()
        do throws(CodecError) {
            try decodeChecked(raw, into: &block)
        } catch {
            block.clear()
            throw error
        }
    }

    private mutating func decodeChecked(
        _ raw: UnsafeBufferPointer<UInt8>, into block: inout EventBlock
    ) throws(CodecError) {
        let head = try BlockHead(raw)
        guard head.kind == .events else { throw .invalid(.block) }
        guard head.count > 0, head.count <= Limits.eventsPerBlockMax else { throw .invalid(.count) }
        guard head.levelCount <= Limits.levelsPerBlockMax else { throw .tooLarge(.count) }
        guard head.firstSequence > 0,
            head.firstSequence <= UInt64(Int64.max) - UInt64(head.count)
        else { throw .invalid(.order) }
        guard head.firstTime >= 0, head.lastTime < Timestamp.limit else { throw .invalid(.order) }
        guard Int(head.bookCount) <= Limits.booksMax else { throw .tooLarge(.count) }
        var columns = try ColumnReaders(raw, head)
        block.firstSequence = head.firstSequence
        try readTables(&columns, head, into: &block)
        try readEvents(&columns, head, into: &block)
        try columns.finish()
    }

    private mutating func readTables(
        _ columns: inout ColumnReaders, _ head: BlockHead, into block: inout EventBlock
    ) throws(CodecError) {
        contexts.removeAll(keepingCapacity: true)
        shapes.removeAll(keepingCapacity: true)
        sizeCaches.removeAll(keepingCapacity: true)
        for _ in 0..<head.bookCount {
            var context = BookContext()
            block.books.append(try columns.tables.integer(UInt32.self))
            let code = try columns.tables.byte()
            guard code <= 3 else { throw .invalid(.book) }
            context.unit = PowersOfTen.int64(Int(code) * 3)
            contexts.append(context)
        }
        sizeCaches.append(
            contentsOf: repeatElement(0, count: Int(head.bookCount) * SizeCache.slots))
        for _ in 0..<head.shapeCount {
            let shape = EventShape(
                kind: try columns.tables.byte(), flags: try columns.tables.byte(),
                columns: try columns.tables.byte(), book: try columns.tables.integer(UInt16.self))
            try check(shape, bookCount: head.bookCount)
            shapes.append(shape)
        }
    }

    private func check(_ shape: EventShape, bookCount: UInt16) throws(CodecError) {
        guard let kind = EventKind(rawValue: shape.kind) else { throw .invalid(.kind) }
        guard shape.flags & ~EventFlags.all.rawValue == 0, shape.columns < 8 else {
            throw .invalid(.flags)
        }
        if kind.isColumnar {
            guard shape.book < bookCount else { throw .invalid(.book) }
        } else {
            guard shape.book == 0, shape.flags == 0, shape.columns & ~EventShape.hasAge == 0 else {
                throw .invalid(.flags)
            }
        }
    }

    private mutating func readEvents(
        _ columns: inout ColumnReaders, _ head: BlockHead, into block: inout EventBlock
    ) throws(CodecError) {
        block.resize(events: Int(head.count), levels: Int(head.levelCount))
        try block.headers.withUnsafeMutableBufferPointer { headers throws(CodecError) in
            try block.levels.withUnsafeMutableBufferPointer { levels throws(CodecError) in
                try contexts.withUnsafeMutableBufferPointer { contexts throws(CodecError) in
                    try sizeCaches.withUnsafeMutableBufferPointer { caches throws(CodecError) in
                        var reader = EventReader(
                            columns: columns, headers: headers, levels: levels,
                            contexts: contexts, sizeCaches: caches)
                        try reader.readAll(head, shapes, bodies: &block.bodies)
                        columns = reader.columns
                    }
                }
            }
        }
    }
}
