/// One reader a column of an events block, all over the same raw bytes.
struct ColumnReaders {
    var tables: ByteReader
    var shapeLow: ByteReader
    var shapeHigh: ByteReader
    var time: ByteReader
    var age: ByteReader
    var latency: ByteReader
    var sequence: ByteReader
    var bidCount: ByteReader
    var askCount: ByteReader
    var escape: ByteReader
    var bodyLength: ByteReader
    var body: ByteReader
    private let priceLow: UnsafePointer<UInt8>
    private let priceHigh: UnsafePointer<UInt8>
    private let sizeCode: UnsafePointer<UInt8>
    private let literals: UnsafePointer<UInt8>
    private let literalEnd: Int
    private var literalPosition = 0

    /// Finds the columns of the block `raw` and checks that they fill it exactly.
    init(_ raw: UnsafeBufferPointer<UInt8>, _ head: BlockHead) throws(CodecError) {
        guard Int(head.columnCount) == Column.allCases.count else { throw .invalid(.column) }
        let whole = ByteReader(raw)
        var lengths = ByteReader(whole, range: BlockHead.byteCount..<raw.count)
        var position = BlockHead.byteCount + 4 * Int(head.columnCount)
        var ranges = InlineArray<16, Range<Int>>(repeating: 0..<0)
        for column in Column.allCases {
            let length = try lengths.length()
            guard length <= raw.count - position else { throw .invalid(.column) }
            ranges[column.rawValue] = position..<position + length
            position += length
        }
        guard position == raw.count, let base = raw.baseAddress else { throw .invalid(.column) }
        func range(_ column: Column) -> Range<Int> { ranges[column.rawValue] }
        for column in [Column.priceLow, .priceHigh, .sizeCode] {
            guard range(column).count == Int(head.levelCount) else { throw .invalid(.column) }
        }
        guard range(.shapeLow).count == Int(head.count),
            range(.shapeHigh).count == (head.shapeCount > 256 ? Int(head.count) : 0)
        else { throw .invalid(.column) }
        tables = ByteReader(whole, range: range(.tables))
        shapeLow = ByteReader(whole, range: range(.shapeLow))
        shapeHigh = ByteReader(whole, range: range(.shapeHigh))
        time = ByteReader(whole, range: range(.time))
        age = ByteReader(whole, range: range(.age))
        latency = ByteReader(whole, range: range(.latency))
        sequence = ByteReader(whole, range: range(.sequence))
        bidCount = ByteReader(whole, range: range(.bidCount))
        askCount = ByteReader(whole, range: range(.askCount))
        escape = ByteReader(whole, range: range(.escape))
        bodyLength = ByteReader(whole, range: range(.bodyLength))
        body = ByteReader(whole, range: range(.body))
        priceLow = base + range(.priceLow).lowerBound
        priceHigh = base + range(.priceHigh).lowerBound
        sizeCode = base + range(.sizeCode).lowerBound
        literals = base + range(.sizeLiteral).lowerBound
        literalEnd = range(.sizeLiteral).count
    }

    /// The next event's shape.
    @inline(__always)
    mutating func shape(of shapes: borrowing [EventShape]) throws(CodecError) -> EventShape {
        var index = Int(try shapeLow.byte())
        if shapes.count > 256 { index |= Int(try shapeHigh.byte()) << 8 }
        guard index < shapes.count else { throw .invalid(.kind) }
        return shapes[index]
    }

    /// A count of levels from its byte, or from the escape column.
    @inline(__always) mutating func count(of byte: UInt8) throws(CodecError) -> UInt32 {
        if byte < 255 { return UInt32(byte) }
        let count = try escape.varint()
        guard count >= 255, count <= UInt64(Limits.levelsPerBlockMax) else {
            throw .invalid(.count)
        }
        return UInt32(count)
    }

    /// Fills the prices of `levels`, whose planes begin at `position`; `last` moves along.
    @inline(__always) mutating func prices(
        _ last: inout Int64, _ position: Int, into levels: UnsafeMutableBufferPointer<PriceLevel>
    ) throws(CodecError) {
        var price = last
        var isWrong = false
        var index = 0
        while index < levels.count {
            var delta =
                UInt64(priceLow[position &+ index]) | UInt64(priceHigh[position &+ index]) << 8
            if delta == 0xffff { delta = try escape.varint() }
            price = price &+ ZigZag.decode(delta)
            isWrong = isWrong || UInt64(bitPattern: price &- 1) >= Decimal.mantissaLimit &- 1
            levels[index].price = price
            index &+= 1
        }
        if isWrong { throw .invalid(.level) }
        last = price
    }

    /// Fills the sizes of `levels`, whose codes begin at `position`.
    @inline(__always) mutating func sizes(
        _ cache: UnsafeMutableBufferPointer<UInt64>, _ position: Int,
        into levels: UnsafeMutableBufferPointer<PriceLevel>
    ) throws(CodecError) {
        let codes = sizeCode + position
        var next = literalPosition
        var index = 0
        while index < levels.count {
            let code = Int(codes[index])
            var size: UInt64 = 0
            if code >= 128 {
                size = cache[code & 127]
            } else if code > 0 {
                guard code <= 8, next &+ code <= literalEnd else { throw .truncated }
                size = literal(at: next, code)
                next &+= code
                cache[SizeCache.slot(size)] = size
            }
            guard size < Decimal.mantissaLimit else { throw .invalid(.level) }
            levels[index].size = Int64(bitPattern: size)
            index &+= 1
        }
        literalPosition = next
    }

    /// The little-endian number of 1 to 8 bytes at `position`.
    @inline(__always) private func literal(at position: Int, _ bytes: Int) -> UInt64 {
        if position &+ 8 <= literalEnd {
            let word = UnsafeRawPointer(literals + position)
                .loadUnaligned(as: UInt64.self).littleEndian
            return word & UInt64.max >> UInt64(64 &- 8 &* bytes)
        }
        var size: UInt64 = 0
        var index = bytes
        while index > 0 {
            index &-= 1
            size = size << 8 | UInt64(literals[position &+ index])
        }
        return size
    }

    /// Refuses bytes that no event used.
    func finish() throws(CodecError) {
        try tables.finish()
        try shapeLow.finish()
        try time.finish()
        try age.finish()
        try latency.finish()
        try sequence.finish()
        try bidCount.finish()
        try askCount.finish()
        try escape.finish()
        try bodyLength.finish()
        try body.finish()
        guard literalPosition == literalEnd else { throw .trailingBytes }
    }
}
