import Foundation

/// One Swift source of the project, with its place.
struct SourceFile {
    let path: String
    let text: String

    var lines: [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The lines without comments and without the insides of literals.
    var code: [String] { SourceCode(text).lines }
}

/// A folder that is looked at holds no source: then its checks would prove nothing.
struct NoSources: Error {
    let folder: String
}

/// The sources below a folder of the checkout.
enum SourceTree {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The folders right below `folder`.
    static func folders(in folder: String) throws -> [String] {
        let base = root.appendingPathComponent(folder)
        return try FileManager.default.contentsOfDirectory(atPath: base.path).sorted()
            .filter { FileManager.default.fileExists(atPath: base.path + "/\($0)/.") }
    }

    /// All files below `folder`, of whatever kind.
    static func names(below folder: String) throws -> [String] {
        let base = root.appendingPathComponent(folder).path
        return try FileManager.default.subpathsOfDirectory(atPath: base).sorted()
            .filter { !FileManager.default.fileExists(atPath: base + "/\($0)/.") }
    }

    static func files(below folder: String) throws -> [SourceFile] {
        let base = root.appendingPathComponent(folder)
        guard let walk = FileManager.default.enumerator(atPath: base.path) else {
            throw NoSources(folder: folder)
        }
        var files: [SourceFile] = []
        for case let name as String in walk where name.hasSuffix(".swift") {
            let text = try String(contentsOf: base.appendingPathComponent(name), encoding: .utf8)
            files.append(SourceFile(path: folder + "/" + name, text: text))
        }
        if files.isEmpty { throw NoSources(folder: folder) }
        return files.sorted { $0.path < $1.path }
    }
}
