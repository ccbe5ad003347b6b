import ArgumentParser
import Engine
import Foundation
import Journal
import Server

/// `report`: a journal on one terminal page.
struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A journal on one page: contents, book, metrics over time, an order, the proof.")

    @OptionGroup var target: JournalArgument
    @Option(name: .long, help: "Notional of the order that is priced.") var notional = "250000"

    mutating func run() throws {
        let reader = target.reader
        let bounds = try reader.bounds()
        let engine = try reader.engine(after: bounds.upperBound)
        var output = StandardOutput()
        try printRecorded(reader, bounds, engine, to: &output)
        try Charts.print(reader, engine, to: &output)
        printTable(engine, to: &output)
        printOrders(engine, to: &output)
        let report = try Verifier(reader).run(bounds)
        printProof(report, to: &output)
        output.flush()
        if report.differenceCount > 0 { throw Failure("", code: ExitCodes.differs) }
        try Verify.tellTornTail(reader)
    }

    private func printRecorded(
        _ reader: LogReader, _ bounds: ClosedRange<UInt64>, _ engine: borrowing Engine,
        to output: inout StandardOutput
    ) throws {
        let segments = try reader.reading { () throws(JournalError) in
            try reader.journal.listing()
        }.compactMap(\.info)
        let bytes = segments.reduce(0) { $0 + $1.bytes }
        let levels = engine.bookSummaries.reduce(0) { $0 + Int($1.counters.levels) }
        let first = segments.first { $0.events > 0 }?.firstTime ?? 0
        let seconds = (engine.time - first) / 1_000_000_000
        output.line("")
        output.line(
            "RECORDED (\(engine.source.word))  \(TimeText.iso(first)) … \(TimeText.iso(engine.time)), "
                + "\(seconds / 60) min \(seconds % 60) s")
        output.line(
            "  \(grouped(bounds.count)) events, \(grouped(levels)) level updates in "
                + "\(segments.count) segments, \(grouped(bytes)) bytes = "
                + String(format: "%.2f", Double(bytes) / Double(max(1, levels)))
                + " bytes per level update, checkpoints included")
        for book in engine.bookSummaries {
            var state: [UInt8] = []
            book.validity.append(to: &state)
            output.line(
                "  " + Ladders.padRight("\(book.venue.id)", 15)
                    + Ladders.padRight(String(decoding: book.venueSymbol, as: UTF8.self), 14)
                    + Ladders.padRight(String(decoding: state, as: UTF8.self), 9)
                    + Ladders.pad(grouped(book.counters.updates), 10) + " updates"
                    + Ladders.pad(grouped(book.counters.levels), 11) + " levels  "
                    + "\(book.counters.snapshots) snapshots, \(book.counters.gaps) gaps")
        }
    }

    /// The book of the first symbol at the end.
    private func printTable(_ engine: borrowing Engine, to output: inout StandardOutput) {
        guard let symbol = engine.symbols.first else { return }
        output.line("")
        output.line("BOOK AT THE END  \(String(decoding: symbol, as: UTF8.self))")
        for key in engine.memberBooks(of: symbol) {
            guard let book = engine.bookSummary(key) else { continue }
            Ladders.print(book, engine, levels: 5, to: &output)
        }
    }

    private func printOrders(_ engine: borrowing Engine, to output: inout StandardOutput) {
        output.line("")
        output.line("ONE ORDER  buy \(notional), fees 10 bps everywhere: routed against naive")
        for symbol in engine.symbols {
            let name = String(decoding: symbol, as: UTF8.self)
            guard let amount = try? DecimalText.parse(Array(notional.utf8)) else { return }
            var order = Order(symbol: symbol, isBuy: true, notional: amount)
            order.fees = Venue.allCases.map { VenueFee(venue: $0, fee: 100_000) }
            var bytes: [UInt8] = []
            do throws(OrderError) {
                try engine.execute(order, to: &bytes)
            } catch {
                output.line("  \(Ladders.padRight(name, 16))\(OrderText.explain(error, order))")
                continue
            }
            output.line("  \(Ladders.padRight(name, 16))\(Report.summary(bytes))")
        }
    }

    private static func summary(_ bytes: [UInt8]) -> String {
        guard
            let answer = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
            let naive = answer["naive"] as? [String: Any],
            let routed = answer["sor"] as? [String: Any]
        else { return "no answer" }
        func text(_ value: Any?) -> String {
            guard let value, !(value is NSNull) else { return "–" }
            return "\(value)"
        }
        let legs = (routed["legs"] as? [[String: Any]] ?? []).map {
            "\(text($0["venue"])) \(text($0["notional"]))"
        }
        let mixed = answer["mixed"] as? Bool == true ? "  (mixed)" : ""
        return "naive \(text(naive["venue"])) \(text(naive["slippage_bps"])) bps, routed "
            + "\(text(routed["slippage_bps"])) bps [\(legs.joined(separator: ", "))], saved "
            + "\(text(answer["slippage_saved_bps"])) bps"
            + (answer["complete"] as? Bool == true ? "" : ", book too thin") + mixed
    }

    private func printProof(_ report: VerifyReport, to output: inout StandardOutput) {
        output.line("")
        output.line(
            "PROOF  \(report.segments) segments, \(grouped(report.blocks)) blocks, "
                + "\(grouped(report.events)) events; compared: \(report.checkpoints) checkpoints, "
                + "\(grouped(report.rollups)) rollups, \(grouped(report.frames)) frames")
        output.line("  chain   \(report.chainHead)")
        output.line("  digest  \(Info.hex(report.digest))")
        for difference in report.differences { output.line("  DIFFERS \(difference)") }
        output.line(
            report.differenceCount == 0
                ? "  verified: the log gives every one of them again"
                : "  \(report.differenceCount) differences")
    }
}
