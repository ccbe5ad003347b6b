import Testing

/// Which module may name which: the package manager alone does not keep the arrows.
@Suite struct LayeringTests {
    static let allowed: [(folder: String, modules: Set<String>)] = [
        ("Sources/Engine", []),
        ("Sources/EngineWasm", ["Engine"]),
        ("Sources/Journal", ["CZstd", "COpenSSL", "Glibc"]),
        ("Sources/Venues", ["Engine"]),
        ("Sources/Server", ["Engine", "Journal"]),
        (
            "Sources/replay-tool",
            [
                "Engine", "Journal", "Venues", "Server", "ArgumentParser", "Foundation",
                "COpenSSL", "CZlib",
            ]
        ),
    ]

    /// The modules that a line imports.
    static func module(in line: String) -> String? {
        let words = line.split(separator: " ").filter {
            !["public", "internal", "@testable", "@preconcurrency"].contains($0)
        }
        guard words.count >= 2, words[0] == "import" else { return nil }
        return words.last.map { String($0.split(separator: ".")[0]) }
    }

    @Test(arguments: allowed.map(\.folder))
    func `a folder imports only what its place allows`(_ folder: String) throws {
        let modules = Self.allowed.first { $0.folder == folder }?.modules ?? []
        for file in try SourceTree.files(below: folder) {
            for (number, line) in file.lines.enumerated() {
                guard let module = Self.module(in: line) else { continue }
                #expect(
                    modules.contains(module),
                    "\(file.path):\(number + 1) imports \(module), which is not its to know")
            }
        }
    }

    @Test func `only the zstd and hash files of the journal touch the C libraries`() throws {
        for file in try SourceTree.files(below: "Sources/Journal") {
            let names = file.lines.compactMap(Self.module)
            let isCodec = file.path.contains("Zstd")
            #expect(!names.contains("CZstd") || isCodec, "\(file.path) imports CZstd")
            #expect(
                !names.contains("COpenSSL") || file.path.contains("HashChain"),
                "\(file.path) imports COpenSSL")
        }
    }

    @Test func `the reader of imports knows their forms`() {
        #expect(Self.module(in: "public import Engine") == "Engine")
        #expect(Self.module(in: "@testable import Engine") == "Engine")
        #expect(Self.module(in: "import struct Foundation.Data") == "Foundation")
        #expect(Self.module(in: "// import Foundation") == nil)
    }
}
