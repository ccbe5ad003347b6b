import Engine

/// An order from text, in the words of `replay-tool execute`:
///
/// ```
/// symbol=BTC-USD
/// side=buy
/// notional=250000
/// fees=binance=10,coinbase=40
/// venue=coinbase
/// ```
///
/// One `key=value` a line, in any order; `fees` and `venue` may be missing or empty.
enum OrderText {
    static func order(_ text: [UInt8]) throws(Status) -> Order {
        var symbol: [UInt8] = []
        var isBuy: Bool?
        var notional: Decimal?
        var fees: [VenueFee] = []
        var venue: Venue?
        for line in text.split(separator: newline) {
            let (key, value) = try pair(line, .key)
            if spells(key, "symbol") {
                symbol = value
            } else if spells(key, "side") {
                isBuy = spells(value, "buy") ? true : spells(value, "sell") ? false : nil
            } else if spells(key, "notional") {
                notional = try? DecimalText.parse(value)
            } else if spells(key, "fees") {
                fees = try self.fees(value)
            } else if spells(key, "venue") {
                venue = value.isEmpty ? nil : try self.venue(value, .venue)
            } else {
                throw Status(.key)
            }
        }
        guard !symbol.isEmpty else { throw Status(.symbol) }
        guard let isBuy else { throw Status(.side) }
        guard let notional else { throw Status(.notional) }
        var order = Order(symbol: symbol, isBuy: isBuy, notional: notional)
        order.fees = fees
        order.naiveVenue = venue
        return order
    }

    private static func fees(_ text: [UInt8]) throws(Status) -> [VenueFee] {
        var fees: [VenueFee] = []
        for part in text.split(separator: comma) {
            let (name, bps) = try pair(part, .fees)
            guard let value = try? DecimalText.parse(bps), let units = Fee.units(bps: value) else {
                throw Status(.fees)
            }
            fees.append(VenueFee(venue: try venue(name, .fees), fee: units))
        }
        return fees
    }

    private static func venue(_ id: [UInt8], _ field: OrderField) throws(Status) -> Venue {
        guard let venue = Venue(id: id) else { throw Status(field) }
        return venue
    }

    /// What stands before and behind the first `=`.
    private static func pair(
        _ text: ArraySlice<UInt8>, _ field: OrderField
    ) throws(Status) -> (key: [UInt8], value: [UInt8]) {
        guard let middle = text.firstIndex(of: equals) else { throw Status(field) }
        return (Array(text[..<middle]), Array(text[(middle + 1)...]))
    }

    private static func spells(_ bytes: [UInt8], _ word: StaticString) -> Bool {
        guard bytes.count == word.utf8CodeUnitCount else { return false }
        for index in bytes.indices where bytes[index] != word.utf8Start[index] { return false }
        return true
    }

    private static var newline: UInt8 { 0x0a }
    private static var comma: UInt8 { 0x2c }
    private static var equals: UInt8 { 0x3d }
}
