/// Turns a block of events into columns: the bytes that the journal compresses.
///
/// The result depends on the events alone. Its buffers are reused.
public struct BlockEncoder {
    /// The raw block of the last `encode`.
    public private(set) var output = ByteWriter()
    /// Ascending offsets in `output` at which a column ends: where the compressor should start
    /// new statistics.
    public private(set) var cuts: [Int] = []

    private var columns = [ByteWriter](repeating: ByteWriter(), count: Column.allCases.count)
    private var contexts: [BookContext] = []
    private var shapes: [EventShape] = []
    /// Index of a shape by a hash of it: a guess that is checked.
    private var guesses = [UInt16](repeating: 0, count: 1_024)
    private var sizeCaches: [UInt64] = []
    private let priceLow = Scratch()
    private let priceHigh = Scratch()
    private let sizeCode = Scratch()
    private let sizeLiteral = Scratch()
    private var literalCount = 0
    private var levelCount = 0

    /// An encoder with empty buffers.
    public init() {}

    /// Whether the decoder takes a block of this size; the estimate of raw bytes is an upper bound.
    public static func fits(_ block: borrowing EventBlock) -> Bool {
        block.count <= Limits.eventsPerBlockMax && block.levels.count <= Limits.levelsPerBlockMax
            && block.bytesMax <= Limits.blockBytesMax
    }

    /// Encodes `block`, which must hold at least one event, into `output` and `cuts`.
    public mutating func encode(_ block: borrowing EventBlock) {
        precondition(block.count > 0, "a block holds at least one event")
        precondition(BlockEncoder.fits(block), "a block stays within the decoder's limits")
        prepare(block)
        var index = 0
        while index < block.count {
            encodeEvent(block, index)
            index += 1
        }
        precondition(levelCount == block.levels.count, "levels belong to events")
        assemble(block)
    }

    private mutating func prepare(_ block: borrowing EventBlock) {
        for index in columns.indices { columns[index].clear() }
        contexts.removeAll(keepingCapacity: true)
        sizeCaches.removeAll(keepingCapacity: true)
        shapes.removeAll(keepingCapacity: true)
        for _ in block.books { contexts.append(BookContext()) }
        for _ in 0..<block.books.count * SizeCache.slots { sizeCaches.append(0) }
        let levels = block.levels.count
        priceLow.reserve(levels)
        priceHigh.reserve(levels)
        sizeCode.reserve(levels)
        sizeLiteral.reserve(levels * 8)
        literalCount = 0
        levelCount = 0
        chooseUnits(block)
    }

    /// The coarsest unit (s, ms, µs, ns) that divides all venue times of a book.
    private mutating func chooseUnits(_ block: borrowing EventBlock) {
        for index in contexts.indices { contexts[index].unit = Timestamp.second }
        var index = 0
        while index < block.count {
            let header = block.headers[index]
            index += 1
            if header.source == Timestamp.none { continue }
            let book = Int(header.book)
            while header.source % contexts[book].unit != 0 { contexts[book].unit /= 1_000 }
        }
    }

    private mutating func put(_ column: Column, _ value: UInt64) {
        columns[column.rawValue].putVarint(value)
    }

    private mutating func encodeEvent(_ block: borrowing EventBlock, _ index: Int) {
        let header = block.headers[index]
        let shape = EventShape(header)
        putShape(shape)
        let before = index == 0 ? header.time : block.headers[index - 1].time
        precondition(header.time >= before && header.age >= 0, "times never decrease")
        put(.time, UInt64(header.time &- before))
        if shape.columns & EventShape.hasAge != 0 { put(.age, UInt64(header.age)) }
        guard let kind = EventKind(rawValue: header.kind) else {
            preconditionFailure("a block holds an unknown kind")
        }
        if kind == .clockTick { return }
        guard kind.isColumnar else { return encodeBody(block, header) }
        encodeClockAndSequence(header, shape, isTrade: kind == .trade)
        if kind != .trade {
            putCount(.bidCount, header.bidCount)
            putCount(.askCount, header.askCount)
        }
        encodeLevels(block, header, isTrade: kind == .trade)
    }

