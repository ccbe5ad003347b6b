import Foundation
import Testing

/// Folders without a journal: every command says so, in the same way.
@Suite struct MissingTests {
    @Test func `a folder that is not there is named`() throws {
        let tool = try Tool()
        defer { tool.remove() }
        let missing = tool.path("missing")
        for command in ["info", "ls", "verify", "compact", "cat", "checkpoints", "rollup"] {
            let result = try tool.run(command, missing)
            #expect(result.code == 5, "\(command)")
            let words = "opendir \(missing): No such file or directory"
            #expect(result.errors.contains(words), "\(command): \(result.errors)")
        }
    }

    @Test func `an empty folder holds no journal, whatever is asked`() throws {
        let tool = try Tool()
        defer { tool.remove() }
        let empty = tool.path("empty")
        try FileManager.default.createDirectory(
            atPath: empty, withIntermediateDirectories: false)
        for command in ["info", "ls", "verify", "compact", "cat", "checkpoints", "rollup"] {
            let result = try tool.run(command, empty)
            #expect(result.code == 5 && result.output.isEmpty, "\(command): \(result.output)")
            #expect(result.errors.contains("holds no "), "\(command): \(result.errors)")
        }
    }
}
