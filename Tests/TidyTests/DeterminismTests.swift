import Testing

/// What the fold may not use; each ban names its replacement. An exception carries
/// `// determinism: why` on its line.
@Suite struct DeterminismTests {
    /// Whole words, or parts of words where they begin or end with a star.
    static let bans: [(word: String, instead: String)] = [
        ("Date", "time is an argument"), ("ContinuousClock", "time is an argument"),
        ("SuspendingClock", "time is an argument"), ("Clock", "time is an argument"),
        ("TimeInterval", "whole nanoseconds"), ("Instant", "time is an argument"),
        ("Task", "the fold has one thread"), ("async", "the fold has one thread"),
        ("await", "the fold has one thread"), ("actor", "the fold has one thread"),
        ("*Actor", "the fold has one thread"), ("*Thread*", "the fold has one thread"),
        ("Dispatch*", "the fold has one thread"), ("Mutex", "the fold has one thread"),
        ("Atomic*", "the fold has one thread"), ("*random*", "a seed in the caller"),
        ("*Random*", "a seed in the caller"), ("shuffle*", "a seed in the caller"),
        ("UUID", "ids come with events"), ("hashValue", "a digest of the content"),
        ("Hasher", "a digest of the content"), ("ObjectIdentifier", "an index"),
        ("print", "an output"), ("debugPrint", "an output"), ("dump", "an output"),
        ("readLine", "an event"), ("Double", "exact integers"), ("*Float*", "exact integers"),
        ("ProcessInfo", "configuration events"), ("CommandLine", "configuration events"),
        ("FileManager", "the journal"), ("Foundation", "nothing"), ("Glibc", "nothing"),
        ("fatalError", "precondition with a sentence"), ("Set", "a sorted array"),
        ("Dictionary", "a sorted array"), ("unowned", "an index"),
    ]

    /// Code that says the same without a word of the list.
    static var forms: [(form: Regex<Substring>, name: String)] {
        [
            (#/\[\s*\[?[A-Z][\w.]*\]?\s*:\s*[A-Z\[(]/#, "a dictionary type"),
            (#/\[\s*:\s*\]/#, "a dictionary literal"),
            (#/\[\s*(?:"[^"]*"|\d+|\.\w+)\s*:/#, "a dictionary literal"),
            (#/(?:^|[^\w.])\d[\d_]*\.\d/#, "a floating-point literal"),
            (#/(?:^|[^\w.])\d[\d_]*[eE][-+]?\d/#, "a floating-point literal"),
            (#/\bstatic\s+var\s+\w+\s*(?::[^{=]*)?=/#, "a variable of the whole process"),
            (#/nonisolated\s*\(\s*unsafe/#, "a variable of the whole process"),
        ]
    }

    private static func matches(_ ban: String, _ word: Substring) -> Bool {
        let core = ban.filter { $0 != "*" }
        switch (ban.hasPrefix("*"), ban.hasSuffix("*")) {
        case (true, true): return word.contains(core)
        case (true, false): return word.hasSuffix(core)
        case (false, true): return word.hasPrefix(core)
        case (false, false): return word == core
        }
    }

    /// What a line of code uses that it may not.
    static func breaches(in code: String) -> [String] {
        let words = code.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        return bans.map(\.word).filter { ban in words.contains { matches(ban, $0) } }
            + forms.filter { code.firstMatch(of: $0.form) != nil }.map(\.name)
    }

    @Test func `the engine uses no clock, chance, thread, hash or floating point`() throws {
        for file in try SourceTree.files(below: "Sources/Engine") {
            for ((number, code), line) in zip(file.code.enumerated(), file.lines)
            where !line.contains("// determinism:") {
                for word in Self.breaches(in: code) {
                    let instead =
                        Self.bans.first { $0.word == word }?.instead ?? "integers, fixed orders"
                    Issue.record("\(file.path):\(number + 1) uses \(word): use \(instead)")
                }
            }
        }
    }

    @Test(arguments: [
        "let x = Date.now", "let x = Date()", "let x: ContinuousClock", "func f() async{",
        "let x = [1, 2].shuffled()", "var g = SystemRandomNumberGenerator()",
        "let x: Set = [1]", "let x = Set([1])", "let x: [UInt64: Int]", "let x: [[UInt8]: Int]",
        "var x = [Key: [Int]]()", "f([:])", "let x = [\"\": 1]", "let x = [.a: 1]",
        "let x = 1.5", "let x = 1e9", "let x: CGFloat", "static var x = 1",
        "static var x: Int = 1", "nonisolated(unsafe) var x = 1", "@MainActor func f()",
    ])
    func `the bans find what they name`(_ code: String) {
        #expect(!Self.breaches(in: code).isEmpty)
    }

    @Test(arguments: [
        "struct Flags: OptionSet {", "let x = pair.0.1", "for x in 1...5", "let x = 0x1e9",
        "static var x: Int { 1 }", "x[index ? One : Two]", "let slice = x[a..<b]",
        "f(name: [Int](), other: One)", "let known = applyClock(tick)",
    ])
    func `the bans find nothing else`(_ code: String) {
        #expect(Self.breaches(in: code).isEmpty)
    }

    @Test func `comments and literals are no code, interpolations are`() {
        let code = SourceCode(
            """
            let a = "Date() // \\(b("x", Set()))" // Date()
            /* Date() /* Date() */ Date()
            */ let c = #"\\(Date())"# + "http://" + Float.pi
            """)
        #expect(code.isWhole && code.lines.count == 3)
        #expect(Self.breaches(in: code.lines[0]) == ["Set"])
        #expect(Self.breaches(in: code.lines[1]).isEmpty)
        #expect(Self.breaches(in: code.lines[2]) == ["*Float*"])
        #expect(!SourceCode("let a = \"").isWhole)
    }

    @Test func `all sources are read to their end`() throws {
        for folder in ["Sources", "Tests", "Benchmarks"] {
            for file in try SourceTree.files(below: folder) {
                let code = SourceCode(file.text)
                #expect(code.isWhole && code.lines.count == file.lines.count, "\(file.path)")
            }
        }
    }
}
