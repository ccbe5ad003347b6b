import Foundation
import Testing

/// The project's own captures give the golden journal, frames, rollups, traces and answers; a
/// change fails with the first line that differs. `scripts/rerecord` is the way to change them.
@Suite struct GoldenTests {
    static let names = ["spot-exchange-crossed", "usdm-advanced-outage"]

    private func compare(_ found: String, _ fixture: String) throws {
        let expected = try Tool.text(fixture)
        guard found != expected else { return }
        let left = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let right = found.split(separator: "\n", omittingEmptySubsequences: false)
        for index in 0..<max(left.count, right.count) {
            let old = index < left.count ? left[index] : "nothing"
            let new = index < right.count ? right[index] : "nothing"
            guard old != new else { continue }
            Issue.record("\(fixture) line \(index + 1)\n  expected \(old)\n  found    \(new)")
            return
        }
    }

    @Test(arguments: names)
    func `an import of the capture gives the golden journal byte for byte`(_ name: String) throws {
        let tool = try Tool()
        defer { tool.remove() }
        let journal = tool.path("journal")
        let result = try tool.run(
            "import", "--simulated", "--json", "--out", journal,
            Tool.fixture("venues/\(name).jsonl.zst"))
        #expect(result.code == 0, "\(result.errors)")
        try compare(result.output, "expected/\(name).import.json")
        let segment = "00000000000000000001.zst"
        let made = try Data(contentsOf: URL(fileURLWithPath: journal + "/" + segment))
        let golden = try Data(
            contentsOf: URL(fileURLWithPath: Tool.fixture("journals/v1-\(name)/\(segment)")))
        #expect(made == golden)
    }

    @Test(arguments: names)
    func `the golden journal gives the golden outputs and verifies`(_ name: String) throws {
        let tool = try Tool()
        defer { tool.remove() }
        let journal = Tool.fixture("journals/v1-\(name)")
        let frames = try tool.run("frames", journal, "--window", "050bps")
        try compare(frames.output, "expected/\(name).frames.jsonl")
        try compare(try tool.run("rollup", journal).output, "expected/\(name).rollups.jsonl")
        let folded = try tool.run("rollup", journal, "--fold")
        try compare(folded.output, "expected/\(name).rollups.jsonl")
        try compare(try tool.run("trace", journal, "--json").output, "expected/\(name).trace.jsonl")
        try compare(try tool.run("info", journal, "--json").output, "expected/\(name).info.json")
        let orders = Tool.fixture("orders.jsonl")
        let answers = try tool.run("execute", journal, "--orders", orders)
        try compare(answers.output, "expected/\(name).execute.jsonl")
        let verified = try tool.run("verify", journal)
        #expect(verified.code == 0 && verified.output.hasSuffix("verified\n"), "\(verified.output)")
    }

    @Test(arguments: names)
    func `compaction keeps chain, digest and frames and makes the file smaller`(_ name: String)
        throws
    {
        let tool = try Tool()
        defer { tool.remove() }
        let journal = tool.path("journal")
        try FileManager.default.copyItem(
            atPath: Tool.fixture("journals/v1-\(name)"), toPath: journal)
        let result = try tool.run("compact", journal, "--json")
        #expect(result.code == 0, "\(result.errors)")
        let before = try tool.run("info", Tool.fixture("journals/v1-\(name)"), "--json").output
        let after = try tool.run("info", journal, "--json").output
        func without(_ text: String) -> String {
            text.replacing(/"bytes":\d+/, with: "")
        }
        #expect(without(before) == without(after) && before != after)
        let frames = try tool.run("frames", journal, "--window", "050bps")
        try compare(frames.output, "expected/\(name).frames.jsonl")
        #expect(try tool.run("verify", journal).code == 0)
    }
}
