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
        block.clear()
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
        let levelCount = Int(head.levelCount)
        block.headers.reserveCapacity(Int(head.count))
        if block.levels.capacity < levelCount { block.levels.reserveCapacity(levelCount) }
        block.levels.append(
            contentsOf: repeatElement(PriceLevel(price: 0, size: 0), count: levelCount))
        var time = head.firstTime
        var nextLevel = 0
        for index in 0..<Int(head.count) {
            let shape = try columns.shape(of: shapes)
            let delta = try columns.time.varint()
            let (sum, overflow) = time.addingReportingOverflow(Int64(truncatingIfNeeded: delta))
            guard !overflow, delta <= UInt64(Int64.max), index > 0 || delta == 0 else {
                throw .invalid(.order)
            }
            time = sum
            try readEvent(&columns, shape, time, &nextLevel, into: &block)
        }
        guard nextLevel == levelCount, time == head.lastTime else { throw .invalid(.count) }
    }

    private mutating func readEvent(
        _ columns: inout ColumnReaders, _ shape: EventShape, _ time: Int64,
        _ nextLevel: inout Int, into block: inout EventBlock
    ) throws(CodecError) {
        guard let kind = EventKind(rawValue: shape.kind) else { throw .invalid(.kind) }
        var header = EventHeader(kind: kind, receivedAt: time)
        header.flags = shape.flags
        header.book = shape.book
        if shape.columns & EventShape.hasAge != 0 {
            let age = try columns.age.varint()
            guard age > 0, age <= UInt64(Int64.max), Int64(age) <= time else {
                throw .invalid(.order)
            }
            header.age = Int64(age)
        }
        if kind.isColumnar {
            try readClockAndSequence(&columns, shape, isTrade: kind == .trade, &header)
            try readCounts(&columns, isTrade: kind == .trade, &header)
            header.levelStart = UInt32(nextLevel)
            let end = nextLevel &+ header.levelCount
            guard end <= block.levels.count else { throw .invalid(.count) }
            try readLevels(&columns, header, isTrade: kind == .trade, into: &block)
            nextLevel = end
        } else if kind != .clockTick {
            let count = try columns.bodyLength.varint()
            guard count <= UInt64(columns.body.remaining) else { throw .truncated }
            header.bodyStart = UInt32(block.bodies.bytes.count)
            header.bodyCount = UInt32(count)
            block.bodies.bytes.append(contentsOf: try columns.body.bytes(Int(count)))
        }
        block.headers.append(header)
    }

    private mutating func readClockAndSequence(
        _ columns: inout ColumnReaders, _ shape: EventShape, isTrade: Bool,
        _ header: inout EventHeader
    ) throws(CodecError) {
        let book = Int(shape.book)
        if shape.columns & EventShape.hasSource != 0 {
            let unit = contexts[book].unit
            let latency = contexts[book].latency &+ (try columns.latency.signed())
            contexts[book].latency = latency
            header.source = (header.receivedAt / unit &- latency) &* unit
            guard header.source != Timestamp.none else { throw .invalid(.order) }
        }
        guard shape.columns & EventShape.hasSequence != 0 else { return }
        let last = isTrade ? contexts[book].tradeSequence : contexts[book].bookSequence
        header.first = last &+ (try columns.sequence.signed())
        header.last = header.first &+ (try columns.sequence.signed())
        if isTrade {
            contexts[book].tradeSequence = header.last
        } else {
            contexts[book].bookSequence = header.last
        }
    }

    private func readCounts(
        _ columns: inout ColumnReaders, isTrade: Bool, _ header: inout EventHeader
    ) throws(CodecError) {
        if isTrade {
            header.bidCount = 1
            return
        }
        header.bidCount = try columns.count(of: try columns.bidCount.byte())
        header.askCount = try columns.count(of: try columns.askCount.byte())
    }

    private mutating func readLevels(
        _ columns: inout ColumnReaders, _ header: EventHeader, isTrade: Bool,
        into block: inout EventBlock
    ) throws(CodecError) {
        let book = Int(header.book)
        let bids = Int(header.bidCount)
        let start = Int(header.levelStart)
        var error: CodecError?
        block.levels.withUnsafeMutableBufferPointer { levels in
            sizeCaches.withUnsafeMutableBufferPointer { caches in
                do throws(CodecError) {
                    let first = UnsafeMutableBufferPointer(rebasing: levels[start..<start + bids])
                    let end = start + header.levelCount
                    let second = UnsafeMutableBufferPointer(rebasing: levels[start + bids..<end])
                    if isTrade {
                        try columns.prices(&contexts[book].price.2, start, into: first)
                    } else {
                        try columns.prices(&contexts[book].price.0, start, into: first)
                        try columns.prices(&contexts[book].price.1, start + bids, into: second)
                    }
                    let cache = caches.baseAddress! + book * SizeCache.slots
                    let all = UnsafeMutableBufferPointer(rebasing: levels[start..<end])
                    try columns.sizes(cache, start, into: all)
                } catch let caught {
                    error = caught
                }
            }
        }
        if let error { throw error }
    }
}
