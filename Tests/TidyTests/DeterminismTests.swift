import Testing

/// What the fold may not use; each ban names its replacement. An exception carries
/// `// determinism: why` on its line.
@Suite struct DeterminismTests {
    static let bans: [(word: String, instead: String)] = [
        ("Date(", "time is an argument"), ("ContinuousClock", "time is an argument"),
        ("SuspendingClock", "time is an argument"), ("Task", "the fold has one thread"),
        ("async ", "the fold has one thread"), (" actor ", "the fold has one thread"),
        ("random", "a seed in the caller"), ("UUID", "ids come with events"),
        ("hashValue", "a digest of the content"), ("Hasher", "a digest of the content"),
        ("print(", "an output"), ("Double", "exact integers"), ("Float", "exact integers"),
        ("ProcessInfo", "configuration events"), ("FileManager", "the journal"),
        ("DispatchQueue", "the fold has one thread"), ("Thread", "the fold has one thread"),
        ("Foundation", "nothing"), ("fatalError", "precondition with a sentence"),
    ]

    static func words(in line: String) -> [String] {
        let code = line.firstRange(of: "//").map { String(line[..<$0.lowerBound]) } ?? line
        if line.contains("// determinism:") { return [] }
        return bans.map(\.word).filter { code.contains($0) }
    }

    @Test func `the engine uses no clock, chance, thread or floating point`() throws {
        for file in try SourceTree.files(below: "Sources/Engine") {
            for (number, line) in file.lines.enumerated() {
                for word in Self.words(in: line) {
                    let instead = Self.bans.first { $0.word == word }?.instead ?? ""
                    Issue.record("\(file.path):\(number + 1) uses \(word): use \(instead)")
                }
            }
        }
    }

    @Test func `the engine holds no hashed collection`() throws {
        for file in try SourceTree.files(below: "Sources/Engine") {
            for (number, line) in file.lines.enumerated() {
                let isHashed =
                    line.contains("Set<") || line.contains("Dictionary")
                    || line.contains(#/\[[A-Z][A-Za-z0-9]*\s*:\s*/#)
                #expect(!isHashed, "\(file.path):\(number + 1) holds a hashed collection")
            }
        }
    }

    @Test func `the bans find what they name and nothing in comments`() {
        #expect(Self.words(in: "let x = Date()") == ["Date("])
        #expect(Self.words(in: "let x = 1  // a Date( in a comment").isEmpty)
        #expect(Self.words(in: "let x: Double = 1  // determinism: shown only").isEmpty)
    }
}
