internal import Engine
internal import Glibc

/// One record of a `.bin` set (`evt.h`): 40 bytes, little-endian.
struct Record: BitwiseCopyable {
    var source: Int64
    var received: Int64
    /// Ticks of 0.01.
    var price: Int64
    /// Units of 1e-8; 0 removes.
    var size: Int64
    var message: UInt32
    var venue: UInt8
    /// 0 bid, 1 ask.
    var side: UInt8
    /// 0 level, 1 trade.
    var kind: UInt8
    /// 1 last of its message, 2 snapshot.
    var flags: UInt8
}

/// What a file holds, for as long as the object lives.
final class FileBytes {
    let bytes: UnsafeRawBufferPointer

    init(_ path: String) {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { fatalError("cannot open \(path)") }
        let count = Int(lseek(file, 0, SEEK_END))
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count + 64, alignment: 64)
        var done = 0
        while done < count {
            let read = pread(file, memory + done, count - done, off_t(done))
            guard read > 0 else { fatalError("cannot read \(path)") }
            done += read
        }
        close(file)
        bytes = UnsafeRawBufferPointer(start: memory, count: count)
    }

    deinit { UnsafeMutableRawPointer(mutating: bytes.baseAddress!).deallocate() }
}

/// A set of records and what its three venue slots stand for.
struct RecordSet {
    private let file: FileBytes
    let records: UnsafeBufferPointer<Record>
    let levels: Int
    let isReal: Bool
    /// What one unit of size is in 1e-8 by venue: a power of ten that divides all its sizes, as
    /// the adapters find it from the digits of the wire (at least 2 digits behind the point).
    let sizeUnits: [Int64]

    init(_ path: String) {
        file = FileBytes(path)
        records = UnsafeBufferPointer(
            start: file.bytes.baseAddress!.assumingMemoryBound(to: Record.self),
            count: file.bytes.count / MemoryLayout<Record>.stride)
        levels = records.reduce(0) { $0 + ($1.kind == 0 ? 1 : 0) }
        var units: [Int64] = [1_000_000, 1_000_000, 1_000_000]
        for record in records {
            while record.size % units[Int(record.venue)] != 0 { units[Int(record.venue)] /= 10 }
        }
        sizeUnits = units
        isReal = !(records.first.map { $0.flags & 2 != 0 } ?? false)
    }

    static func key(_ venue: Int) -> BookKey {
        BookKey(instrument: UInt16(venue), connection: UInt16(venue))
    }

    /// The head of a log: configuration, definitions and, where the set has no snapshots, empty
    /// ones. Books that cross themselves stay valid, as in the C ladders.
    func appendHead(_ block: inout EventBlock, withSession: Bool = true) {
        let time = records[0].received
        if withSession {
            block.append(.sessionStart(SessionStart(source: .recording)), receivedAt: time)
            block.append(.configuration(RecordSet.configuration()), receivedAt: time)
        }
        for venue in 0..<3 {
            block.append(.instrumentDefinition(definition(venue)), receivedAt: time)
            block.append(
                .venueStatus(
                    VenueStatus(
                        .connection(
                            UInt16(venue), definition(venue).venue, name: Array("bench".utf8), .up))
                ),
                receivedAt: time)
        }
        guard isReal else { return }
        let none = UnsafeBufferPointer<PriceLevel>(start: nil, count: 0)
        for venue in 0..<3 {
            block.appendBook(
                .bookSnapshot, BookEventFields(key: RecordSet.key(venue), receivedAt: time),
                bids: none, asks: none)
        }
    }

    static func configuration(hz: UInt32 = 4) -> EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.tickHz = hz
        configuration.crossedNanosMax = .max
        configuration.crossedEventsMax = .max
        return configuration
    }

    private func definition(_ index: Int) -> InstrumentDefinition {
        let venues: [Venue] =
            isReal ? [.binance, .binanceUSDM, .binanceCoinM] : [.binance, .coinbase, .kraken]
        let symbols =
            isReal ? ["BTCUSDT", "BTCUSDT", "BTCUSD_PERP"] : ["BTCUSDT", "BTC-USD", "XBT/USD"]
        let isTether = isReal ? index < 2 : index == 0
        var definition = InstrumentDefinition(
            instrument: UInt16(index), venue: venues[index],
            venueSymbol: Array(symbols[index].utf8),
            base: Array("BTC".utf8), quote: Array((isTether ? "USDT" : "USD").utf8),
            priceExponent: 2,
            sizeExponent: UInt8(9 - "\(sizeUnits[index])".utf8.count))
        if isReal, index > 0 {
            definition.kind = .perpetual
            definition.suffix = Array("-PERP".utf8)
            definition.isInverse = index == 2
        }
        return definition
    }
}

/// Appends the messages of a set to blocks, one event a message.
struct MessageFeed {
    private let records: UnsafeBufferPointer<Record>
    private let units: [Int64]
    private var index = 0
    private let scratch = UnsafeMutableBufferPointer<PriceLevel>.allocate(capacity: 1 << 18)

    init(_ set: RecordSet) {
        records = set.records
        units = set.sizeUnits
    }

    func free() { scratch.deallocate() }

    /// When the next message was received; nil behind the last one.
    var nextReceived: Int64? { index < records.count ? records[index].received : nil }

    /// Appends one message.
    @inline(__always) mutating func append(to block: inout EventBlock) {
        let first = records[index]
        let key = RecordSet.key(Int(first.venue))
        let unit = units[Int(first.venue)]
        if first.kind == 1 {
            // `side` is that of the resting order.
            block.appendTrade(
                key: key, takerSide: first.side == 1 ? .buy : .sell, receivedAt: first.received,
                sourceTime: first.source, tradeID: -1, price: first.price, size: first.size / unit)
            index &+= 1
            return
        }
        var count = 0
        var bids = 0
        while true {
            let record = records[index]
            scratch[count] = PriceLevel(price: record.price, size: record.size / unit)
            count &+= 1
            bids &+= record.side == 0 ? 1 : 0
            index &+= 1
            if record.flags & 1 != 0 { break }
        }
        block.appendBook(
            first.flags & 2 != 0 ? .bookSnapshot : .bookDelta,
            BookEventFields(key: key, receivedAt: first.received, sourceTime: first.source),
            bids: UnsafeBufferPointer(rebasing: scratch[0..<bids]),
            asks: UnsafeBufferPointer(rebasing: scratch[bids..<count]))
    }
}
