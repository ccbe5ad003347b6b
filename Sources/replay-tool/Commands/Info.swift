import ArgumentParser
import Engine
import Journal
import Server

/// `info`: what a journal holds, in one screen.
struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What a journal holds.")

    @OptionGroup var target: JournalArgument
    @Flag(name: .long, help: "One JSON object.") var json = false

    mutating func run() throws {
        let reader = target.reader
        let segments = try reader.reading { () throws(JournalError) in
            try reader.journal.listing()
        }
        for segment in segments {
            if let problem = segment.problem { throw LogError.journal(problem) }
        }
        let infos = segments.compactMap(\.info)
        let bounds = try reader.bounds()
        let engine = try reader.engine(after: bounds.upperBound)
        var output = StandardOutput()
        if json {
            output.line(try jsonLine(object(infos, bounds, engine)))
        } else {
            print(infos, bounds, engine, to: &output)
        }
        output.flush()
        if let torn = infos.last, let defect = torn.tornTail {
            throw Failure(
                "\(torn.name) has a torn tail after \(torn.bytes) bytes: \(defect)",
                code: ExitCodes.tornTail)
        }
    }

    private func object(
        _ segments: [SegmentInfo], _ bounds: ClosedRange<UInt64>, _ engine: borrowing Engine
    ) -> [String: Any] {
        let first = segments.first { $0.events > 0 }?.firstTime ?? 0
        return [
            "segments": segments.count, "bytes": segments.reduce(0) { $0 + $1.bytes },
            "first_seq": bounds.lowerBound, "last_seq": bounds.upperBound,
            "first_ts": TimeText.iso(first), "last_ts": TimeText.iso(engine.time),
            "chain": segments.last?.chainEnd.description ?? "",
            "sealed": segments.allSatisfy { $0.state != .open },
            "source": "\(engine.source.word)", "digest": Info.hex(engine.digest),
            "engine_version": engine.configuration.engineVersion,
            "tick_hz": engine.configuration.tickHz,
            "symbols": engine.symbols.map { String(decoding: $0, as: UTF8.self) },
            "books": engine.bookSummaries.map { book in
                [
                    "venue": "\(book.venue.id)",
                    "symbol": String(decoding: book.venueSymbol, as: UTF8.self),
                    "instrument": String(decoding: book.instrument, as: UTF8.self),
                    "updates": book.counters.updates, "gaps": book.counters.gaps,
                ] as [String: Any]
            },
        ]
    }

    private func print(
        _ segments: [SegmentInfo], _ bounds: ClosedRange<UInt64>, _ engine: borrowing Engine,
        to output: inout StandardOutput
    ) {
        let first = segments.first { $0.events > 0 }?.firstTime ?? 0
        let bytes = segments.reduce(0) { $0 + $1.bytes }
        output.line("source     \(engine.source.word)")
        output.line("segments   \(segments.count), \(grouped(bytes)) bytes")
        output.line("sequences  \(bounds.lowerBound)…\(bounds.upperBound)")
        output.line("time       \(TimeText.iso(first)) … \(TimeText.iso(engine.time))")
        output.line("chain      \(segments.last?.chainEnd.description ?? "")")
        output.line("digest     \(Info.hex(engine.digest))")
        let symbols = engine.symbols.map { String(decoding: $0, as: UTF8.self) }
        output.line("symbols    \(symbols.joined(separator: " "))")
        for book in engine.bookSummaries {
            var state: [UInt8] = []
            book.validity.append(to: &state)
            output.line(
                "book       \(book.venue.id) \(String(decoding: book.venueSymbol, as: UTF8.self)) "
                    + "\(String(decoding: book.instrument, as: UTF8.self)): "
                    + "\(String(decoding: state, as: UTF8.self)), "
                    + "\(grouped(book.counters.updates)) updates, "
                    + "\(grouped(book.counters.levels)) levels, \(book.counters.gaps) gaps")
        }
    }

    static func hex(_ digest: Digest) -> String {
        var bytes: [UInt8] = []
        digest.appendHex(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
