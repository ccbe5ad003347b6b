import Testing

/// Files and functions stay readable. The lists are ratchets: they may only get shorter.
@Suite struct SizeTests {
    static let linesMax = 300
    static let functionLinesMax = 70
    static let columnsMax = 100
    /// Files above `linesMax`, each with its reason.
    static let longFiles: [String: String] = [
        "Tests/VenuesTests/SimulatedReferenceTests.swift": "one plain reference for four feeds"
    ]

    @Test func `files stay under 300 lines and lines under 100 columns`() throws {
        for folder in ["Sources", "Tests"] {
            for file in try SourceTree.files(below: folder) {
                if Self.longFiles[file.path] == nil {
                    #expect(
                        file.lines.count <= Self.linesMax + 1,
                        "\(file.path) has \(file.lines.count) lines")
                }
                for (number, line) in file.lines.enumerated()
                where line.count > Self.columnsMax && !line.contains("\"") {
                    Issue.record("\(file.path):\(number + 1) has \(line.count) columns")
                }
            }
        }
    }

    @Test func `functions fit a screen`() throws {
        for file in try SourceTree.files(below: "Sources") {
            for function in Self.functions(in: file.lines)
            where function.lines > Self.functionLinesMax {
                Issue.record("\(file.path):\(function.start + 1) has \(function.lines) lines")
            }
        }
    }

    @Test func `no work is left behind in comments`() throws {
        for folder in ["Sources", "Tests"] {
            for file in try SourceTree.files(below: folder) where !file.path.contains("TidyTests") {
                for (number, line) in file.lines.enumerated() {
                    let isLeft = ["TODO", "FIXME", "XXX"].contains { line.contains($0) }
                    #expect(!isLeft, "\(file.path):\(number + 1) leaves work behind")
                }
            }
        }
    }

    /// Start and length of every function, by the indentation of its closing brace.
    static func functions(in lines: [String]) -> [(start: Int, lines: Int)] {
        var result: [(start: Int, lines: Int)] = []
        for (start, line) in lines.enumerated() where line.contains("func ") {
            let indent = line.prefix { $0 == " " }
            let end = lines[start...].firstIndex {
                $0.hasPrefix(indent + "}") && !$0.hasPrefix(indent + " ")
            }
            if let end, !line.hasSuffix("}") { result.append((start, end - start + 1)) }
        }
        return result
    }

    @Test func `the measure of functions counts from head to closing brace`() {
        let found = Self.functions(in: ["  func a() {", "    b()", "  }", "  func c() { d() }"])
        #expect(found.count == 1 && found[0].lines == 3)
    }
}
