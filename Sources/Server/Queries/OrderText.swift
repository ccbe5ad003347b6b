public import Engine

/// Orders from text, each rule with its field.
public enum OrderText {
    /// The order that these texts mean.
    ///
    /// - Throws: `FieldError` with the field that means nothing.
    public static func order(
        symbol: String, side: String, notional: String, fees: [VenueFee], venue: String?
    ) throws(FieldError) -> Order {
        guard side == "buy" || side == "sell" else {
            throw FieldError("side", "'\(side)' is neither buy nor sell")
        }
        guard let amount = try? DecimalText.parse(Array(notional.utf8)), amount.mantissa > 0 else {
            throw FieldError("notional", "'\(notional)' is not a number above 0, at most 10^9")
        }
        var order = Order(symbol: Array(symbol.utf8), isBuy: side == "buy", notional: amount)
        order.fees = fees
        if let venue {
            guard let known = Venue(id: Array(venue.utf8)) else {
                throw FieldError("venue", "'\(venue)' is not a venue")
            }
            order.naiveVenue = known
        }
        return order
    }

    /// The fee of a venue, as in `binance` and `7.5`.
    public static func fee(_ venue: String, _ bps: String) throws(FieldError) -> VenueFee {
        guard let known = Venue(id: Array(venue.utf8)) else {
            throw FieldError("fees", "'\(venue)' is not a venue")
        }
        guard let value = try? DecimalText.parse(Array(bps.utf8)),
            let units = Fee.units(bps: value)
        else {
            throw FieldError(
                "fees",
                "'\(bps)' is not a number of bps from -100 to 1000 with at most 4 decimals")
        }
        return VenueFee(venue: known, fee: units)
    }

    /// Why `order` got no answer, by the field that is to blame.
    public static func explain(_ error: OrderError, _ order: Order) -> FieldError {
        let symbol = String(decoding: order.symbol, as: UTF8.self)
        switch error {
        case .unknownSymbol:
            return FieldError("symbol", "no consolidated instrument \(symbol) at that moment")
        case .notRoutable: return FieldError("symbol", "\(symbol) is inverse and cannot be routed")
        case .badNotional: return FieldError("notional", "above 0 and at most 10^9")
        case .badFee: return FieldError("fees", "from -100 to 1000 bps")
        case .venueNotUsable: return FieldError("venue", "it has no usable book at that moment")
        case .overflow:
            return FieldError("notional", "the numbers exceed what can be computed exactly")
        }
    }
}

/// Price windows from text.
public enum WindowText {
    /// `050bps` or `50`, in bps; nil for what is none.
    public static func bps(_ text: String) -> UInt32? {
        let digits = text.hasSuffix("bps") ? String(text.dropLast(3)) : text
        guard let window = UInt32(digits), window > 0 else { return nil }
        return window
    }
}
