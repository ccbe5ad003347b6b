import Foundation
import Testing

/// `verify --head`: the chain value that was kept elsewhere is part of the proof.
@Suite struct HeadTests {
    private let tool: Tool
    private let journal: SmallJournal

    init() throws {
        tool = try Tool()
        journal = try SmallJournal(tool.path("j"), segments: 3)
    }

    private func object(_ arguments: String...) throws -> (code: Int32, [String: Any]) {
        let result = try tool.run(["verify", journal.path, "--json"] + arguments)
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return (result.code, object as? [String: Any] ?? [:])
    }

    private func chain(to sequence: Int) throws -> String {
        try object("--to", "\(sequence)").1["chain"] as? String ?? ""
    }

    @Test func `another head differs, in text and JSON`() throws {
        defer { tool.remove() }
        let wrong = String(repeating: "ab", count: 32)
        let text = try tool.run("verify", journal.path, "--head", wrong)
        #expect(text.code == 1 && text.errors.contains("not \(wrong)"))
        #expect(!text.lines.contains("verified") && text.lines.last == "1 differences")
        let (code, object) = try object("--head", wrong)
        #expect(code == 1 && object["ok"] as? Bool == false)
        #expect(object["differences"] as? Int == 1)
    }

    @Test func `the head matches in either case of its digits`() throws {
        defer { tool.remove() }
        let head = try object().1["chain"] as? String ?? ""
        for text in [head, head.uppercased()] {
            let result = try tool.run("verify", journal.path, "--head", text)
            #expect(result.code == 0 && result.lines.last == "verified", "\(result.errors)")
        }
        for text in ["", "ab", head + "00", String(head.dropLast()) + "g"] {
            let result = try tool.run("verify", journal.path, "--head", text)
            #expect(result.code == 64 && result.errors.contains("64 hex digits"))
        }
    }

    @Test func `the chain of a stretch is the value after its last event`() throws {
        defer { tool.remove() }
        let ends = try tool.run("ls", journal.path, "--json").lines.map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return object as? [String: Any] ?? [:]
        }
        var seen: Set<String> = []
        for segment in ends {
            let last = try #require(segment["last_seq"] as? Int)
            #expect(try chain(to: last) == segment["chain_end"] as? String)
            for sequence in [last - 2, last - 1] { seen.insert(try chain(to: sequence)) }
            seen.insert(try chain(to: last))
        }
        #expect(seen.count == 3 * ends.count && !seen.contains(""))
        let last = try #require(ends[1]["last_seq"] as? Int)
        let inside = try chain(to: last - 1)
        #expect(try object("--to", "\(last - 1)", "--head", inside).code == 0)
        #expect(try object("--to", "\(last)", "--head", inside).code == 1)
    }
}
