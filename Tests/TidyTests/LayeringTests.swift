import Testing

/// Which module may name which: the package manager alone does not keep the arrows.
@Suite struct LayeringTests {
    static let allowed: [(folder: String, modules: Set<String>)] = [
        ("Sources/Engine", []),
        ("Sources/EngineWasm", ["Engine"]),
        ("Sources/Journal", ["CZstd", "COpenSSL", "Glibc"]),
        ("Sources/Venues", ["Engine"]),
        (
            "Sources/Server",
            [
                "Engine", "Journal", "Venues", "COpenSSL", "Glibc", "Foundation", "Dispatch",
                "CDispatch", "Synchronization", "HTTPTypes", "Hummingbird", "Logging", "NIOCore",
                "NIOPosix", "NIOHTTP1", "NIOSSL", "NIOWebSocket", "AsyncHTTPClient",
            ]
        ),
        ("Sources/tapefold", ["Server", "ArgumentParser", "Foundation"]),
        (
            "Sources/replay-tool",
            [
                "Engine", "Journal", "Venues", "Server", "ArgumentParser", "Foundation",
                "COpenSSL", "CZlib", "Logging", "Synchronization",
            ]
        ),
    ]

    /// The modules that code imports, in whatever form, and the line of each.
    static func imports(in code: [String]) -> [(line: Int, module: String)] {
        var result: [(line: Int, module: String)] = []
        // `import` may stand alone on its line, and several may stand on one.
        let form =
            #/\bimport\s+(?:(?:struct|class|enum|protocol|typealias|func|var|let)\s+)?`?(\w+)/#
        let text = code.joined(separator: "\n")
        for match in text.matches(of: form) {
            let line = text[..<match.range.lowerBound].filter { $0 == "\n" }.count
            result.append((line, String(match.1)))
        }
        return result
    }

    private static func modules(_ source: String) -> [String] {
        imports(in: SourceCode(source).lines).map(\.module)
    }

    @Test(arguments: allowed.map(\.folder))
    func `a folder imports only what its place allows`(_ folder: String) throws {
        let modules = Self.allowed.first { $0.folder == folder }?.modules ?? []
        for file in try SourceTree.files(below: folder) {
            for (number, module) in Self.imports(in: file.code) {
                #expect(
                    modules.contains(module),
                    "\(file.path):\(number + 1) imports \(module), which is not its to know")
            }
        }
    }

    @Test func `only the zstd and hash files of the journal touch the C libraries`() throws {
        for file in try SourceTree.files(below: "Sources/Journal") {
            let names = Self.imports(in: file.code).map(\.module)
            let isCodec = file.path.contains("Zstd")
            #expect(!names.contains("CZstd") || isCodec, "\(file.path) imports CZstd")
            #expect(
                !names.contains("COpenSSL") || file.path.contains("HashChain"),
                "\(file.path) imports COpenSSL")
        }
    }

    @Test func `every folder of sources has its place, and pure ones hold Swift alone`() throws {
        let libraries = ["COpenSSL", "CZlib", "CZstd"]
        let known = Self.allowed.map { String($0.folder.dropFirst("Sources/".count)) }
        #expect(try SourceTree.folders(in: "Sources") == (known + libraries).sorted())
        for folder in ["Engine", "Journal", "Venues", "Server"] {
            let files = try SourceTree.names(below: "Sources/" + folder)
            for name in files where !name.hasSuffix(".swift") {
                Issue.record("Sources/\(folder)/\(name) is no Swift source")
            }
        }
    }

    @Test func `no module is reached past its imports`() throws {
        let words = ["dlopen", "dlsym", "@_silgen_name", "@_extern", "@_exported", "@_spi"]
        for (folder, _) in Self.allowed {
            for file in try SourceTree.files(below: folder) {
                for (number, line) in file.code.enumerated() {
                    for word in words where line.contains(word) {
                        Issue.record("\(file.path):\(number + 1) reaches out with \(word)")
                    }
                }
            }
        }
    }

    @Test func `the reader of imports knows their forms`() {
        #expect(Self.modules("public import Engine") == ["Engine"])
        #expect(Self.modules("@testable import Engine") == ["Engine"])
        #expect(Self.modules("@_spi(X) package import Engine") == ["Engine"])
        #expect(Self.modules("    import struct Foundation.Data") == ["Foundation"])
        #expect(Self.modules("import Foundation  // Engine") == ["Foundation"])
        #expect(Self.modules("import /* Engine */ Foundation") == ["Foundation"])
        #expect(Self.modules("import\n    Foundation") == ["Foundation"])
        #expect(Self.modules("import Engine; import Foundation") == ["Engine", "Foundation"])
        #expect(Self.modules("// import Foundation").isEmpty)
        #expect(Self.modules(#"print("import Foundation")"#).isEmpty)
    }
}
