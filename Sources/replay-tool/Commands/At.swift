import ArgumentParser
import Engine
import Server

/// `at`: the state at a sequence or a moment.
struct At: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The state at a sequence or a moment: books, validity, metrics, digest.")

    @OptionGroup var target: JournalArgument
    @OptionGroup var options: MomentOptions
    @Option(name: .long, help: "Levels a side of each book.")
    var levels = 10
    @Flag(name: .long, help: "One JSON object.") var json = false

    mutating func run() throws {
        guard (0...Limits.levelsPerSideMax).contains(levels) else {
            throw ValidationError("--levels is a whole number from 0 to \(Limits.levelsPerSideMax)")
        }
        let reader = target.reader
        let sequence = try reader.sequence(of: try options.moment())
        let engine = try reader.engine(after: sequence)
        var bytes: [UInt8] = []
        var output = StandardOutput()
        if json {
            StateEncoder.append(engine, levels: levels, to: &bytes)
            output.write(bytes)
            output.write("\n")
        } else {
            Ladders.print(engine, levels: levels, to: &output)
        }
        output.flush()
    }
}

/// Books as text for a terminal.
enum Ladders {
    static func print(
        _ engine: borrowing Engine, levels: Int, to output: inout StandardOutput
    ) {
        output.line(
            "\(TimeText.iso(engine.time))  seq \(engine.sequence)  digest \(Info.hex(engine.digest))"
        )
        for book in engine.bookSummaries { print(book, engine, levels: levels, to: &output) }
    }

    static func print(
        _ book: BookSummary, _ engine: borrowing Engine, levels: Int,
        to output: inout StandardOutput
    ) {
        var state: [UInt8] = []
        book.validity.append(to: &state)
        output.line("")
        output.line(
            "\(book.venue.id) \(String(decoding: book.venueSymbol, as: UTF8.self))  "
                + String(decoding: state, as: UTF8.self))
        var bids: [PriceLevel] = []
        var asks: [PriceLevel] = []
        engine.bestLevels(of: book.key, .bid, count: levels, to: &bids)
        engine.bestLevels(of: book.key, .ask, count: levels, to: &asks)
        for index in 0..<max(bids.count, asks.count) {
            let bid = index < bids.count ? cell(bids[index], book) : ("", "")
            let ask = index < asks.count ? cell(asks[index], book) : ("", "")
            output.line(
                pad(bid.1, 16) + pad(bid.0, 14) + "  │ " + padRight(ask.0, 14) + pad(ask.1, 16))
        }
    }

    private static func cell(_ level: PriceLevel, _ book: BookSummary) -> (String, String) {
        (text(level.price, book.priceExponent), text(level.size, book.sizeExponent))
    }

    static func text(_ mantissa: Int64, _ exponent: UInt8) -> String {
        var bytes: [UInt8] = []
        DecimalText.append(Decimal(mantissa: mantissa, exponent: exponent), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    static func padRight(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
