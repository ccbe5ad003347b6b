import ArgumentParser
import Engine
import Foundation
import Server

/// `execute`: an order against the book at a moment, routed and naive.
struct Execute: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Price an order against the book at a moment: smart routing and naive.",
        discussion: """
            With --orders FILE, one JSON object a line ({"at_seq"|"at_time"|"at_ts_ns", "symbol", \
            "side", "notional", "fees":{venue:bps}, "venue"}), one answer a line, in order of time.
            """)

    @OptionGroup var target: JournalArgument
    @OptionGroup var options: MomentOptions
    @Option(name: .long, help: "Consolidated symbol, e.g. BTC-USD.") var symbol: String?
    @Option(name: .long, help: "buy or sell.") var side: String?
    @Option(name: .long, help: "Quote currency before fees, above 0, at most 10^9.")
    var notional: String?
    @Option(name: .long, help: "Taker fees in bps: binance=10,coinbase=40") var fees: String?
    @Option(name: .long, help: "Venue of the naive baseline; the best touch when not given.")
    var venue: String?
    @Option(name: .long, help: "Many orders from a JSONL file.") var orders: String?
    @Flag(name: .long, help: "One JSON object (always so).") var json = false

    mutating func run() throws {
        let reader = target.reader
        var output = StandardOutput()
        if let orders {
            try OrderFile.run(orders, reader, to: &output)
        } else {
            guard let symbol, let side, let notional else {
                throw ValidationError("--symbol, --side and --notional are needed")
            }
            let order = try OrderText.order(
                symbol: symbol, side: side, notional: notional, fees: OrderText.fees(fees),
                venue: venue)
            let sequence = try reader.sequence(of: try options.moment())
            let engine = try reader.engine(after: sequence)
            var bytes: [UInt8] = []
            do throws(OrderError) {
                try engine.execute(order, to: &bytes)
            } catch {
                throw Failure(OrderText.explain(error, order))
            }
            output.write(bytes)
            output.write("\n")
        }
        output.flush()
    }
}

/// Orders from text, each rule with its field.
enum OrderText {
    static func order(
        symbol: String, side: String, notional: String, fees: [VenueFee], venue: String?
    ) throws -> Order {
        guard side == "buy" || side == "sell" else {
            throw ValidationError("side: '\(side)' is neither buy nor sell")
        }
        guard let amount = try? DecimalText.parse(Array(notional.utf8)), amount.mantissa > 0 else {
            throw ValidationError("notional: '\(notional)' is not a number above 0, at most 10^9")
        }
        var order = Order(symbol: Array(symbol.utf8), isBuy: side == "buy", notional: amount)
        order.fees = fees
        if let venue {
            guard let known = Venue(id: Array(venue.utf8)) else {
                throw ValidationError("venue: '\(venue)' is not a venue")
            }
            order.naiveVenue = known
        }
        return order
    }

    static func fees(_ text: String?) throws -> [VenueFee] {
        guard let text, !text.isEmpty else { return [] }
        return try text.split(separator: ",").map { part in
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else {
                throw ValidationError("fees: '\(part)' is not venue=bps")
            }
            return try fee(String(pair[0]), String(pair[1]))
        }
    }

    static func fee(_ venue: String, _ bps: String) throws -> VenueFee {
        guard let known = Venue(id: Array(venue.utf8)) else {
            throw ValidationError("fees: '\(venue)' is not a venue")
        }
        guard let value = try? DecimalText.parse(Array(bps.utf8)),
            let units = Fee.units(bps: value)
        else {
            throw ValidationError(
                "fees: '\(bps)' is not a number of bps from -100 to 1000 with at most 4 decimals")
        }
        return VenueFee(venue: known, fee: units)
    }

    static func explain(_ error: OrderError, _ order: Order) -> String {
        let symbol = String(decoding: order.symbol, as: UTF8.self)
        switch error {
        case .unknownSymbol: return "symbol: no consolidated instrument \(symbol) at that moment"
        case .notRoutable: return "symbol: \(symbol) is inverse and cannot be routed"
        case .badNotional: return "notional: above 0 and at most 10^9"
        case .badFee: return "fees: from -100 to 1000 bps"
        case .venueNotUsable: return "venue: it has no usable book at that moment"
        case .overflow: return "notional: the numbers exceed what can be computed exactly"
        }
    }
}
