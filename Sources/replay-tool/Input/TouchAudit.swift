import Engine
import Venues

/// Compares the best bid and ask that a venue states with the engine's book at the same update id.
struct TouchAudit {
    private(set) var matches = 0
    private(set) var mismatches = 0
    /// Touches whose update id the book has not reached, by book and id.
    private var waiting: [UInt32: [Int64: TouchObservation]] = [:]
    private static let waitingMax = 4_096

    /// Takes what the last message said of the touch.
    mutating func observe(_ touch: TouchObservation, _ engine: borrowing Engine) {
        guard touch.updateID >= 0 else { return }
        if engine.lastVenueSequence(of: touch.key) == touch.updateID {
            compare(touch, engine)
        } else {
            let key = touch.key.rawValue
            if waiting[key, default: [:]].count >= TouchAudit.waitingMax { waiting[key] = [:] }
            waiting[key, default: [:]][touch.updateID] = touch
        }
    }

    /// Looks whether a delta that was just applied is one that a touch waits for.
    mutating func applied(
        _ block: borrowing EventBlock, _ range: Range<Int>, _ engine: borrowing Engine
    ) {
        guard !waiting.isEmpty else { return }
        for index in range {
            let header = block.headers[index]
            guard header.kind == EventKind.bookDelta.rawValue else { continue }
            let key = block.books[Int(header.book)]
            guard let touch = waiting[key]?.removeValue(forKey: header.last),
                engine.lastVenueSequence(of: touch.key) == header.last
            else { continue }
            compare(touch, engine)
        }
    }

    private mutating func compare(_ touch: TouchObservation, _ engine: borrowing Engine) {
        guard let book = engine.bookSummary(touch.key), book.validity == .live else { return }
        var bids: [PriceLevel] = []
        var asks: [PriceLevel] = []
        engine.bestLevels(of: touch.key, .bid, count: 1, to: &bids)
        engine.bestLevels(of: touch.key, .ask, count: 1, to: &asks)
        let isSame =
            equal(bids.first, touch.bid, touch.bidSize, book)
            && equal(asks.first, touch.ask, touch.askSize, book)
        if isSame { matches += 1 } else { mismatches += 1 }
    }

    private func equal(
        _ level: PriceLevel?, _ price: Decimal, _ size: Decimal?, _ book: BookSummary
    ) -> Bool {
        guard let level, price.mantissa(at: book.priceExponent) == level.price else { return false }
        return size == nil || size?.mantissa(at: book.sizeExponent) == level.size
    }
}