    private mutating func putShape(_ shape: EventShape) {
        let place = Int((shape.packed &* 0x9E37_79B9_7F4A_7C15) >> 54)
        var index = Int(guesses[place])
        if index >= shapes.count || shapes[index] != shape {
            index = 0
            while index < shapes.count, shapes[index] != shape { index += 1 }
            if index == shapes.count { shapes.append(shape) }
            guesses[place] = UInt16(truncatingIfNeeded: index)
        }
        precondition(index <= Int(UInt16.max), "too many shapes for a block")
        columns[Column.shapeLow.rawValue].put(UInt8(truncatingIfNeeded: index))
        columns[Column.shapeHigh.rawValue].put(UInt8(truncatingIfNeeded: index >> 8))
    }

    private mutating func encodeBody(_ block: borrowing EventBlock, _ header: EventHeader) {
        put(.bodyLength, UInt64(header.bodyCount))
        let start = Int(header.bodyStart)
        columns[Column.body.rawValue].bytes.append(
            contentsOf: block.bodies.bytes[start..<start + Int(header.bodyCount)])
    }

    private mutating func encodeClockAndSequence(
        _ header: EventHeader, _ shape: EventShape, isTrade: Bool
    ) {
        let book = Int(header.book)
        if shape.columns & EventShape.hasSource != 0 {
            let context = contexts[book]
            let latency = context.units(of: header.receivedAt) &- context.units(of: header.source)
            put(.latency, ZigZag.encode(latency &- context.latency))
            contexts[book].latency = latency
        }
        guard shape.columns & EventShape.hasSequence != 0 else { return }
        let last = isTrade ? contexts[book].tradeSequence : contexts[book].bookSequence
        put(.sequence, ZigZag.encode(header.first &- last))
        put(.sequence, ZigZag.encode(header.last &- header.first))
        if isTrade {
            contexts[book].tradeSequence = header.last
        } else {
            contexts[book].bookSequence = header.last
        }
    }

    private mutating func putCount(_ column: Column, _ count: UInt32) {
        columns[column.rawValue].put(count < 255 ? UInt8(count) : 255)
        if count >= 255 { put(.escape, UInt64(count)) }
    }

    private mutating func encodeLevels(
        _ block: borrowing EventBlock, _ header: EventHeader, isTrade: Bool
    ) {
        let book = Int(header.book)
        let start = Int(header.levelStart)
        let middle = start + Int(header.bidCount)
        if isTrade {
            contexts[book].price.2 = encodePrices(block, start..<middle, contexts[book].price.2)
        } else {
            contexts[book].price.0 = encodePrices(block, start..<middle, contexts[book].price.0)
            let end = middle + Int(header.askCount)
            contexts[book].price.1 = encodePrices(block, middle..<end, contexts[book].price.1)
        }
        encodeSizes(block, start..<start + header.levelCount, book)
        levelCount += header.levelCount
    }

    /// - Returns: the last price, from which the next delta of the same side starts.
    private mutating func encodePrices(
        _ block: borrowing EventBlock, _ range: Range<Int>, _ last: Int64
    ) -> Int64 {
        var last = last
        let low = priceLow.base
        let high = priceHigh.base
        var index = range.lowerBound
        while index < range.upperBound {
            let price = block.levels[index].price
            let delta = ZigZag.encode(price &- last)
            last = price
            let fits = delta < 0xffff
            low[index] = fits ? UInt8(truncatingIfNeeded: delta) : 0xff
            high[index] = fits ? UInt8(truncatingIfNeeded: delta >> 8) : 0xff
            if !fits { put(.escape, delta) }
            index &+= 1
        }
        return last
    }

