import Testing

/// Files and functions stay readable. The lists are ratchets: they may only get shorter.
@Suite struct SizeTests {
    static let linesMax = 300
    static let functionLinesMax = 70
    static let columnsMax = 100
    /// Files above `linesMax`, each with its reason.
    static let longFiles: [String: String] = [:]

    @Test func `files stay under 300 lines and lines under 100 columns`() throws {
        for folder in ["Sources", "Tests"] {
            for file in try SourceTree.files(below: folder) {
                let lines = file.lines.count
                if Self.longFiles[file.path] == nil {
                    #expect(lines <= Self.linesMax + 1, "\(file.path) has \(lines) lines")
                }
                for ((number, line), code) in zip(file.lines.enumerated(), file.code)
                where line.utf8.count > Self.columnsMax && line.count > Self.columnsMax
                    && !Self.isLongText(line, code)
                {
                    Issue.record("\(file.path):\(number + 1) has \(line.count) columns")
                }
            }
        }
    }

    /// A literal cannot be broken: only what is not inside one has to fit.
    static func isLongText(_ line: String, _ code: String) -> Bool {
        code.count <= columnsMax && line.contains("\"")
    }

    @Test func `a file stands in the list only while it is too long`() throws {
        let lengths = try SourceTree.files(below: "Tests").map { ($0.path, $0.lines.count) }
        for (path, _) in Self.longFiles {
            #expect(lengths.contains { $0 == path && $1 > Self.linesMax + 1 }, "\(path)")
        }
    }

    @Test func `functions fit a screen`() throws {
        for folder in ["Sources", "Tests"] {
            for file in try SourceTree.files(below: folder) {
                for function in Self.functions(in: file.code)
                where function.lines > Self.functionLinesMax {
                    Issue.record(
                        "\(file.path):\(function.start + 1) has \(function.lines) lines")
                }
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

    /// Start and length of every function, initializer, subscript and computed property, by the
    /// indentation of its closing brace.
    static func functions(in code: [String]) -> [(start: Int, lines: Int)] {
        var result: [(start: Int, lines: Int)] = []
        let head = #/(?:^|\s)(func |init[?!]?[(<]|subscript[(<]|deinit\b|(var|let) .*\{$)/#
        for (start, line) in code.enumerated() where line.firstMatch(of: head) != nil {
            let indent = line.prefix { $0 == " " }
            let end = code[start...].firstIndex {
                $0.hasPrefix(indent + "}") && !$0.hasPrefix(indent + " ")
            }
            if let end, !line.hasSuffix("}") { result.append((start, end - start + 1)) }
        }
        return result
    }

    @Test func `the measure of functions counts from head to closing brace`() {
        let found = Self.functions(in: ["  func a() {", "    b()", "  }", "  func c() { d() }"])
        #expect(found.count == 1 && found[0].lines == 3)
        #expect(Self.functions(in: ["init?(a: Int) {", "}"]).count == 1)
        #expect(Self.functions(in: ["var a: Int {", "  b", "}"]).map(\.lines) == [3])
    }
}
