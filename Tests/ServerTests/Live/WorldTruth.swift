import Engine
import Venues

@testable import Server

/// Compares the books of the fold with those of the simulated venues.
extension VirtualWorld {
    /// What a comparison found.
    struct Comparison {
        var equal = 0
        var flagged = 0
        var wrong: [String] = []
    }

    /// Compares the best 20 levels of every live book of every line that is up.
    func compare(into result: inout Comparison) {
        core.sequencer.withEngine { engine in
            for book in engine.bookSummaries {
                guard book.validity == .live else {
                    result.flagged += 1
                    continue
                }
                let symbol = String(decoding: book.venueSymbol, as: UTF8.self)
                let venue = venues.first { $0.service.endpoint.venue == book.venue }
                guard let body = venue?.market.snapshot(symbol: symbol) else { continue }
                var isEqual = true
                let names = book.venue == .bybit ? ("b", "a") : ("bids", "asks")
                for (side, name) in [(Side.bid, names.0), (.ask, names.1)] {
                    var levels: [PriceLevel] = []
                    engine.bestLevels(of: book.key, side, count: 20, to: &levels)
                    if levels != Self.top(name, of: body, book) { isEqual = false }
                }
                if isEqual {
                    result.equal += 1
                } else {
                    result.wrong.append("\(book.venue.id) \(symbol) at \(time)")
                }
            }
        }
    }

    /// The first 20 levels of `"bids":[["price","size",…],…]`, which is how all simulated venues
    /// write them; only the name differs.
    private static func top(_ name: String, of body: [UInt8], _ book: BookSummary) -> [PriceLevel] {
        let head = Array("\"\(name)\":[".utf8)
        guard let start = body.indices.first(where: { body[$0...].starts(with: head) }) else {
            return []
        }
        var at = start + head.count
        var levels: [PriceLevel] = []
        while levels.count < 20, body[at] == 0x5b, let end = body[at...].firstIndex(of: 0x5d) {
            let parts = body[at..<end].split(separator: 0x22, omittingEmptySubsequences: false)
            levels.append(
                PriceLevel(
                    price: mantissa(Array(parts[1]), book.priceExponent),
                    size: mantissa(Array(parts[3]), book.sizeExponent)))
            at = body[end + 1] == 0x2c ? end + 2 : end + 1
        }
        return levels
    }

    private static func mantissa(_ text: [UInt8], _ exponent: UInt8) -> Int64 {
        (try? DecimalText.parse(text))?.mantissa(at: exponent) ?? -1
    }
}