    private mutating func encodeSizes(
        _ block: borrowing EventBlock, _ range: Range<Int>, _ book: Int
    ) {
        let code = sizeCode.base
        var literal = sizeLiteral.base + literalCount
        sizeCaches.withUnsafeMutableBufferPointer { caches in
            let cache = UnsafeMutableBufferPointer(rebasing: caches[(book * SizeCache.slots)...])
            var index = range.lowerBound
            while index < range.upperBound {
                let size = UInt64(bitPattern: block.levels[index].size)
                let slot = SizeCache.slot(size)
                if size == 0 {
                    code[index] = 0
                } else if cache[slot] == size {
                    code[index] = 128 | UInt8(truncatingIfNeeded: slot)
                } else {
                    cache[slot] = size
                    let bytes = (71 &- size.leadingZeroBitCount) >> 3
                    code[index] = UInt8(truncatingIfNeeded: bytes)
                    UnsafeMutableRawPointer(literal)
                        .storeBytes(of: size.littleEndian, as: UInt64.self)
                    literal += bytes
                }
                index &+= 1
            }
        }
        literalCount = literal - sizeLiteral.base
    }
}

extension BlockEncoder {
    /// Puts head, tables and columns together.
    private mutating func assemble(_ block: borrowing EventBlock) {
        writeTables(block)
        if shapes.count <= 256 { columns[Column.shapeHigh.rawValue].clear() }
        var head = BlockHead(kind: .events, firstSequence: block.firstSequence)
        head.count = UInt32(block.count)
        head.levelCount = UInt32(block.levels.count)
        head.firstTime = block.headers[0].time
        head.lastTime = block.headers[block.count - 1].time
        head.bookCount = UInt16(block.books.count)
        head.shapeCount = UInt16(shapes.count)
        head.columnCount = UInt16(columns.count)
        output.clear()
        cuts.removeAll(keepingCapacity: true)
        var total = BlockHead.byteCount + 4 * columns.count
        for column in Column.allCases { total += length(of: column) }
        head.length = UInt32(total)
        output.bytes.reserveCapacity(total)
        head.encode(to: &output)
        for column in Column.allCases { output.put(UInt32(length(of: column))) }
        for column in Column.allCases { appendColumn(column, total: total) }
        precondition(output.bytes.count == total, "declared and written lengths agree")
        precondition(total <= Limits.blockBytesMax, "a block stays within the decoder's limit")
    }

    private mutating func writeTables(_ block: borrowing EventBlock) {
        let tables = Column.tables.rawValue
        for index in block.books.indices {
            columns[tables].put(block.books[index])
            columns[tables].put(unitCode(contexts[index].unit))
        }
        for shape in shapes {
            columns[tables].put(shape.kind)
            columns[tables].put(shape.flags)
            columns[tables].put(shape.columns)
            columns[tables].put(shape.book)
        }
    }

    private func unitCode(_ unit: Int64) -> UInt8 {
        switch unit {
        case 1_000_000_000: 3
        case 1_000_000: 2
        case 1_000: 1
        default: 0
        }
    }

    private func length(of column: Column) -> Int {
        switch column {
        case .priceLow, .priceHigh, .sizeCode: levelCount
        case .sizeLiteral: literalCount
        default: columns[column.rawValue].bytes.count
        }
    }

    private mutating func appendColumn(_ column: Column, total: Int) {
        let count = length(of: column)
        switch column {
        case .priceLow: append(priceLow, count)
        case .priceHigh: append(priceHigh, count)
        case .sizeCode: append(sizeCode, count)
        case .sizeLiteral: append(sizeLiteral, count)
        default: output.bytes.append(contentsOf: columns[column.rawValue].bytes)
        }
        // Short columns are not worth statistics of their own.
        let last = cuts.last ?? 0
        let end = output.bytes.count
        if end - last >= 1_024, end < total { cuts.append(end) }
    }

    private mutating func append(_ scratch: Scratch, _ count: Int) {
        output.bytes.append(contentsOf: UnsafeBufferPointer(start: scratch.base, count: count))
    }
}
