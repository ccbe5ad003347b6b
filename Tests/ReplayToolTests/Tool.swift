import Foundation

/// Runs the built command as a user would.
struct Tool {
    struct Result {
        var code: Int32
        var output: String
        var errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// The checkout.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A folder of the test's own, removed with `remove`.
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tapefold-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    static func fixture(_ name: String) -> String {
        root.appendingPathComponent("fixtures/\(name)").path
    }

    static func text(_ fixture: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent("fixtures/\(fixture)"), encoding: .utf8)
    }

    /// The command beside the test's own program.
    static var program: URL {
        let bundle = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
        return bundle.deletingLastPathComponent().appendingPathComponent("replay-tool")
    }

    func run(_ arguments: String...) throws -> Result { try run(arguments) }

    /// Runs `program`, which stands beside the command, in this folder; `environment` is all that
    /// it sees of the environment, nil: what the test sees.
    func run(
        _ arguments: [String], program: String = "replay-tool",
        environment: [String: String]? = nil
    ) throws -> Result {
        let process = Process()
        process.executableURL = Tool.program.deletingLastPathComponent()
            .appendingPathComponent(program)
        process.arguments = arguments
        if let environment {
            // What should end at once and does not is ended.
            process.arguments = ["-s", "KILL", "60", process.executableURL?.path ?? ""] + arguments
            process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
            process.environment = environment
            process.currentDirectoryURL = folder
        }
        let outputFile = folder.appendingPathComponent("out-\(UUID().uuidString)")
        let errorFile = folder.appendingPathComponent("err-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: outputFile.path, contents: nil)
        _ = FileManager.default.createFile(atPath: errorFile.path, contents: nil)
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: errorFile)
        try process.run()
        process.waitUntilExit()
        return Result(
            code: process.terminationStatus,
            output: try String(contentsOf: outputFile, encoding: .utf8),
            errors: try String(contentsOf: errorFile, encoding: .utf8))
    }
}
