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
                symbol: symbol, side: side, notional: notional, fees: Execute.fees(fees),
                venue: venue)
            let sequence = try reader.sequence(of: try options.moment())
            let engine = try reader.engine(after: sequence)
            var bytes: [UInt8] = []
            do throws(OrderError) {
                try engine.execute(order, to: &bytes)
            } catch {
                throw Failure(OrderText.explain(error, order).description)
            }
            output.write(bytes)
            output.write("\n")
        }
        output.flush()
    }

    private static func fees(_ text: String?) throws -> [VenueFee] {
        guard let text, !text.isEmpty else { return [] }
        return try text.split(separator: ",").map { part in
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { throw FieldError("fees", "'\(part)' is not venue=bps") }
            return try OrderText.fee(String(pair[0]), String(pair[1]))
        }
    }
}
