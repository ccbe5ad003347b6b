/// Kinds of raw blocks. Kind 1 holds events; the others are derived and repeat nothing that the
/// events do not say.
public enum BlockKind: UInt16, Sendable {
    /// Events.
    case events = 1
    /// A part of a checkpoint.
    case checkpoint = 2
    /// Closed rollups.
    case rollups = 3
    /// Digest and hash of the frames of each tick.
    case frameMarks = 4
}

/// The fixed head of every raw block, 48 bytes, little-endian. Raw blocks delimit themselves, so
/// that a reader who sees only decompressed bytes can walk them (`docs/journal-format.md`).
public struct BlockHead: Equatable, Sendable {
    /// Bytes of the head.
    public static var byteCount: Int { 48 }
    /// The current version of the codec.
    public static var currentVersion: UInt16 { 1 }

    /// Bytes of the whole raw block, this head included.
    public var length: UInt32
    /// Version of the codec.
    public var version: UInt16
    /// What the block holds.
    public var kind: BlockKind
    /// Sequence of the first event; of a derived block: of the last event before it.
    public var firstSequence: UInt64
    /// Events; of a derived block: its own count of parts or entries.
    public var count: UInt32
    /// Levels of all events; of a checkpoint: the index of this part.
    public var levelCount: UInt32
    /// Time of the first event, ns.
    public var firstTime: Int64
    /// Time of the last event, ns.
    public var lastTime: Int64
    /// Entries of the table of books.
    public var bookCount: UInt16
    /// Entries of the table of shapes.
    public var shapeCount: UInt16
    /// Columns, each with a u32 length behind the head.
    public var columnCount: UInt16

    /// The head of a block of `kind` behind the event `firstSequence`, other fields zero.
    init(kind: BlockKind, firstSequence: UInt64) {
        length = 0
        version = BlockHead.currentVersion
        self.kind = kind
        self.firstSequence = firstSequence
        count = 0
        levelCount = 0
        firstTime = 0
        lastTime = 0
        bookCount = 0
        shapeCount = 0
        columnCount = 0
    }

    func encode(to writer: inout ByteWriter) {
        writer.put(length)
        writer.put(version)
        writer.put(kind.rawValue)
        writer.put(firstSequence)
        writer.put(count)
        writer.put(levelCount)
        writer.put(firstTime)
        writer.put(lastTime)
        writer.put(bookCount)
        writer.put(shapeCount)
        writer.put(columnCount)
        writer.put(UInt16(0))
    }

    /// Reads the head of `raw`; the whole block must be there, and nothing behind it.
    public init(_ raw: UnsafeBufferPointer<UInt8>) throws(CodecError) {
        var reader = ByteReader(raw)
        length = try reader.integer(UInt32.self)
        version = try reader.integer(UInt16.self)
        guard version == BlockHead.currentVersion else { throw .unknownVersion(version) }
        guard let kind = BlockKind(rawValue: try reader.integer(UInt16.self)) else {
            throw .invalid(.block)
        }
        self.kind = kind
        guard length <= UInt32(Limits.blockBytesMax) else { throw .tooLarge(.block) }
        guard Int(length) == raw.count else { throw .invalid(.block) }
        firstSequence = try reader.integer(UInt64.self)
        count = try reader.integer(UInt32.self)
        levelCount = try reader.integer(UInt32.self)
        guard count <= UInt32(Int32.max), levelCount <= UInt32(Int32.max) else {
            throw .tooLarge(.count)
        }
        firstTime = try reader.integer(Int64.self)
        lastTime = try reader.integer(Int64.self)
        bookCount = try reader.integer(UInt16.self)
        shapeCount = try reader.integer(UInt16.self)
        columnCount = try reader.integer(UInt16.self)
        guard try reader.integer(UInt16.self) == 0 else { throw .invalid(.block) }
    }
}

/// Columns of an events block, in the order in which they lie.
enum Column: Int, CaseIterable {
    /// Table of books, then table of shapes.
    case tables = 0
    /// Low byte of each event's shape.
    case shapeLow
    /// High byte of each event's shape; empty with at most 256 shapes.
    case shapeHigh
    /// Varint: time less the time of the event before.
    case time
    /// Varint: time less receive time, only where not zero.
    case age
    /// Zigzag varint: change of the latency in units of the book's venue clock.
    case latency
    /// Zigzag varints: first venue sequence less the last one before, then last less first.
    case sequence
    /// Count of bids of book events; 255: the count stands in `escape`.
    case bidCount
    /// The same for asks.
    case askCount
    /// Varints that did not fit their byte columns.
    case escape
    /// Low byte of each zigzag price delta.
    case priceLow
    /// High byte; both 255: the delta stands in `escape`.
    case priceHigh
    /// 0 for size 0, 1…8: so many literal bytes, 128 + slot: the recent size of that slot.
    case sizeCode
    /// Literal sizes, little-endian.
    case sizeLiteral
    /// Varint: bytes of the fields of each rare event.
    case bodyLength
    /// The fields of rare events.
    case body
}

/// What many events have in common: kind, flags, book and which optional columns they use.
struct EventShape: Equatable {
    static let hasSource: UInt8 = 1
    static let hasSequence: UInt8 = 2
    static let hasAge: UInt8 = 4

    var kind: UInt8
    var flags: UInt8
    var columns: UInt8
    var book: UInt16

    init(kind: UInt8, flags: UInt8, columns: UInt8, book: UInt16) {
        self.kind = kind
        self.flags = flags
        self.columns = columns
        self.book = book
    }

    init(_ header: EventHeader) {
        kind = header.kind
        flags = header.flags
        book = header.book
        columns =
            (header.source != Timestamp.none ? EventShape.hasSource : 0)
            | (header.last != -1 || header.first != -1 ? EventShape.hasSequence : 0)
            | (header.age != 0 ? EventShape.hasAge : 0)
    }

    /// All fields in one integer, for look-up.
    var packed: UInt64 {
        UInt64(kind) | UInt64(flags) << 8 | UInt64(columns) << 16 | UInt64(book) << 24
    }
}

/// What the codec remembers of a book while it walks a block; encoder and decoder move in step.
struct BookContext {
    /// Last price mantissa of the bids, the asks and the trades.
    var price: (Int64, Int64, Int64) = (0, 0, 0)
    /// Last venue sequence of book events.
    var bookSequence: Int64 = 0
    /// Last trade id.
    var tradeSequence: Int64 = 0
    /// Last latency in units of the venue's clock.
    var latency: Int64 = 0
    /// Unit of the venue's clock, ns: 1, 1,000, 10^6 or 10^9.
    var unit: Int64 = 1

    /// `time` in whole units. Divisions by constants, which are multiplications.
    @inline(__always) func units(of time: Int64) -> Int64 {
        switch unit {
        case 1: time
        case 1_000: time / 1_000
        case 1_000_000: time / 1_000_000
        default: time / 1_000_000_000
        }
    }
}

/// Recent sizes by slot; a size lives in the slot that its hash names.
enum SizeCache {
    static let slots = 128

    @inline(__always) static func slot(_ size: UInt64) -> Int {
        Int(truncatingIfNeeded: (size &* 0x9E37_79B9_7F4A_7C15) >> 57)
    }
}

/// Memory for a column whose length is known beforehand; grows, never shrinks, freed once.
final class Scratch {
    private(set) var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int

    init() {
        capacity = 4_096
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    /// Makes room for `count` bytes; the content is lost.
    func reserve(_ count: Int) {
        guard count > capacity else { return }
        base.deallocate()
        capacity = count + count / 2
        base = .allocate(capacity: capacity)
    }
}
