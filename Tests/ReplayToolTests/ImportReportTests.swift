import Foundation
import Testing

@testable import replay_tool

/// Nothing is dropped silently: what an import could not use stands in its report.
@Suite struct ImportReportTests {
    private let result = ImportResult(
        tally: ImportTally(), matches: 1, mismatches: 2, events: 3, refusedEvents: 1_234,
        levelUpdates: 5, segments: 6, replacedSegments: 0, bytes: 7, outOfOrder: 8, skippedLines: 9,
        isInterrupted: false)

    @Test func `events that the fold refused stand in the report, in text and JSON`() throws {
        #expect(result.lines.contains { $0.hasSuffix(" 1 234 events refused by the fold") })
        #expect(try jsonLine(result.object).contains(#""refused_events":1234"#))
    }

    @Test func `segments that were replaced after write errors stand in the report`() throws {
        #expect(!result.lines.contains { $0.contains("replaced") })
        var damaged = result
        damaged.replacedSegments = 2
        #expect(damaged.lines.last?.hasSuffix(" 2 segments replaced after write errors") == true)
        #expect(try jsonLine(damaged.object).contains(#""replaced_segments":2"#))
    }

    @Test func `a recording without mistakes has no refused event`() throws {
        let tool = try Tool()
        defer { tool.remove() }
        let capture = Tool.fixture("venues/spot-exchange-crossed.jsonl.zst")
        let text = try tool.run("import", "--out", tool.path("j1"), capture)
        #expect(text.lines.contains { $0.hasSuffix(" 0 events refused by the fold") })
    }
}
