import ArgumentParser
import Foundation
import Server

/// `prove`: whether kept frames are the ones that the log gives.
struct Prove: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prove or refute frames that a client kept, byte for byte.",
        discussion: """
            FRAMES is a file with a frame a line, as /ws/stream sent them ('-' reads standard \
            input); the hello in front is passed over. Exit code 1 when any frame differs.
            """)

    @Option(name: .long, help: "Folder of the journal.") var journal: String
    @Argument(help: "File of frames, a line each.") var frames: String
    @Flag(name: .long, help: "One JSON object in place of a line a frame.") var json = false

    mutating func run() throws {
        let lines = try self.lines()
        let reader = LogReader(directory: journal)
        reader.isCancelled = { Signals.isInterrupted }
        let verdicts = try FrameProof(reader).run(lines.map(\.bytes))
        var output = StandardOutput()
        var counts = (match: 0, differs: 0)
        for (line, verdict) in zip(lines, verdicts) {
            if verdict == .match { counts.match += 1 } else { counts.differs += 1 }
            if !json { output.line("line \(line.number): \(Prove.text(verdict, line.bytes))") }
        }
        if json {
            output.line(
                "{\"frames\":\(lines.count),\"match\":\(counts.match),"
                    + "\"differs\":\(counts.differs)}")
        } else {
            output.line("\(counts.match) MATCH, \(counts.differs) DIFFER of \(lines.count) frames")
        }
        output.flush()
        if counts.differs > 0 { throw ExitCode(ExitCodes.differs) }
    }

    private func lines() throws -> [(number: Int, bytes: [UInt8])] {
        let data: Data
        if frames == "-" {
            data = FileHandle.standardInput.readDataToEndOfFile()
        } else {
            guard let found = FileManager.default.contents(atPath: frames) else {
                throw Failure("\(frames): not readable")
            }
            data = found
        }
        var result: [(number: Int, bytes: [UInt8])] = []
        let all = [UInt8](data).split(separator: 0x0a, omittingEmptySubsequences: false)
        for (index, line) in all.enumerated() where !line.isEmpty {
            let isHello = line.starts(with: Array(#"{"type":"#.utf8))
            if !isHello { result.append((index + 1, Array(line))) }
        }
        guard !result.isEmpty else { throw Failure("\(frames): holds no frame") }
        return result
    }

    private static func text(_ verdict: FrameVerdict, _ bytes: [UInt8]) -> String {
        switch verdict {
        case .match: "MATCH"
        case .unknown(let why): "DIFFERS: \(why)"
        case .differs(let expected, let at):
            "DIFFERS at byte \(at + 1): it says \(excerpt(bytes, at)), the log gives "
                + excerpt(Array(expected.utf8), at)
        }
    }

    private static func excerpt(_ bytes: [UInt8], _ at: Int) -> String {
        let start = max(0, at - 24)
        let end = min(bytes.count, at + 24)
        guard start < end else { return "nothing" }
        return "…" + String(decoding: bytes[start..<end], as: UTF8.self) + "…"
    }
}
