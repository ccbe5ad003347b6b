/// The fixed fields of one event; 64 bytes, so that the fold reads one cache line an event.
public struct EventHeader: Sendable, BitwiseCopyable {
    /// The kind's raw value.
    public var kind: UInt8
    /// Flags of a book event or trade.
    public var flags: UInt8
    /// Index into the block's table of books; 0 where the kind has no book.
    public var book: UInt16
    /// Bid levels of a book event; 1 for a trade.
    public var bidCount: UInt32
    /// Ask levels of a book event.
    public var askCount: UInt32
    /// First level in the block's `levels`: bids, then asks.
    public var levelStart: UInt32
    /// First byte in the block's `bodies`.
    public var bodyStart: UInt32
    /// Bytes in the block's `bodies`.
    public var bodyCount: UInt32
    /// Time of the event, ns; never decreases (`semantics.md` 6).
    public var time: Int64
    /// `time` less the time at which the message was received, ns, not negative.
    public var age: Int64
    /// The venue's time, ns; `Timestamp.none` where there is none.
    public var source: Int64
    /// The venue's first sequence, or a trade's id; −1 where there is none.
    public var first: Int64
    /// The venue's last sequence; −1 where there is none.
    public var last: Int64

    init(kind: EventKind, receivedAt: Int64) {
        self.kind = kind.rawValue
        flags = 0
        book = 0
        bidCount = 0
        askCount = 0
        levelStart = 0
        bodyStart = 0
        bodyCount = 0
        time = receivedAt
        age = 0
        source = Timestamp.none
        first = -1
        last = -1
    }

    /// When the message was received, ns.
    @inline(__always) public var receivedAt: Int64 { time &- age }

    /// Levels of both sides.
    @inline(__always) var levelCount: Int { Int(bidCount) &+ Int(askCount) }
}

/// What a book event carries besides its levels.
public struct BookEventFields: Sendable, BitwiseCopyable {
    /// The book.
    public var key: BookKey
    /// Snapshot, checksum and cut flags.
    public var flags: EventFlags
    /// When the message was received, ns.
    public var receivedAt: Int64
    /// The venue's time, ns; `Timestamp.none` where there is none.
    public var sourceTime: Int64
    /// The venue's first sequence; −1 where there is none.
    public var firstVenueSequence: Int64
    /// The venue's last sequence; −1 where there is none.
    public var lastVenueSequence: Int64

    /// The fields of an event of the book `key`.
    public init(
        key: BookKey, flags: EventFlags = [], receivedAt: Int64,
        sourceTime: Int64 = Timestamp.none, firstVenueSequence: Int64 = -1,
        lastVenueSequence: Int64 = -1
    ) {
        self.key = key
        self.flags = flags
        self.receivedAt = receivedAt
        self.sourceTime = sourceTime
        self.firstVenueSequence = firstVenueSequence
        self.lastVenueSequence = lastVenueSequence
    }
}

/// A batch of events. Adapters append to it, the sequencer stamps it, the codec turns it into
/// columns and back, and the fold runs over it. Its buffers are reused; in the steady state no
/// event allocates.
public struct EventBlock: Sendable {
    /// Sequence of the first event; the others follow without a hole.
    public var firstSequence: UInt64 = 0
    /// One header an event.
    public internal(set) var headers: [EventHeader] = []
    /// Raw book keys that headers refer to by index.
    public internal(set) var books: [UInt32] = []
    /// Levels of book events and trades, in the order of the events.
    public internal(set) var levels: [PriceLevel] = []
    /// Encoded fields of the rare kinds, in the order of the events.
    public internal(set) var bodies = ByteWriter()
    /// Index of a book by a hash of its key: a guess that is checked.
    private var guesses = [UInt16](repeating: 0, count: 256)

    /// An empty block.
    public init() {}

    /// Count of events.
    public var count: Int { headers.count }

    /// Forgets all events and keeps the memory.
    public mutating func clear() {
        headers.removeAll(keepingCapacity: true)
        books.removeAll(keepingCapacity: true)
        levels.removeAll(keepingCapacity: true)
        bodies.clear()
    }

    /// Makes room for the events of the decoder, who writes all of it. What an earlier block left
    /// is not cleared first.
    mutating func resize(events: Int, levels count: Int) {
        let header = EventHeader(kind: .clockTick, receivedAt: 0)
        EventBlock.resize(&headers, to: events, with: header)
        EventBlock.resize(&levels, to: count, with: PriceLevel(price: 0, size: 0))
    }

    private static func resize<Element>(
        _ array: inout [Element], to count: Int, with element: Element
    ) {
        if array.count > count {
            array.removeLast(array.count - count)
        } else {
            array.append(contentsOf: repeatElement(element, count: count - array.count))
        }
    }

