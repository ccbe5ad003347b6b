/// Which side's position was closed by force.
public enum PositionSide: UInt8, Sendable {
    /// A long position: the closing order sold.
    case long = 1
    /// A short position: the closing order bought.
    case short = 2
}

/// `liquidation`: a position was closed by force.
public struct Liquidation: Equatable, Sendable {
    /// The instrument.
    public var instrument: UInt16
    /// Whose position.
    public var positionSide: PositionSide
    /// Average fill price where known, else the order's price.
    public var price: Decimal
    /// Executed size in the venue's unit.
    public var size: Decimal
    /// The venue's time, ns; `Timestamp.none` where there is none.
    public var sourceTime: Int64

    /// A liquidation of `size` at `price`.
    public init(
        instrument: UInt16, positionSide: PositionSide, price: Decimal, size: Decimal,
        sourceTime: Int64
    ) {
        self.instrument = instrument
        self.positionSide = positionSide
        self.price = price
        self.size = size
        self.sourceTime = sourceTime
    }

    func encode(to writer: inout ByteWriter) {
        writer.put(instrument)
        writer.put(positionSide.rawValue)
        writer.put(price)
        writer.put(size)
        writer.put(sourceTime)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        instrument = try reader.integer(UInt16.self)
        guard let side = PositionSide(rawValue: try reader.byte()) else { throw .invalid(.side) }
        positionSide = side
        price = try reader.decimal()
        size = try reader.decimal()
        sourceTime = try reader.integer(Int64.self)
    }
}

/// `funding`: the rate for the coming settlement of a perpetual.
public struct Funding: Equatable, Sendable {
    /// The instrument.
    public var instrument: UInt16
    /// Rate per interval, a fraction (0.0001 is one basis point).
    public var rate: Decimal
    /// Next settlement, ns; `Timestamp.none` where the venue does not say.
    public var nextTime: Int64
    /// The venue's time, ns; `Timestamp.none` where there is none.
    public var sourceTime: Int64

    /// A funding rate.
    public init(instrument: UInt16, rate: Decimal, nextTime: Int64, sourceTime: Int64) {
        self.instrument = instrument
        self.rate = rate
        self.nextTime = nextTime
        self.sourceTime = sourceTime
    }

    func encode(to writer: inout ByteWriter) {
        writer.put(instrument)
        writer.put(rate)
        writer.put(nextTime)
        writer.put(sourceTime)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        instrument = try reader.integer(UInt16.self)
        rate = try reader.decimal()
        nextTime = try reader.integer(Int64.self)
        sourceTime = try reader.integer(Int64.self)
    }
}

/// `openInterest`: contracts outstanding, one-sided, in the venue's unit.
public struct OpenInterest: Equatable, Sendable {
    /// The instrument.
    public var instrument: UInt16
    /// Contracts or base units outstanding.
    public var size: Decimal
    /// The venue's time, ns; `Timestamp.none` where there is none.
    public var sourceTime: Int64

    /// An open interest.
    public init(instrument: UInt16, size: Decimal, sourceTime: Int64) {
        self.instrument = instrument
        self.size = size
        self.sourceTime = sourceTime
    }

    func encode(to writer: inout ByteWriter) {
        writer.put(instrument)
        writer.put(size)
        writer.put(sourceTime)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        instrument = try reader.integer(UInt16.self)
        size = try reader.decimal()
        sourceTime = try reader.integer(Int64.self)
    }
}

/// `markPrice`: the venue's valuation price and the index it rests on.
public struct MarkPrice: Equatable, Sendable {
    /// The instrument.
    public var instrument: UInt16
    /// Mark price; zero where the message has none.
    public var mark: Decimal
    /// Index price; zero where the message has none.
    public var index: Decimal
    /// The venue's time, ns; `Timestamp.none` where there is none.
    public var sourceTime: Int64

    /// Mark and index prices.
    public init(instrument: UInt16, mark: Decimal, index: Decimal, sourceTime: Int64) {
        self.instrument = instrument
        self.mark = mark
        self.index = index
        self.sourceTime = sourceTime
    }

    func encode(to writer: inout ByteWriter) {
        writer.put(instrument)
        writer.put(mark)
        writer.put(index)
        writer.put(sourceTime)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        instrument = try reader.integer(UInt16.self)
        mark = try reader.decimal()
        index = try reader.decimal()
        sourceTime = try reader.integer(Int64.self)
    }
}

/// `predictionTick`: a quote of one outcome with its three times.
public struct PredictionTick: Equatable, Sendable {
    /// The outcome.
    public var instrument: UInt16
    /// Best bid, 0…1; zero where there is none.
    public var bid: Decimal
    /// Best ask, 0…1; zero where there is none.
    public var ask: Decimal
    /// Last trade, 0…1; zero where there is none.
    public var last: Decimal
    /// Size of the last trade.
    public var size: Decimal
    /// The venue's time, ns; `Timestamp.none` where there is none.
    public var sourceTime: Int64

    /// A quote of an outcome.
    public init(
        instrument: UInt16, bid: Decimal, ask: Decimal, last: Decimal, size: Decimal,
        sourceTime: Int64
    ) {
        self.instrument = instrument
        self.bid = bid
        self.ask = ask
        self.last = last
        self.size = size
        self.sourceTime = sourceTime
    }

    func encode(to writer: inout ByteWriter) {
        writer.put(instrument)
        writer.put(bid)
        writer.put(ask)
        writer.put(last)
        writer.put(size)
        writer.put(sourceTime)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        instrument = try reader.integer(UInt16.self)
        bid = try reader.decimal()
        ask = try reader.decimal()
        last = try reader.decimal()
        size = try reader.decimal()
        sourceTime = try reader.integer(Int64.self)
    }
}
