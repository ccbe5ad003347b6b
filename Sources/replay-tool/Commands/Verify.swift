import ArgumentParser
import Engine
import Journal
import Server

/// `verify`: proves bytes, chain, checkpoints, rollups and frames of a log.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prove checksums, hash chain, checkpoints, rollups and frames of a log.",
        discussion: """
            Exit 0: everything is as the log gives it. 1: a checkpoint, rollup or frame differs, \
            each named. 2: the journal ends in a torn tail. 3: damaged bytes, with segment and \
            offset.
            """)

    @OptionGroup var target: JournalArgument
    @OptionGroup var range: RangeOptions
    @Option(
        name: .long, help: "The chain value after the last event, kept elsewhere, 64 hex digits.")
    var head: String?
    @Flag(name: .long, help: "One JSON object.") var json = false

    mutating func run() throws {
        let head = try head.map(Verify.head)
        let reader = target.reader
        let range = try range.sequences(reader)
        var progress = Progress(total: Int(range.count), unit: "events")
        let verifier = Verifier(reader) { progress.update(Int($0 - range.lowerBound)) }
        var report = try verifier.run(range)
        progress.finish()
        let isOther = head.map { $0 != report.chainHead.description } ?? false
        if isOther {
            report.differenceCount += 1
            report.differences.insert("chain head: not the one that was kept", at: 0)
        }
        var output = StandardOutput()
        if json {
            output.line(try jsonLine(object(report)))
        } else {
            print(report, to: &output)
        }
        output.flush()
        if isOther, let head {
            throw Failure(
                "the chain head is \(report.chainHead), not \(head)", code: ExitCodes.differs)
        }
        if report.differenceCount > 0 { throw Failure("", code: ExitCodes.differs) }
        try Verify.tellTornTail(reader)
    }

    /// Hex digits in either case.
    private static func head(_ text: String) throws -> String {
        guard text.utf8.count == 64, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            throw ValidationError("--head: '\(text)' is not a chain value of 64 hex digits")
        }
        return text.lowercased()
    }

    static func tellTornTail(_ reader: LogReader) throws {
        let segments = try reader.reading { () throws(JournalError) in
            try reader.journal.listing()
        }
        guard let last = segments.last?.info, let defect = last.tornTail else { return }
        throw Failure(
            "\(last.name): torn tail after \(last.bytes) bytes (\(defect))",
            code: ExitCodes.tornTail)
    }

    private func object(_ report: VerifyReport) -> [String: Any] {
        [
            "ok": report.differenceCount == 0, "segments": report.segments,
            "blocks": report.blocks, "events": report.events, "checkpoints": report.checkpoints,
            "rollups": report.rollups, "frames": report.frames,
            "chain": report.chainHead.description, "digest": Info.hex(report.digest),
            "differences": report.differenceCount, "first_differences": report.differences,
        ]
    }

    private func print(_ report: VerifyReport, to output: inout StandardOutput) {
        output.line("bytes        \(report.segments) segments, \(grouped(report.blocks)) blocks")
        output.line("events       \(grouped(report.events)) folded")
        output.line("checkpoints  \(grouped(report.checkpoints)) compared")
        output.line("rollups      \(grouped(report.rollups)) compared")
        output.line("frames       \(grouped(report.frames)) compared")
        output.line("chain        \(report.chainHead)")
        output.line("digest       \(Info.hex(report.digest))")
        for difference in report.differences { output.line("DIFFERS  \(difference)") }
        output.line(
            report.differenceCount == 0
                ? "verified" : "\(grouped(report.differenceCount)) differences")
    }
}
