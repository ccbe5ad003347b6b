/// Fills the headers and levels of a block from its columns.
///
/// It works on memory that the decoder has laid out beforehand: no array is asked for its
/// uniqueness from event to event. Shapes were checked: one with a book names one of `contexts`.
struct EventReader {
    var columns: ColumnReaders
    let headers: UnsafeMutableBufferPointer<EventHeader>
    let levels: UnsafeMutableBufferPointer<PriceLevel>
    let contexts: UnsafeMutableBufferPointer<BookContext>
    /// `SizeCache.slots` a context.
    let sizeCaches: UnsafeMutableBufferPointer<UInt64>
    private var nextLevel = 0

    init(
        columns: ColumnReaders, headers: UnsafeMutableBufferPointer<EventHeader>,
        levels: UnsafeMutableBufferPointer<PriceLevel>,
        contexts: UnsafeMutableBufferPointer<BookContext>,
        sizeCaches: UnsafeMutableBufferPointer<UInt64>
    ) {
        self.columns = columns
        self.headers = headers
        self.levels = levels
        self.contexts = contexts
        self.sizeCaches = sizeCaches
    }

    /// Reads every event.
    mutating func readAll(
        _ head: BlockHead, _ shapes: [EventShape], bodies: inout ByteWriter
    ) throws(CodecError) {
        var time = head.firstTime
        for index in headers.indices {
            let shape = try columns.shape(of: shapes)
            let delta = try columns.time.varint()
            let (sum, overflow) = time.addingReportingOverflow(Int64(truncatingIfNeeded: delta))
            guard !overflow, delta <= UInt64(Int64.max), index > 0 || delta == 0 else {
                throw .invalid(.order)
            }
            time = sum
            headers[index] = try read(shape, time, bodies: &bodies)
        }
        guard nextLevel == levels.count, time == head.lastTime else { throw .invalid(.count) }
    }

    @inline(__always)
    private mutating func read(
        _ shape: EventShape, _ time: Int64, bodies: inout ByteWriter
    ) throws(CodecError) -> EventHeader {
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
            try readColumnar(shape, isTrade: kind == .trade, &header)
        } else if kind != .clockTick {
            let count = try columns.bodyLength.varint()
            guard count <= UInt64(columns.body.remaining) else { throw .truncated }
            header.bodyStart = UInt32(bodies.bytes.count)
            header.bodyCount = UInt32(count)
            bodies.bytes.append(contentsOf: try columns.body.bytes(Int(count)))
        }
        return header
    }

    @inline(__always)
    private mutating func readColumnar(
        _ shape: EventShape, isTrade: Bool, _ header: inout EventHeader
    ) throws(CodecError) {
        let book = Int(shape.book)
        try readClock(shape, book, &header)
        if shape.columns & EventShape.hasSequence != 0 {
            let last = isTrade ? contexts[book].tradeSequence : contexts[book].bookSequence
            header.first = last &+ (try columns.sequence.signed())
            header.last = header.first &+ (try columns.sequence.signed())
            if isTrade {
                contexts[book].tradeSequence = header.last
            } else {
                contexts[book].bookSequence = header.last
            }
        }
        if isTrade {
            header.bidCount = 1
        } else {
            header.bidCount = try columns.count(of: try columns.bidCount.byte())
            header.askCount = try columns.count(of: try columns.askCount.byte())
        }
        try readLevels(book, isTrade: isTrade, &header)
    }

    @inline(__always)
    private mutating func readClock(
        _ shape: EventShape, _ book: Int, _ header: inout EventHeader
    ) throws(CodecError) {
        guard shape.columns & EventShape.hasSource != 0 else { return }
        let latency = contexts[book].latency &+ (try columns.latency.signed())
        contexts[book].latency = latency
        header.source = contexts[book].units(of: header.receivedAt) &- latency
        header.source = header.source &* contexts[book].unit
        guard header.source != Timestamp.none else { throw .invalid(.order) }
    }

    @inline(__always)
    private mutating func readLevels(
        _ book: Int, isTrade: Bool, _ header: inout EventHeader
    ) throws(CodecError) {
        let start = nextLevel
        let middle = start &+ Int(header.bidCount)
        let end = start &+ header.levelCount
        guard end <= levels.count else { throw .invalid(.count) }
        header.levelStart = UInt32(start)
        nextLevel = end
        let first = UnsafeMutableBufferPointer(rebasing: levels[start..<middle])
        if isTrade {
            try columns.prices(&contexts[book].price.2, start, into: first)
        } else {
            let second = UnsafeMutableBufferPointer(rebasing: levels[middle..<end])
            try columns.prices(&contexts[book].price.0, start, into: first)
            try columns.prices(&contexts[book].price.1, middle, into: second)
        }
        let all = UnsafeMutableBufferPointer(rebasing: levels[start..<end])
        let cache = UnsafeMutableBufferPointer(
            rebasing: sizeCaches[book * SizeCache.slots..<(book + 1) * SizeCache.slots])
        try columns.sizes(cache, start, into: all)
    }
}