    /// Sequence of the event at `index`.
    @inline(__always) public func sequence(at index: Int) -> UInt64 {
        firstSequence &+ UInt64(index)
    }

    /// About the raw bytes that the block takes; used to decide when it is full.
    public var bytesEstimate: Int {
        headers.count &* 16 &+ levels.count &* 6 &+ bodies.bytes.count
    }

    /// The most raw bytes that the block can take: tables, eight varints an event, and for a level
    /// both price planes, an escape, a size code and a literal.
    var bytesMax: Int {
        512 &+ books.count &* 5 &+ headers.count &* 90 &+ levels.count &* 21
            &+ bodies.bytes.count
    }

    /// Index of `key` in the table of books, added when it is new.
    private mutating func index(of key: BookKey) -> UInt16 {
        let place = Int((key.rawValue &* 0x9E37_79B1) >> 24)
        let guess = Int(guesses[place])
        if guess < books.count, books[guess] == key.rawValue { return UInt16(guess) }
        var index = 0
        while index < books.count, books[index] != key.rawValue { index &+= 1 }
        if index == books.count { books.append(key.rawValue) }
        guesses[place] = UInt16(index)
        return UInt16(index)
    }

    /// Appends a snapshot or a delta. Levels stand in the order of the message, side by side.
    public mutating func appendBook(
        _ kind: EventKind, _ fields: BookEventFields, bids: UnsafeBufferPointer<PriceLevel>,
        asks: UnsafeBufferPointer<PriceLevel>
    ) {
        precondition(kind == .bookSnapshot || kind == .bookDelta, "not a book event")
        var header = EventHeader(kind: kind, receivedAt: fields.receivedAt)
        header.flags = fields.flags.rawValue
        header.book = index(of: fields.key)
        header.bidCount = UInt32(bids.count)
        header.askCount = UInt32(asks.count)
        header.levelStart = UInt32(levels.count)
        header.source = fields.sourceTime
        header.first = fields.firstVenueSequence
        header.last = fields.lastVenueSequence
        levels.append(contentsOf: bids)
        levels.append(contentsOf: asks)
        headers.append(header)
    }

    /// Appends a trade of `size` at `price` (mantissas); `tradeID` is −1 where there is none.
    public mutating func appendTrade(
        key: BookKey, takerSide: TakerSide, receivedAt: Int64, sourceTime: Int64,
        tradeID: Int64, price: Int64, size: Int64
    ) {
        var header = EventHeader(kind: .trade, receivedAt: receivedAt)
        switch takerSide {
        case .unknown: header.flags = 0
        case .buy: header.flags = EventFlags.takerBuy.rawValue
        case .sell: header.flags = EventFlags.takerSell.rawValue
        }
        header.book = index(of: key)
        header.bidCount = 1
        header.levelStart = UInt32(levels.count)
        header.source = sourceTime
        header.first = tradeID
        header.last = tradeID
        levels.append(PriceLevel(price: price, size: size))
        headers.append(header)
    }

    /// Appends the clock tick of `time`.
    public mutating func appendClockTick(time: Int64) {
        headers.append(EventHeader(kind: .clockTick, receivedAt: time))
    }

    /// Appends a copy of the event at `index` of `other`, stamped as it is there.
    public mutating func append(copyOf other: borrowing EventBlock, at index: Int) {
        var header = other.headers[index]
        guard let kind = EventKind(rawValue: header.kind) else {
            preconditionFailure("a block holds an unknown kind")
        }
        if kind.isColumnar {
            header.book = self.index(of: BookKey(rawValue: other.books[Int(header.book)]))
            let start = Int(header.levelStart)
            header.levelStart = UInt32(levels.count)
            levels.append(contentsOf: other.levels[start..<start + header.levelCount])
        } else {
            let start = Int(header.bodyStart)
            header.bodyStart = UInt32(bodies.bytes.count)
            bodies.bytes.append(
                contentsOf: other.bodies.bytes[start..<start + Int(header.bodyCount)])
        }
        headers.append(header)
    }

    /// Gives the events from `index` on their times: the later of the time of the event before
    /// and the receive time (`semantics.md` 6).
    ///
    /// - Returns: the time of the last event, or `lastTime` when there is none.
    public mutating func stamp(from index: Int, lastTime: Int64) -> Int64 {
        var time = lastTime
        var position = index
        while position < headers.count {
            let received = headers[position].time
            time = received > time ? received : time
            headers[position].time = time
            headers[position].age = time &- received
            position &+= 1
        }
        return time
    }
}
