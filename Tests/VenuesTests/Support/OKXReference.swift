import Engine
import Foundation
import Testing

@testable import Venues

/// Books rebuilt from OKX's messages by the venue's own procedure, from plain dictionaries.
struct OKXReference {
    private(set) var books: [String: ReferenceBook] = [:]
    private(set) var gapCount = 0
    private(set) var levelCount = 0
    private(set) var heartbeatCount = 0
    private(set) var restartCount = 0
    private(set) var tradeCount = 0
    private(set) var tickerCount = 0
    private(set) var events: [String: Int] = [:]
    private var lastIDs: [String: Int64] = [:]
    private var tradeIDs: [String: Int64] = [:]

    mutating func receive(_ message: SimulatedMessage) throws {
        let object = try jsonObject(message.bytes)
        let arg = object["arg"] as? [String: Any] ?? [:]
        if let event = object["event"] as? String {
            events[event, default: 0] += 1
            return
        }
        let symbol = try #require(arg["instId"] as? String)
        let row = try #require((object["data"] as? [[String: Any]])?.first)
        switch arg["channel"] as? String {
        case "books": receive(row, symbol, isSnapshot: object["action"] as? String == "snapshot")
        case "trades": trade(Int64(row["tradeId"] as! String)!, symbol)
        case "tickers": receiveTicker(row, symbol)
        default: Issue.record("an unknown channel: \(arg)")
        }
    }

    private mutating func receive(_ row: [String: Any], _ symbol: String, isSnapshot: Bool) {
        let id = (row["seqId"] as! NSNumber).int64Value
        let previous = (row["prevSeqId"] as! NSNumber).int64Value
        let bids = row["bids"] as! [[Any]]
        let asks = row["asks"] as! [[Any]]
        if isSnapshot {
            #expect(previous == -1)
            books[symbol] = ReferenceBook()
        } else {
            levelCount += bids.count + asks.count
            if previous != lastIDs[symbol] { gapCount += 1 }
            if id < previous { restartCount += 1 }
            if id == previous {
                heartbeatCount += 1
                #expect(bids.isEmpty && asks.isEmpty)
            }
        }
        lastIDs[symbol] = id
        var book = books[symbol] ?? ReferenceBook()
        book.apply(bids, to: \.bids)
        book.apply(asks, to: \.asks)
        for price in book.bids.keys.sorted(by: >).dropFirst(400) { book.bids[price] = nil }
        for price in book.asks.keys.sorted().dropFirst(400) { book.asks[price] = nil }
        books[symbol] = book
    }

    private mutating func trade(_ id: Int64, _ symbol: String) {
        if let last = tradeIDs[symbol], id <= last { gapCount += 1 }
        tradeIDs[symbol] = id
        tradeCount += 1
    }

    /// A ticker follows the book of the same flush.
    private mutating func receiveTicker(_ row: [String: Any], _ symbol: String) {
        tickerCount += 1
        guard let book = books[symbol] else { return }
        #expect(ReferenceBook.units(row["bidPx"] as! String) == book.bestBid)
        #expect(ReferenceBook.units(row["askPx"] as! String) == book.bestAsk)
        #expect(ReferenceBook.units(row["bidSz"] as! String) == book.bids[book.bestBid])
    }

    /// What the venue's REST answer says of a book.
    static func truth(_ simulator: any VenueSimulator, _ symbol: String) throws -> ReferenceBook {
        let object = try jsonObject(try #require(simulator.snapshot(symbol: symbol)))
        let row = try #require((object["data"] as? [[String: Any]])?.first)
        var book = ReferenceBook()
        book.apply(row["bids"] as! [[Any]], to: \.bids)
        book.apply(row["asks"] as! [[Any]], to: \.asks)
        return book
    }
}

/// A simulated OKX, the real adapter and the engine behind it, on a line without faults.
final class OKXLine {
    var simulator: OKXSimulator
    let instruments = InstrumentTable()
    let adapter: OKXAdapter
    private(set) var engine = Engine()
    private(set) var outcomes: [String: Int] = [:]
    private(set) var flags: [EventFlags.RawValue: Int] = [:]
    /// Deltas that have no number of the venue.
    private(set) var unnumbered = 0
    private var outputs = OutputBuffer(wantsFrames: false)
    private var lastTime: Int64 = 0

    init(_ simulator: OKXSimulator) {
        self.simulator = simulator
        adapter = OKXAdapter(connection: 0, instruments: instruments)
    }

    /// What the adapter subscribes to.
    func subscribe() {
        let symbols = simulator.symbols.map { Array($0.utf8) }
        for message in adapter.subscriptions(symbols: symbols) {
            deliver(simulator.receive(message))
        }
    }

    func deliver(_ messages: [SimulatedMessage]) {
        for message in messages {
            var block = EventBlock()
            let outcome = message.bytes.withUnsafeBufferPointer {
                adapter.receive(
                    $0, origin: .socket, receivedAt: message.receivedAt, into: &block)
            }
            outcomes["\(outcome)", default: 0] += 1
            for header in block.headers where header.kind == EventKind.bookDelta.rawValue {
                flags[header.flags, default: 0] += 1
                if header.last < 0 { unnumbered += 1 }
            }
            block.firstSequence = engine.sequence + 1
            lastTime = block.stamp(from: 0, lastTime: lastTime)
            outputs.clear()
            engine.apply(block, into: &outputs)
            adapter.drainCommands { command in
                guard case .resubscribe(_, let messages) = command else { return }
                for message in messages { deliver(simulator.receive(message)) }
            }
        }
    }

    /// The levels of a live book of the fold, in 10⁻⁸; nil where it is not live.
    func book(_ symbol: String) -> ReferenceBook? {
        let id = Array(symbol.utf8).withUnsafeBufferPointer {
            instruments.instrument(.okx, symbol: $0)
        }
        guard let id else { return nil }
        let key = BookKey(instrument: id, connection: 0)
        guard let summary = engine.bookSummary(key), summary.validity == .live else { return nil }
        var book = ReferenceBook()
        for side in [Side.bid, .ask] {
            var levels: [PriceLevel] = []
            engine.bestLevels(of: key, side, count: 1_000, to: &levels)
            for level in levels {
                let price = level.price * PowersOfTen.int64(8 - Int(summary.priceExponent))
                let size = level.size * PowersOfTen.int64(8 - Int(summary.sizeExponent))
                if side == .bid { book.bids[price] = size } else { book.asks[price] = size }
            }
        }
        return book
    }
}
