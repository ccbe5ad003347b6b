import ArgumentParser
import Engine
import Foundation
import Server

/// `trace`: a hash over the best levels after every applied update, per book.
struct Trace: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Counts, final best levels and a hash over every applied update, per book.",
        discussion: """
            The hash is SHA-256 over one line per applied update, numbered from 1, the snapshot \
            not counted: `<number>;p@q,p@q,…;p@q,…` with the best five bids and asks after it.
            """)

    @OptionGroup var target: JournalArgument
    @Option(name: .long, help: "Print the hashed lines of this venue symbol instead.")
    var symbol: String?
    @Option(name: .long, help: "Levels a side in a line.")
    var levels = 5
    @Flag(name: .long, help: "One JSON object a book.") var json = false

    mutating func run() throws {
        guard (1...100).contains(levels) else {
            throw ValidationError("--levels is a whole number from 1 to 100")
        }
        let reader = target.reader
        let bounds = try reader.bounds()
        var engine = try reader.engineBefore(bounds.lowerBound)
        var outputs = OutputBuffer(wantsFrames: false)
        var output = StandardOutput()
        var hashes: [UInt32: SHA256] = [:]
        var tracer = TraceLine(levels: levels)
        var progress = Progress(total: Int(bounds.count), unit: "events")
        try reader.forEachBlock(from: bounds.lowerBound) { block throws(LogError) in
            for index in 0..<block.count {
                let header = block.headers[index]
                guard header.kind == EventKind.bookDelta.rawValue else {
                    try reader.apply(block, index..<index + 1, to: &engine, &outputs)
                    continue
                }
                let key = BookKey(rawValue: block.books[Int(header.book)])
                let before = engine.updates(of: key)
                try reader.apply(block, index..<index + 1, to: &engine, &outputs)
                let updates = engine.updates(of: key)
                guard updates > before, let book = engine.bookSummary(key) else { continue }
                if let symbol {
                    guard book.venueSymbol.elementsEqual(symbol.utf8) else { continue }
                    output.write(tracer.line(updates, book, engine))
                } else {
                    let hash = hashes[key.rawValue] ?? SHA256()
                    hashes[key.rawValue] = hash
                    hash.update(tracer.line(updates, book, engine))
                }
            }
            progress.update(Int(engine.sequence - bounds.lowerBound))
            return true
        }
        progress.finish()
        if symbol == nil { try printBooks(engine, hashes, &output) }
        output.flush()
    }

    private func printBooks(
        _ engine: borrowing Engine, _ hashes: [UInt32: SHA256], _ output: inout StandardOutput
    ) throws {
        for book in engine.bookSummaries {
            let hash = (hashes[book.key.rawValue] ?? SHA256()).finish()
            let counters = book.counters
            if json {
                output.line(line(book, hash, engine))
            } else {
                output.line(
                    "\(book.venue.id) \(String(decoding: book.venueSymbol, as: UTF8.self)): "
                        + "\(counters.updates) updates, \(counters.levels) levels, "
                        + "\(counters.gaps) gaps, \(hash)")
            }
        }
    }

    private func line(_ book: BookSummary, _ hash: String, _ engine: borrowing Engine) -> String {
        func quoted(_ bytes: [UInt8]) -> String {
            let text = String(decoding: bytes, as: UTF8.self)
            let data = try? JSONSerialization.data(
                withJSONObject: text, options: [.fragmentsAllowed, .withoutEscapingSlashes])
            return String(decoding: data ?? Data("\"\"".utf8), as: UTF8.self)
        }
        func side(_ side: Side) -> String {
            var levels: [PriceLevel] = []
            engine.bestLevels(of: book.key, side, count: 10, to: &levels)
            let pairs = levels.map {
                "[\"\(Ladders.text($0.price, book.priceExponent))\","
                    + "\"\(Ladders.text($0.size, book.sizeExponent))\"]"
            }
            return "[\(pairs.joined(separator: ","))]"
        }
        let counters = book.counters
        return "{\"venue\":\"\(book.venue.id)\",\"connection\":\(quoted(book.connection)),"
            + "\"symbol\":\(quoted(book.venueSymbol)),\"instrument\":\(quoted(book.instrument)),"
            + "\"updates\":\(counters.updates),\"levels\":\(counters.levels),"
            + "\"sequence_gaps\":\(counters.gaps),"
            + "\"checksums_passed\":\(counters.checksumsPassed),"
            + "\"checksums_failed\":\(counters.checksumsFailed),"
            + "\"trace_sha256\":\"\(hash)\",\"bids\":\(side(.bid)),\"asks\":\(side(.ask))}"
    }
}

/// The line of one applied update.
struct TraceLine {
    let levels: Int
    private var side: [PriceLevel] = []
    private var text: [UInt8] = []

    init(levels: Int) { self.levels = levels }

    mutating func line(
        _ number: UInt64, _ book: BookSummary, _ engine: borrowing Engine
    ) -> [UInt8] {
        text.removeAll(keepingCapacity: true)
        DecimalText.append(number, to: &text)
        for wanted in [Side.bid, .ask] {
            text.append(0x3b)
            side.removeAll(keepingCapacity: true)
            engine.bestLevels(of: book.key, wanted, count: levels, to: &side)
            for (index, level) in side.enumerated() {
                if index > 0 { text.append(0x2c) }
                DecimalText.append(
                    Decimal(mantissa: level.price, exponent: book.priceExponent), to: &text)
                text.append(0x40)
                DecimalText.append(
                    Decimal(mantissa: level.size, exponent: book.sizeExponent), to: &text)
            }
        }
        text.append(0x0a)
        return text
    }
}
